"""The adapter inside the WebUI, on the stand-in of ``tests.fake_webui``: what the contract cannot ask of every host."""

import threading
import time
from contextlib import nullcontext

import pytest
import torch

from lib_train.errors import HostBusyError, ModelFileError
from lib_train.jobs.listener import Nobody
from lib_train.jobs.running import Loop
from lib_train.jobs.wishes import Wishes
from lib_train.training.events import StepDone
from tests.fakes import fake_assembly
from tests.host.inputs import noisy, picture_request
from tests.host.inside import (
    Waiting,
    borrowed,
    leave_traces,
    load,
    no_checkpoint,
    refusal,
    require_same,
    require_traces,
    state_of,
)


def paused_into(calls):
    """What a trainer hands to ``between_steps``; appends to ``calls`` when its network goes off and on."""

    class Paused:
        def __enter__(self):
            calls.append("off")

        def __exit__(self, *error):
            calls.append("on")

    return Paused


def test_between_steps_whoever_waits_gets_the_untouched_model(sd_model, host):
    from modules import shared

    tiled = leave_traces(sd_model)
    calls: list[str] = []
    before = state_of(sd_model)
    with borrowed(host) as model:
        assert model.between_steps(1, 9, paused_into(calls))
        assert (shared.state.job_no, shared.state.job_count, calls) == (1, 9, [])

        def work():
            calls.append("work")
            require_same(before, sd_model)
            require_traces(tiled)

        waiting = Waiting(work)
        assert model.between_steps(2, 9, paused_into(calls))
        assert waiting.served
        assert calls == ["off", "work", "on"]
        assert (shared.state.job, shared.state.job_no, shared.state.job_count) == ("train-tools", 2, 9)
        assert not any(parameter.requires_grad for parameter in sd_model.parameters())
        assert not any(module.training for module in sd_model.modules())
    require_same(before, sd_model)


def test_a_model_set_aside_is_the_webui_s_own_until_it_is_taken_back(any_model, host):
    from modules import call_queue, shared

    tiled = leave_traces(any_model)
    before = state_of(any_model)
    with borrowed(host) as model:
        with model.set_aside() as look:
            look()
            assert shared.state.job == ""
            with call_queue.queue_lock:  # somebody generates a picture
                require_same(before, any_model)
                require_traces(tiled)
        assert shared.state.job == "train-tools"
        assert not call_queue.queue_lock.acquire(blocking=False)
        assert not any(parameter.requires_grad for parameter in any_model.parameters())
        assert not any(module.training for module in any_model.modules())
    require_same(before, any_model)


def test_a_change_of_the_model_is_not_looked_at_while_somebody_is_at_it(sd_model, host):
    from modules import call_queue, sd_models

    with borrowed(host) as model, model.set_aside() as look:
        with call_queue.queue_lock:
            sd_models.model_data.sd_model = None  # as another checkpoint is being loaded
            assert look() is None
            sd_models.model_data.sd_model = sd_model
        assert look() is None


def test_a_run_that_is_paused_in_the_webui_gives_the_losses_of_one_that_is_not(sd_model, host, pictures):
    from modules import call_queue, shared

    leave_traces(sd_model)
    before = state_of(sd_model)

    def losses(wishes, does):
        found = []

        def keep(event):
            if isinstance(event, StepDone):
                found.append(event)
                does(event)

        with borrowed(host) as model:
            trainer = fake_assembly(pictures, model, text_encoder_lr=1e-3).trainer
            assert Loop(trainer, model, [keep], wishes, Nobody()).run_to_end()
        return found

    def pause(event):
        if event.step == 2:
            wishes.pause.set()
            threading.Thread(target=somebody, daemon=True).start()

    def somebody():
        while shared.state.job:  # until it stands still
            time.sleep(0.01)
        with call_queue.queue_lock:
            require_same(before, sd_model)
            sd_model.model.diffusion_model(noisy(1), torch.tensor([5]), sd_model.cond_stage_model("a"))
        served.append(True)
        wishes.pause.clear()

    wishes = Wishes()
    served: list[bool] = []
    assert losses(wishes, pause) == losses(Wishes(), lambda event: None)
    assert served == [True]
    require_same(before, sd_model)


@pytest.mark.parametrize("flag", ["interrupted", "stopping_generation"])
def test_between_steps_an_interrupt_is_the_wish_to_stop(sd_model, host, flag):
    from modules import shared

    with borrowed(host) as model:
        setattr(shared.state, flag, True)
        assert not model.between_steps(1, 9, nullcontext)


def test_an_interrupted_preview_is_no_picture_and_the_wish_to_stop(sd_model, host, monkeypatch):
    from modules import processing, shared

    drawing = processing.process_images

    def pressed(p):
        if p.seed == 6:
            shared.state.interrupted = True
        return drawing(p)

    monkeypatch.setattr(processing, "process_images", pressed)
    with borrowed(host) as model:
        assert (
            len(list(host.render(model, [picture_request(seed=5), picture_request(seed=6), picture_request(seed=7)])))
            == 1
        )
        assert not model.between_steps(1, 9, nullcontext)


def test_with_medvram_the_model_trains_elsewhere_than_it_rests(adapter, sd_model, host, monkeypatch):
    """Its hooks keep it in main memory between generations; while it is lent it lies on the GPU."""
    from modules import lowvram

    lowvram.setup_for_low_vram(sd_model)
    monkeypatch.setattr(adapter, "_device_of", lambda m: "cpu" if m.model._forward_pre_hooks else "cuda:0")
    with borrowed(host) as model:
        assert model.between_steps(1, 9, nullcontext)
        waiting = Waiting(lambda: None)
        assert model.between_steps(2, 9, nullcontext)
        assert waiting.served


def test_lowvram_is_refused(sd_model, host):
    from modules import shared

    shared.cmd_opts.lowvram = True
    assert refusal(host).endswith("start it with --medvram")


def test_nothing_loaded_and_half_loaded_are_refused(sd_model, host):
    assert host.problem() is None
    del sd_model.cond_stage_model_empty_prompt
    assert "no checkpoint is loaded: choose one" in refusal(host)
    no_checkpoint(sd_model)
    assert "no checkpoint is loaded: choose one" in refusal(host)


def test_another_checkpoint_than_the_settings_name_is_refused(sd_model, host, checkpoints):
    ref = host.find("")
    load(checkpoints, "sd2")
    with pytest.raises(HostBusyError, match="has 'tiny_sd2.safetensors' loaded now, not 'tiny_sd1"), host.borrow(ref):
        pass


def test_prediction_type_that_the_webui_does_not_sample_with_is_refused(sd_model, host):
    assert host.find("", prediction_type="epsilon") == host.find("")
    with pytest.raises(
        ModelFileError, match=r"prediction_type = 'v': the WebUI has 'tiny_sd1.safetensors' loaded as eps"
    ):
        host.find("", prediction_type="v")


def test_hash_of_the_checkpoint_is_the_one_that_the_webui_knows(sd_model, host):
    assert host.find("").sha256 == ""
    sd_model.sd_checkpoint_info.sha256 = "ab" * 32
    assert host.find("").sha256 == "ab" * 32
