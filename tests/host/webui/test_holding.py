"""The WebUI's device without a checkpoint, on the stand-in."""

import threading

import pytest

from lib_train.errors import HostBusyError


def test_progress_is_shown_and_ends(host):
    from modules import shared

    with host.computing() as go_on:
        assert go_on(3, 9)
        assert (shared.state.job, shared.state.job_no, shared.state.job_count) == ("train-tools", 3, 9)
    assert (shared.state.job, shared.state.job_count) == ("", 0)


def test_a_checkpoint_that_is_being_loaded_is_waited_for(host):
    from modules import sd_models

    entered = threading.Event()

    def hold():
        with host.computing():
            entered.set()

    with sd_models.model_data.lock:
        worker = threading.Thread(target=hold, daemon=True)
        worker.start()
        assert not entered.wait(0.1)
    assert entered.wait(5)
    worker.join()


def test_parts_that_lie_on_the_device_for_medvram_make_room(host, monkeypatch):
    from modules import lowvram

    sent: list[str] = []
    monkeypatch.setattr(lowvram, "send_everything_to_cpu", lambda: sent.append("to cpu"))
    with host.computing():
        assert sent == ["to cpu"]


def test_second_job_of_this_process_is_refused(host):
    with host.computing(), pytest.raises(HostBusyError, match="another job of this process"), host.computing():
        pass
