"""A queue that outlives its process, and one that two programs work with."""

import os
from functools import partial

import pytest

from lib_train.config.queue import QueueConfig
from lib_train.errors import FileError, HostBusyError, HostModelError
from lib_train.jobs.queue import Queue, Task
from lib_train.jobs.status import Status
from lib_train.jobs.wishes import Wishes
from tests.jobs.waiting import Work, begun_last
from tests.moves import until


def left(root, *names, **config):
    """What a process that was killed left behind, with the first of the jobs going on."""
    if not hasattr(os, "fork"):
        pytest.skip("this system has no fork")
    child = os.fork()
    if not child:
        try:
            work = Work(root)
            work.queue.configure(lambda _: QueueConfig(**config))
            for name in names:
                work.queue.add(work.job(name))
            until(lambda: work.begun)
        finally:
            os._exit(0)  # as a kill, it lets nothing be put in order
    os.waitpid(child, 0)


def test_after_a_restart_the_queue_asks_and_begins_with_the_job_that_went_on(tmp_path):
    left(tmp_path, "a", "b", "c")
    work = Work(tmp_path)
    work.queue.tick()
    found = work.queue.snapshot()
    assert [(job["version"], job["again"]) for job in found["waiting"]] == [("a", True), ("b", False), ("c", False)]
    assert (found["asks"], found["held"], found["running"]) == (True, "3 jobs wait from before", None)
    work.queue.add(work.job("d"))
    assert (work.begun, work.waiting()) == ([], ["a", "b", "c", "d"])
    work.queue.go_on()
    until(partial(begun_last, work, "a"))
    assert (work.again, work.held(), work.queue.snapshot()["asks"]) == ([True], "", False)
    work.close()
    assert work.begun == ["a", "b", "c", "d"]


def test_after_a_restart_the_queue_goes_on_by_itself_where_that_is_wanted(tmp_path):
    left(tmp_path, "a", "b", go_on_by_itself=True)
    work = Work(tmp_path)
    work.queue.tick()
    until(partial(begun_last, work, "a"))
    work.close()
    assert work.begun == ["a", "b"]


def test_what_was_left_can_be_removed_and_moved_before_anybody_goes_on(tmp_path):
    left(tmp_path, "a", "b", "c")
    work = Work(tmp_path)
    work.queue.remove(work.number("a"))
    work.queue.move(work.number("c"), work.number("b"))
    assert work.waiting() == ["c", "b"]
    assert Work(tmp_path).waiting() == ["c", "b"]
    assert work.begun == []


def test_a_job_started_by_hand_leaves_what_waits_from_before_waiting(tmp_path):
    left(tmp_path, "a", "b")
    work = Work(tmp_path)
    work.queue.start(work.job("c"))
    until(partial(begun_last, work, "c"))
    work.end("c")
    until(lambda: not work.queue.busy)
    assert (work.begun, work.waiting(), work.queue.snapshot()["asks"]) == (["c"], ["a", "b"], True)


def test_of_two_programs_one_carries_out_a_job_and_the_other_shows_it_and_adds_more(tmp_path, work):
    other = Work(tmp_path)
    found = other.queue.snapshot()
    assert (found["running"]["version"], other.waiting()) == ("a", ["b", "c"])
    assert "this process" in found["elsewhere"]
    other.queue.add(other.job("d"))
    other.queue.tick()
    assert other.begun == []
    with pytest.raises(HostBusyError, match="p a: a training of it goes on"):
        other.queue.require_unused("p", "a")
    assert work.waiting() == ["b", "c", "d"]
    other.queue.start(other.job("e"))  # is none of the queue's
    other.end("e")
    until(lambda: not other.queue.busy)
    work.close()
    assert (work.begun, other.begun) == (["a", "b", "c", "d"], ["e"])
    assert other.queue.snapshot()["running"] is None


def test_a_job_that_another_program_added_begins_at_the_next_look(tmp_path, empty):
    Work(tmp_path).queue.stop()
    other = Queue(tmp_path, Status(), Wishes())
    other.kinds["train"] = lambda job: Task(do=lambda: "", ready=refuse)
    other.add(empty.job("a"))
    assert empty.begun == []
    empty.queue.tick()
    until(partial(begun_last, empty, "a"))
    assert other.snapshot()["running"]["version"] == "a"


def refuse():
    raise HostModelError("not here")


def test_a_queue_that_cannot_be_written_says_so_and_starts_nothing(tmp_path):
    root = tmp_path / "file"
    root.write_text("where the folder should be")
    work = Work(root)
    for put in (work.queue.start, work.queue.add):
        with pytest.raises(FileError, match="cannot be made"):
            put(work.job("a"))
    assert not work.queue.busy
    assert work.begun == []
