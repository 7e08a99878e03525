"""Nothing in a step waits for the device, and copies arrive whole."""

from contextlib import contextmanager

import pytest
import torch

from lib_train.host.shared.transfer import Arriving, sent
from lib_train.training.events import StepDone
from tests.gpu.conftest import subjects
from tests.training.runs import assembled, run_config
from tests.training.test_trainer_waiting import Reads

EVERY = [(family, precision) for family in ("sd1", "sd2", "sdxl") for precision in ("no", "fp16", "bf16")]


@contextmanager
def no_waiting(device):
    """Counts where the program reads numbers back from tensors; on a GPU it fails where it would wait for one."""
    reads = Reads()
    if device.type == "cuda":
        torch.cuda.set_sync_debug_mode("error")
        try:
            yield reads
        finally:
            torch.cuda.set_sync_debug_mode("default")
    else:
        with reads:
            yield reads


@pytest.mark.parametrize(("device", "family", "precision"), subjects(*EVERY, light=("fake", "fp16"), fp16=True))
@pytest.mark.parametrize("text", [0.0, 1e-3], ids=["captions kept", "text encoder trained"])
def test_a_step_does_not_wait_for_the_device(lent, squares, device, family, precision, text):
    kept = {"no": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}[precision]
    with lent(device, family, kept if family != "fake" else torch.float32) as model:
        settings = {"mixed_precision": precision, "text_encoder_lr": text, "min_snr_gamma": 5.0}
        network = {"network_dropout": 0.1, "module_dropout": 0.1}
        run = assembled(run_config(squares, network=network, gradient_accumulation_steps=2, **settings), model)
        events = run.trainer.events()
        while not isinstance(next(events), StepDone):
            pass  # the first steps take memory from the system and choose kernels
        order = run.batches.epoch(1)
        with no_waiting(device) as reads:
            run.trainer._advance(run.trainer.step + 1, 1, order)
        assert reads.count == 0
        events.close()


@pytest.mark.parametrize("shape", ["whole", "turned", "sliced", "number"])
def test_what_is_sent_arrives_whole_also_where_it_does_not_lie_in_one_piece(device, shape):
    source = torch.arange(2**20, dtype=torch.float32).view(1024, 1024)
    tensor = {"whole": source, "turned": source.t(), "sliced": source[::3, 5:], "number": source[3, 4]}[shape]
    on = sent(tensor, device)
    assert on.device.type == device.type
    assert torch.equal(on.cpu(), tensor)


def test_many_copies_on_their_way_do_not_write_over_each_other(device):
    found = [sent(torch.full((2**18,), float(number)), device) for number in range(64)]
    assert [float(one.min()) for one in found] == [float(one.max()) for one in found] == list(range(64))


@pytest.mark.gpu
def test_a_loss_is_read_while_later_work_still_runs():
    loss = torch.ones(1000, device="cuda").sum()
    arriving, done = Arriving(loss), torch.cuda.Event()
    torch.cuda._sleep(2_000_000_000)  # about a second
    done.record()
    assert float(arriving) == 1000
    assert not done.query()
    done.synchronize()


@pytest.mark.parametrize(("device", "family"), subjects(("sd1",), light=("fake",), fp16=False))
def test_losses_are_told_in_order_and_once_on_every_device(lent, squares, device, family):
    with lent(device, family) as model:
        run = assembled(run_config(squares, max_train_steps=5, save_every_n_steps=2), model)
        steps = [event.step for event in run.trainer.events() if isinstance(event, StepDone)]
    assert steps == [1, 2, 3, 4, 5]
