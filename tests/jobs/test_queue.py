import threading
from functools import partial

import pytest

from lib_train.errors import FileError, HostBusyError, HostModelError, ProjectError
from lib_train.jobs.queue import Job, Stopped
from lib_train.store.queue_file import QueueFile
from tests.jobs.waiting import begun_last, waiting_are
from tests.moves import until


def test_jobs_take_their_turns_one_after_the_other(work):
    assert (work.waiting(), work.queue.snapshot()["waiting"][0]["steps"]) == (["b", "c"], 7)
    for name, left in (("a", ["c"]), ("b", []), ("c", [])):
        until(partial(begun_last, work, name))
        assert work.queue.snapshot()["running"]["version"] == name
        work.end(name)
        until(partial(waiting_are, work, left))
    until(lambda: not work.queue.busy)
    assert work.begun == ["a", "b", "c"]
    assert work.status.job()["outcome"] == "c is done"
    assert [ended["text"] for ended in work.queue.snapshot()["ended"]] == [f"{name} is done" for name in "abc"]


def test_a_job_that_starts_at_once_knows_the_key_by_which_it_is_kept(empty, tmp_path):
    known = []
    empty.queue.kinds["train"] = lambda job: known.append(job.key) or empty.task(job)
    empty.queue.start(empty.job("a"))
    running = QueueFile(tmp_path).read().running
    assert running is not None
    assert known == [running.key] != [""]


def test_a_failure_hands_on_and_is_told_until_somebody_removes_it(work):
    work.end("a", FileError("the disk is full"))
    work.end("b")
    work.end("c")
    until(lambda: not work.queue.busy)
    ended = work.queue.snapshot()["ended"]
    assert [(one["version"], one["phase"]) for one in ended] == [("a", "failed"), ("b", "finished"), ("c", "finished")]
    assert ended[0]["text"] == "the disk is full"
    work.queue.start(work.job("d"))
    assert [one["version"] for one in work.queue.snapshot()["ended"]] == ["a"]
    work.queue.remove(ended[0]["number"])
    assert work.queue.snapshot()["ended"] == []


def test_a_failed_job_is_tried_again_behind_the_others(work):
    work.end("a", FileError("the disk is full"))
    until(partial(begun_last, work, "b"))
    failed = work.queue.snapshot()["ended"][0]["number"]
    work.queue.retry(failed)
    assert work.waiting() == ["c", "a"]
    with pytest.raises(ProjectError, match=f"number = {failed}"):
        work.queue.retry(failed)
    work.close()
    assert work.begun == ["a", "b", "c", "a"]
    assert work.again == [False, False, False, True]


@pytest.mark.parametrize("who", ["here", "in the host"])
def test_after_a_stop_the_queue_waits_until_it_is_told_to_go_on(work, who):
    if who == "here":
        work.queue.stop()
        assert work.held()  # at once: the page can say so
        assert work.wishes.stop.is_set()
    work.end("a", Stopped("a is saved"))
    until(lambda: not work.queue.busy)
    assert (work.waiting(), work.held()) == (["b", "c"], "the job before was stopped")
    work.queue.add(work.job("d"))
    work.queue.tick()
    assert work.begun == ["a"]
    work.queue.go_on()
    until(lambda: work.begun == ["a", "b"])
    assert not work.wishes.stop.is_set()
    assert work.held() == ""


def test_what_is_held_may_be_told_to_go_on_before_the_stopped_job_has_ended(work):
    work.queue.stop()
    work.queue.go_on()
    work.end("a")
    until(lambda: work.begun == ["a", "b"])
    assert (work.waiting(), work.held()) == (["c"], "")


@pytest.mark.parametrize(
    ("version", "refusal"),
    [("a", "p a: a training of it goes on; stop it first"),
     ("c", "p c: a training of it waits for its turn; remove it from the queue first"),
     ("e", "p e: a job of it waits for its turn; remove it from the queue first"),
     ("", "p a: a training of it goes on")],
)  # fmt: skip
def test_what_a_job_needs_is_not_given_to_be_renamed_or_deleted(work, version, refusal):
    work.queue.add(Job(kind="tag", project="p", version="e"))
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


def test_a_job_that_was_moved_to_the_front_is_the_next(work):
    work.queue.move(work.number("c"), work.number("b"))
    work.end("a")
    until(partial(begun_last, work, "c"))
    assert work.waiting() == ["b"]


def test_nothing_is_held_where_nothing_waits(work):
    work.queue.stop()
    for job in work.queue.snapshot()["waiting"]:
        work.queue.remove(job["number"])
    assert work.held() == ""


def test_while_the_host_cannot_do_the_next_job_it_keeps_its_place_and_is_tried_again(work):
    work.refusal = HostModelError("no checkpoint is loaded")
    work.end("a")
    until(lambda: not work.queue.busy)
    assert (work.waiting(), work.held()) == (["b", "c"], "no checkpoint is loaded")
    with pytest.raises(HostModelError):
        work.queue.go_on()
    work.refusal = None
    work.queue.tick()
    assert work.begun == ["a"]  # it was tried just now
    work.now += 5
    work.queue.tick()
    until(lambda: work.begun == ["a", "b"])


def test_a_second_job_is_not_begun_beside_the_first(work):
    with pytest.raises(HostBusyError, match="add a training to the queue"):
        work.queue.start(work.job("d"))
    assert work.begun == ["a"]


def test_a_job_that_nobody_can_carry_out_fails_and_the_next_one_begins(work):
    work.queue.kinds["tag"] = lambda job: 1 / 0
    work.queue.add(Job(kind="tag", project="p", version="x"))
    work.queue.add(work.job("d"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threading, "excepthook", lambda args: None)
        work.close()
    ended = {one["version"]: one["phase"] for one in work.queue.snapshot()["ended"]}
    assert (ended["x"], ended["d"]) == ("failed", "finished")
