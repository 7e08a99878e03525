"""Who waits for the WebUI while a run holds it, on the stand-in of ``tests.fake_webui``."""

from contextlib import nullcontext

import pytest

from tests.host.inputs import picture_request
from tests.host.inside import Waiting, borrowed


@pytest.fixture
def queue_lock(adapter):
    from modules import call_queue

    return call_queue.queue_lock


@pytest.mark.parametrize("wakes_in", [0.0, 0.3], ids=["idle machine", "busy machine"])
@pytest.mark.parametrize("when", ["between two steps", "between two pictures"])
def test_everybody_who_waits_is_served_before_the_run_goes_on(sd_model, host, queue_lock, wakes_in, when):
    served = []
    with borrowed(host) as model:
        queue_lock.wakes_in = wakes_in
        waiting = [Waiting(lambda number=number: served.append(number)) for number in range(3)]
        if when == "between two steps":
            assert model.between_steps(1, 9, nullcontext)
        else:
            next(iter(host.render(model, [picture_request()])))
        assert served == [0, 1, 2]
        assert not queue_lock.acquire(blocking=False)
    for one in waiting:
        one.join(5)


def test_who_comes_while_others_are_served_is_served_too_and_nobody_twice(sd_model, host, queue_lock):
    served = []

    def first():
        served.append("first")
        Waiting(lambda: served.append("later"))

    with borrowed(host) as model:
        Waiting(first)
        assert model.between_steps(1, 9, nullcontext)
        assert served == ["first"]  # the other one came behind us
        assert model.between_steps(2, 9, nullcontext)
        assert served == ["first", "later"]


def test_nobody_waits_for_nothing(sd_model, host, queue_lock):
    from lib_train.host.webui.queue import let_others_first

    with queue_lock:
        let_others_first()
        assert not queue_lock.acquire(blocking=False)
    assert queue_lock.acquire(blocking=False)
