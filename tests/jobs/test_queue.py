import threading
from functools import partial

import pytest

from lib_train.errors import FileError, HostBusyError, HostModelError, ProjectError
from lib_train.jobs.queue import Job, Queue, Stopped
from lib_train.jobs.status import Status
from lib_train.jobs.wishes import Wishes
from tests.moves import until


class Work:
    """Jobs that end when they are told to, in a queue of their own."""

    def __init__(self):
        self.wishes, self.status = Wishes(), Status()
        self.queue, self.begun, self.refusal = Queue(self.status, self.wishes), [], None
        self.ends = {}

    def job(self, name):
        self.ends[name] = threading.Event(), []

        def do():
            self.begun.append(name)
            end, faults = self.ends[name]
            assert end.wait(100)
            if faults:
                raise faults[0]
            return f"{name} is done"

        def ready():
            if self.refusal:
                raise self.refusal

        return Job(kind="train", project="p", version=name, do=do, ready=ready, steps=7)

    def end(self, name, *faults):
        self.ends[name][1].extend(faults)
        self.ends[name][0].set()

    def waiting(self):
        return [job["version"] for job in self.queue.snapshot()["waiting"]]


@pytest.fixture
def work():
    """With "a" going on, and "b" and "c" behind it."""
    made = Work()
    made.queue.start(made.job("a"))
    made.queue.add(made.job("b"))
    made.queue.add(made.job("c"))
    yield made
    for name in made.ends:
        made.end(name)
    until(lambda: not made.queue.busy)


def begun_last(work, name):
    return work.begun[-1:] == [name]


def waiting_are(work, names):
    return work.waiting() == names


def test_jobs_take_their_turns_one_after_the_other(work):
    assert (work.waiting(), work.queue.snapshot()["waiting"][0]["steps"]) == (["b", "c"], 7)
    for name, left in (("a", ["c"]), ("b", []), ("c", [])):
        until(partial(begun_last, work, name))
        work.end(name)
        until(partial(waiting_are, work, left))
    until(lambda: not work.queue.busy)
    assert work.begun == ["a", "b", "c"]
    assert work.status.job()["outcome"] == "c is done"
    assert [ended["text"] for ended in work.queue.snapshot()["ended"]] == [f"{name} is done" for name in "abc"]


def test_a_failure_hands_on_and_is_still_told_at_the_end(work):
    work.end("a", FileError("the disk is full"))
    work.end("b")
    work.end("c")
    until(lambda: not work.queue.busy)
    ended = work.queue.snapshot()["ended"]
    assert [(one["version"], one["phase"]) for one in ended] == [("a", "failed"), ("b", "finished"), ("c", "finished")]
    assert ended[0]["text"] == "the disk is full"
    work.queue.start(work.job("d"))
    assert work.queue.snapshot()["ended"] == []


@pytest.mark.parametrize("who", ["here", "in the host"])
def test_after_a_stop_the_queue_waits_until_it_is_told_to_go_on(work, who):
    if who == "here":
        work.queue.stop()
        assert work.queue.snapshot()["held"]  # at once: the page can say so
        assert work.wishes.stop.is_set()
    work.end("a", Stopped("a is saved"))
    until(lambda: not work.queue.busy)
    assert (work.waiting(), work.queue.snapshot()["held"]) == (["b", "c"], "the job before was stopped")
    work.queue.add(work.job("d"))
    assert work.begun == ["a"]
    work.queue.go_on()
    until(lambda: work.begun == ["a", "b"])
    assert not work.wishes.stop.is_set()
    assert work.queue.snapshot()["held"] == ""


def test_what_is_held_may_be_told_to_go_on_before_the_stopped_job_has_ended(work):
    work.queue.stop()
    work.queue.go_on()
    work.end("a")
    until(lambda: work.begun == ["a", "b"])
    assert (work.waiting(), work.queue.snapshot()["held"]) == (["c"], "")


@pytest.mark.parametrize(
    ("version", "refusal"),
    [("a", "p a: a training of it goes on; stop it first"),
     ("c", "p c: a training of it waits for its turn; remove it from the queue first"),
     ("", "p a: a training of it goes on")],
)  # fmt: skip
def test_what_a_job_needs_is_not_given_to_be_renamed_or_deleted(work, version, refusal):
    with pytest.raises(HostBusyError, match=refusal):
        work.queue.require_unused("p", version)
    work.queue.require_unused("p", "d")
    work.queue.require_unused("q")


def test_a_removed_job_gets_no_turn_and_one_that_has_begun_is_not_removed(work):
    first, second = (job["number"] for job in work.queue.snapshot()["waiting"])
    work.queue.remove(first)
    for number in (first, 99, "1", None, [1]):
        with pytest.raises(ProjectError, match="waits no more"):
            work.queue.remove(number)
    work.end("a")
    until(lambda: work.begun == ["a", "c"])
    with pytest.raises(ProjectError, match="waits no more"):
        work.queue.remove(second)


def test_nothing_is_held_where_nothing_waits(work):
    work.queue.stop()
    for job in work.queue.snapshot()["waiting"]:
        work.queue.remove(job["number"])
    assert work.queue.snapshot()["held"] == ""


def test_while_the_host_cannot_do_the_next_job_it_keeps_its_place(work):
    work.refusal = HostModelError("no checkpoint is loaded")
    work.end("a")
    until(lambda: not work.queue.busy)
    assert (work.waiting(), work.queue.snapshot()["held"]) == (["b", "c"], "no checkpoint is loaded")
    with pytest.raises(HostModelError):
        work.queue.go_on()
    work.refusal = None
    work.queue.go_on()
    until(lambda: work.begun == ["a", "b"])


def test_a_second_job_is_not_begun_beside_the_first(work):
    with pytest.raises(HostBusyError, match="add a training to the queue"):
        work.queue.start(work.job("d"))
    assert work.begun == ["a"]
