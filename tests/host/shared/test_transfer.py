import pytest
import torch
from torch.overrides import TorchFunctionMode

from lib_train.host.shared import transfer
from lib_train.host.shared.transfer import Arriving, sent
from lib_train.host.standalone.host import StandaloneHost
from lib_train.training.events import StepDone
from tests.training.runs import assembled, run_config


def test_tensor_on_a_cpu_is_not_copied():
    tensor = torch.ones(3)
    assert sent(tensor, torch.device("cpu")) is tensor
    assert float(Arriving(torch.tensor(0.25))) == 0.25


class Gpu:
    """Stands for a GPU in these tests: a page-locked copy holds its number when its event has happened, not before."""

    def __init__(self, monkeypatch):
        self.calls = []
        monkeypatch.setattr(torch.Tensor, "is_cuda", property(lambda tensor: True))
        monkeypatch.setattr(torch, "empty", self.empty)
        monkeypatch.setattr(torch.cuda, "Event", lambda blocking: self)
        monkeypatch.setattr(torch.cuda, "current_stream", lambda device: "stream")

    def empty(self, shape, dtype, pin_memory):
        assert (shape, pin_memory) == ((), True)
        return self

    def copy_(self, tensor, non_blocking):
        self.calls.append(("copy", tensor, non_blocking))

    def record(self, stream):
        self.calls.append(("record", stream))

    def synchronize(self):
        self.calls.append(("wait",))

    def __float__(self):
        assert self.calls[-1] == ("wait",), "read before it was there"
        return 0.5


def test_number_of_a_gpu_is_copied_at_once_and_waited_for_alone(monkeypatch):
    gpu, tensor = Gpu(monkeypatch), torch.tensor(7.0)
    arriving = Arriving(tensor)
    assert gpu.calls == [("copy", tensor, True), ("record", "stream")]
    assert [float(arriving), float(arriving)] == [0.5, 0.5]
    assert gpu.calls[2:] == [("wait",)]


class PlacedNumbers(TorchFunctionMode):
    """Collects what puts numbers of the program onto a device by itself, which waits for all that a GPU was sent."""

    def __init__(self):
        super().__init__()
        self.found = []

    def __torch_function__(self, function, types, args=(), kwargs=None):
        if function in (torch.tensor, torch.as_tensor) and (kwargs or {}).get("device") is not None:
            self.found.append(args)
        return function(*args, **(kwargs or {}))


@pytest.mark.parametrize("family", ["sd1", "sd2", "sdxl"])
@pytest.mark.parametrize("rate", [0.0, 1e-3])
def test_a_step_places_no_numbers_on_the_device_but_by_page_locked_memory(checkpoints, pictures, family, rate):
    host = StandaloneHost(device="cpu")
    with host.borrow(host.find(str(checkpoints[family]))) as model:
        run = assembled(run_config(pictures, text_encoder_lr=rate, dataset={"shuffle_caption": True}), model)
        events = run.trainer.events()
        with PlacedNumbers() as placed:
            while not isinstance(next(events), StepDone):
                pass
            assert placed.found == []
            torch.tensor([1], device="cpu")
            assert placed.found == [([1],)]
        events.close()


def test_sending_goes_by_page_locked_memory_and_does_not_wait(monkeypatch):
    class Pinned:
        def to(self, device, non_blocking):
            return device.type, non_blocking

    monkeypatch.setattr(torch.Tensor, "pin_memory", lambda tensor: Pinned())
    assert transfer.sent(torch.ones(1), torch.device("cuda")) == ("cuda", True)
