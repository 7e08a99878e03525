import json
import os
import threading

import pytest

from lib_train.config.queue import QueueConfig
from lib_train.errors import FileError, HostBusyError
from lib_train.store.json_files import write_json
from lib_train.store.queue import Ended, Job, Jobs
from lib_train.store.queue_file import QueueFile
from lib_train.texts import Text, say
from tests.killed import killed_at

JOB = Job(kind="train", project="猫", version="v1", config={"schema": 2, "training": {"seed": 1}}, steps=7,
          key="k", base=({"title": "a"}, None), name="lr 1e-4", note="of a sweep", sweep="s001", number=3,
          pictures="p", again=True)  # fmt: skip
ALL = Jobs(running=JOB, waiting=(Job(kind="tag", number=4),), next=9, opens=12.5,
           ended=(Ended(Job(kind="fetch", number=1), "failed", say("no {what}", what="room"), 3.0),),
           config=QueueConfig(start_at="01:00", idle_minutes=5), held=say("held by {who}", who="me"))  # fmt: skip


@pytest.fixture
def file(tmp_path):
    return QueueFile(tmp_path / "out")


def kept(file):
    """What another process reads."""
    return QueueFile(file.path.parent)


def test_a_queue_comes_back_as_it_was_with_sentences_that_can_still_be_translated(file):
    assert file.read() == Jobs()
    assert not file.path.parent.exists()
    file.change(lambda jobs: ALL)
    found = kept(file).read()
    assert json.dumps(found.waiting[0].config) == "{}"
    assert (found.running.config, found.running.base[1]) == (JOB.config, None)
    assert found.running.base[0] == JOB.base[0]
    assert (found.config, found.opens, found.next, found.waiting) == (ALL.config, 12.5, 9, ALL.waiting)
    assert isinstance(found.held, Text)
    assert found.ended[0].text.template == "no {what}"
    assert kept(file).trouble == ""


def test_what_another_process_wrote_is_seen_by_the_next_look(file):
    file.change(lambda jobs: ALL)
    other = kept(file)
    other.change(lambda jobs: jobs.without(4))
    assert file.read().waiting == ()
    assert file.change(lambda jobs: jobs).waiting == ()


@pytest.mark.parametrize(
    "content",
    [b"{", b"[1]", b"null", b"\xff\xfe", b"[" * 5000, b'{"schema": 2}', b'{"waiting": []}', b'{"schema": "1"}'],
)
def test_a_file_that_cannot_be_used_is_kept_beside_the_one_that_replaces_it(file, content):
    file.path.parent.mkdir()
    file.path.write_bytes(content)
    assert file.read() == Jobs()
    assert "queue.json: " in file.trouble
    assert file.path.read_bytes() == content  # a look writes nothing
    file.change(lambda jobs: jobs.added(Job(kind="tag", number=1)))
    aside = next(path for path in file.path.parent.glob("queue-*.json"))
    assert aside.read_bytes() == content
    assert f"what it held lies in {aside.name}" in file.trouble
    assert [job.kind for job in kept(file).read().waiting] == ["tag"]


ODD: tuple[object, ...] = (
    3, None, {}, {"kind": "sing"}, {**vars(JOB), "steps": "x"}, {**vars(JOB), "base": [3]}, {**vars(JOB), "name": 3},
    {**vars(JOB), "config": []},
)  # fmt: skip


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
@pytest.mark.parametrize("where", ["waiting", "ended", "running"])
def test_entries_that_are_no_jobs_are_left_out_and_the_others_stay(file, odd, where):
    file.change(lambda jobs: ALL)
    value = json.loads(file.path.read_text())
    if where == "running":
        value[where] = odd if odd is not None else 3
    else:
        value[where].append({"job": odd, "phase": "failed"} if where == "ended" else odd)
    write_json(file.path, value)
    found = kept(file)
    jobs = found.read()
    assert (len(jobs.waiting), len(jobs.ended)) == (1, 1)
    assert "holds 1 entries that cannot be read" in found.trouble
    found.change(lambda jobs: jobs)
    assert len(list(file.path.parent.glob("queue-*.json"))) == 1


@pytest.mark.parametrize(
    "beside",
    [{"config": 3}, {"config": {"start_at": "x"}}, {"waiting": 3}, {"config": {"paused": []}}, {"ended": {}}],
)
def test_odd_values_beside_the_jobs_are_replaced_by_usual_ones(file, beside):
    file.change(lambda jobs: ALL)
    write_json(file.path, {**json.loads(file.path.read_text()), **beside})
    found = kept(file)
    assert found.read().running is not None
    assert "1 entries" in found.trouble


@pytest.mark.parametrize("number", [None, "x", -1, 1e999, float("nan"), True, 2**70])
def test_numbers_are_never_given_twice_whatever_the_file_says_of_the_next(file, number):
    file.change(lambda jobs: ALL)
    write_json(file.path, {**json.loads(file.path.read_text()), "next": number, "opens": number})
    found = kept(file).read()
    assert (found.next, found.opens) == (5, 0.0)


def test_values_of_later_programs_are_passed_over(file):
    file.change(lambda jobs: ALL)
    value = json.loads(file.path.read_text())
    value["waiting"][0]["colour"] = "red"
    value["config"]["weekdays"] = [1]
    write_json(file.path, {**value, "more": {}})
    found = kept(file)
    assert found.read().waiting == ALL.waiting
    assert found.trouble == ""


def test_many_threads_and_two_processes_lose_no_job(file):
    def add(mine):
        for _ in range(10):
            mine.change(lambda jobs: (lambda new: new[0].added(new[1]))(jobs.numbered(Job(kind="tag"))))

    threads = [threading.Thread(target=add, args=(kept(file),)) for _ in range(4)]
    child = os.fork() if hasattr(os, "fork") else -1
    if not child:
        try:
            add(kept(file))
            os._exit(0)
        finally:
            os._exit(1)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    total = 40
    if child > 0:
        assert os.waitpid(child, 0)[1] == 0
        total = 50
    assert [job.number for job in file.read().waiting] == list(range(1, total + 1))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_process_that_is_killed_in_a_change_leaves_the_old_or_the_new_queue(file):
    calls = 0
    for name in ("replace", "fsync", "link"):
        for calls in range(20):
            file.change(lambda jobs: ALL)  # breaks the lock of a dead one
            if not killed_at(name, calls, lambda: kept(file).change(lambda jobs: jobs.without(4))):
                break
            found = kept(file).read()
            assert len(found.waiting) in (0, 1)
            assert found.running.key == "k"
        assert calls > 0


def test_one_process_carries_jobs_out_and_others_can_tell_which(file):
    assert file.worker() == ""
    with file.worked():
        assert "this process on" in kept(file).worker()
        with pytest.raises(HostBusyError, match="the queue is held by this process"):
            kept(file).worked().__enter__()
    assert file.worker() == ""


def test_a_queue_that_cannot_be_written_says_so(file):
    file.path.parent.write_text("a file where the folder should be")
    with pytest.raises(FileError, match="cannot be made"):
        file.change(lambda jobs: ALL)
    assert file.read() == Jobs()
