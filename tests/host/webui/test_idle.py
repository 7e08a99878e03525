"""How long nobody has generated in the WebUI, on the stand-in."""

import time
from contextlib import nullcontext

import pytest

from tests.host.inside import Waiting, borrowed


@pytest.fixture
def clock(monkeypatch):
    now = [1_000_000.0]
    monkeypatch.setattr(time, "time", lambda: now[0])
    return now


@pytest.fixture
def idle(adapter, clock):
    from lib_train.host.webui.idle import Idle

    return Idle()


def test_a_webui_that_has_just_started_counts_as_used_just_now(idle, clock):
    assert idle.seconds() == 0
    clock[0] += 90
    assert idle.seconds() == 90


def test_while_somebody_generates_nobody_is_idle_and_afterwards_time_runs_from_the_end(idle, clock):
    from modules import shared

    clock[0] += 500
    shared.state.begin(job="task(1)")
    clock[0] += 60
    assert idle.seconds() == 0
    clock[0] += 1
    shared.state.end()
    clock[0] += 10
    assert idle.seconds() == 11


def test_a_picture_between_two_looks_counts_from_its_begin(idle, clock):
    from modules import shared

    clock[0] += 500
    shared.state.begin(job="task(1)")
    clock[0] += 20
    shared.state.end()
    clock[0] += 100
    assert idle.seconds() == 120


def test_our_own_jobs_do_not_count_and_what_was_generated_before_them_does(idle, clock):
    from modules import shared

    clock[0] += 500
    shared.state.begin(job="task(1)")
    shared.state.end()
    clock[0] += 5
    idle.begin()
    clock[0] += 1000
    assert idle.seconds() == 1005
    shared.state.end()
    clock[0] += 1
    assert idle.seconds() == 1006


def test_who_generates_between_two_steps_of_a_training_is_noticed(sd_model, host):
    from modules import shared

    def generate():
        shared.state.begin(job="task(2)")
        shared.state.end()

    host.idle._used -= 1000
    with borrowed(host) as model:
        assert host.idle_seconds() > 900
        Waiting(generate)
        assert model.between_steps(1, 9, nullcontext)
        assert host.idle_seconds() < 900
