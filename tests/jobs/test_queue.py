import threading
import time
from types import SimpleNamespace

import pytest

from lib_train.app.session import Session
from lib_train.errors import FileError, HostBusyError, HostModelError, ModelFileError, ProjectError
from lib_train.host.standalone.host import StandaloneHost
from lib_train.jobs.queue import Job, Queue, Stopped
from lib_train.jobs.status import Status
from lib_train.jobs.training_run import TrainingRun
from lib_train.jobs.wishes import Wishes
from lib_train.models.embedded import CHECKPOINT
from tests.fakes import FakeHost
from tests.moves import now_of


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


def until(true):
    for _ in range(6000):
        if true():
            return
        time.sleep(0.01)
    raise AssertionError("it did not come to pass")


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


def test_jobs_take_their_turns_one_after_the_other(work):
    assert (work.waiting(), work.queue.snapshot()["waiting"][0]["steps"]) == (["b", "c"], 7)
    for name, left in (("a", ["c"]), ("b", []), ("c", [])):
        until(lambda name=name: work.begun[-1:] == [name])
        work.end(name)
        until(lambda left=left: work.waiting() == left)
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
    ("version", "told"),
    [("a", "p a: a training of it goes on; stop it first"),
     ("c", "p c: a training of it waits for its turn; remove it from the queue first"),
     ("", "p a: a training of it goes on")],
)  # fmt: skip
def test_what_a_job_needs_is_not_given_to_be_renamed_or_deleted(work, version, told):
    with pytest.raises(HostBusyError, match=told):
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


@pytest.fixture
def session(tmp_path, base_model):
    return Session(FakeHost(base_model), tmp_path / "out")


@pytest.fixture
def settings(pictures, base_model):
    return {
        "base_model": str(base_model), "train_data_dir": [str(pictures)], "resolution": "64",
        "min_bucket_reso": "64", "network_dim": "2", "train_batch_size": "2", "max_train_steps": "2",
    }  # fmt: skip


def test_a_queued_training_runs_with_the_settings_of_its_adding_and_leaves_newer_ones(session, settings, monkeypatch):
    begun, gate = threading.Event(), threading.Event()
    train = session._service.train

    def slow(*args, **kwargs):
        begun.set()
        gate.wait(100)
        return train(*args, **kwargs)

    monkeypatch.setattr(session._service, "train", slow)
    session.train("p", "v1", settings)
    assert begun.wait(100)
    session.add("p", "v1", {**settings, "max_train_steps": "3"})
    session.add("q", "v1", settings)
    session.add("p", "gone", settings)
    assert [job["steps"] for job in now_of(session)["queue"]["waiting"]] == [3, 2, 2]
    session.kept.keep("p", "v1", {"max_train_steps": "9"})  # as the page does when somebody types
    (session.root / "p" / "versions" / "gone").rename(session.root / "p" / "versions" / "other")
    gate.set()
    until(lambda: not session.busy)
    ended = now_of(session)["queue"]["ended"]
    assert [one["phase"] for one in ended] == ["finished", "finished", "finished", "failed"]
    assert "was deleted or renamed while it waited" in ended[-1]["text"]
    runs = {run["name"]: run for run in now_of(session, "p", "v1")["runs"]}
    assert [runs[name]["step"] for name in ("r001", "r002")] == [2, 3]
    assert now_of(session, "q", "v1")["runs"][0]["finished"]
    assert session.settings("p", "v1").training.max_train_steps == 9


def test_a_failed_run_keeps_its_error_though_the_next_one_went_well(session, settings, monkeypatch):
    fault, gate, prepare = [RuntimeError("out of memory")], threading.Event(), TrainingRun.run

    def failing(*args):
        if fault:
            gate.wait(100)
            raise fault.pop()
        return prepare(*args)

    monkeypatch.setattr(TrainingRun, "run", failing)
    session.train("p", "v1", settings)
    session.add("q", "v1", settings)
    gate.set()
    until(lambda: not session.busy)
    assert now_of(session)["phase"] == "finished"
    assert "out of memory" in now_of(session, "p", "v1")["runs"][0]["error"]
    assert "out of memory" in now_of(session)["queue"]["ended"][0]["text"]


@pytest.fixture
def alone(tmp_path):
    """A session over checkpoints that are files."""
    return Session(StandaloneHost(device="cpu"), tmp_path / "out")


def test_what_cannot_be_trained_is_refused_at_once_and_the_base_model_of_now_is_kept(alone, settings):
    with pytest.raises(FileError, match="nowhere"):
        alone.add("p", "v1", {**settings, "base_model": "nowhere"})
    kept, run = [], SimpleNamespace(version=alone._service.version("p", "v1"))

    def train(project, version, config, wishes, keep):
        kept.append(config.base_model)
        return SimpleNamespace(finished=True, checkpoints=(), run=run)

    alone._service.train = train
    alone.add("p", "v1", {**settings, "base_model": ""})  # nothing goes on: it begins
    until(lambda: not alone.busy)
    assert kept == [str(CHECKPOINT)]


def test_a_base_model_that_is_not_there_is_refused_before_a_job_begins(alone, settings):
    with pytest.raises(ModelFileError, match="there is no such file"):
        alone.train("p", "v1", {**settings, "base_model": "nowhere"})
    assert now_of(alone)["phase"] == "idle"


@pytest.mark.parametrize("other", ["base model", "content", "vae"])
def test_training_that_waits_is_not_begun_on_another_base_model_or_vae(tmp_path, pictures, other):
    for name in ("A", "B", "vae"):
        (tmp_path / f"{name}.safetensors").write_bytes(name.encode())
    host = FakeHost(tmp_path / "A.safetensors")
    session, going = Session(host, tmp_path / "out"), threading.Event()
    host.between_steps = lambda done, total: going.wait(100)
    settings = {"train_data_dir": str(pictures), "resolution": "64", "min_bucket_reso": "64", "max_bucket_reso": "64",
                "max_train_steps": "1"}  # fmt: skip
    session.train("p", "v1", settings)
    session.add("p", "v2", settings)
    if other == "vae":
        host.vae = tmp_path / "vae.safetensors"
    elif other == "content":
        host.loaded.write_bytes(b"another")
    else:
        host.loaded = tmp_path / "B.safetensors"
    going.set()
    until(lambda: not session.busy)
    seen = session.queue.snapshot()
    assert [job["version"] for job in seen["waiting"]] == ["v2"]
    told = "is loaded; choose it" if other == "base model" else "was added to the queue on A.safetensors (content"
    assert told in seen["held"]
