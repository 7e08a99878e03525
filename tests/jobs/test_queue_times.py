"""When the next job begins, beside its turn."""

from functools import partial

from lib_train.config.queue import QueueConfig
from tests.jobs.waiting import begun_last
from tests.moves import until


def test_a_paused_queue_begins_nothing_and_leaves_the_job_that_goes_on(work):
    work.queue.configure(lambda config: QueueConfig(paused=True))
    assert work.held() == "it is paused"
    work.end("a")
    until(lambda: not work.queue.busy)
    assert work.begun == ["a"]
    work.queue.start(work.job("d"))  # which is asked for now
    work.end("d")
    until(lambda: not work.queue.busy)
    assert work.waiting() == ["b", "c"]
    work.queue.go_on()
    until(partial(begun_last, work, "b"))
    assert not work.queue.snapshot()["settings"]["paused"]


def test_jobs_wait_for_a_time_of_day_and_later_ones_for_that_of_the_next_day(empty):
    empty.queue.configure(lambda config: QueueConfig(start_at="01:00"))
    empty.queue.add(empty.job("a"))
    empty.queue.add(empty.job("b"))
    empty.now += 12.9 * 3600
    empty.queue.tick()
    assert (empty.begun, empty.held()) == ([], "it begins at 01:00")
    empty.now += 0.2 * 3600
    empty.queue.tick()
    until(partial(begun_last, empty, "a"))
    empty.end("a")
    until(partial(begun_last, empty, "b"))
    empty.end("b")
    until(lambda: not empty.queue.busy)
    empty.queue.add(empty.job("c"))
    assert (empty.waiting(), empty.held()) == (["c"], "it begins at 01:00")
    empty.queue.go_on()  # somebody does not wait for it
    until(partial(begun_last, empty, "c"))


def test_a_time_that_is_given_later_counts_for_those_that_wait_and_one_that_is_taken_back_too(work):
    work.queue.configure(lambda config: QueueConfig(start_at="13:00"))
    work.end("a")
    until(lambda: not work.queue.busy)
    assert work.held() == "it begins at 13:00"
    work.queue.configure(lambda config: QueueConfig(start_at="", idle_minutes=0))
    until(partial(begun_last, work, "b"))


def test_jobs_begin_only_while_nobody_has_generated_for_so_many_minutes(work):
    work.queue.configure(lambda config: QueueConfig(idle_minutes=10))
    work.idle = 599.0
    work.end("a")
    until(lambda: not work.queue.busy)
    work.queue.tick()
    assert (work.begun, work.held()) == (["a"], "it begins when nobody has generated a picture for 10 min")
    work.idle = 600.0
    work.queue.tick()
    until(partial(begun_last, work, "b"))


def test_a_training_of_the_queue_makes_room_while_somebody_generates(work):
    work.end("a")
    until(partial(begun_last, work, "b"))
    work.queue.configure(lambda config: QueueConfig(idle_minutes=1))
    for idle, paused in ((90.0, False), (0.0, True), (59.0, True), (61.0, False), (3.0, True)):
        work.idle = idle
        work.queue.tick()
        assert work.wishes.pause.is_set() == paused
    work.wishes.pause.clear()  # somebody wants it to go on nevertheless
    work.queue.tick()
    assert not work.wishes.pause.is_set()


def test_a_training_that_somebody_started_or_paused_is_left_to_them(work):
    work.queue.configure(lambda config: QueueConfig(idle_minutes=1))
    work.idle = 0.0
    work.queue.tick()
    assert not work.wishes.pause.is_set()
    work.idle = 90.0
    work.end("a")
    until(partial(begun_last, work, "b"))
    work.wishes.pause.set()
    work.queue.tick()
    assert work.wishes.pause.is_set()
