"""Sweeps on a disk that becomes full: nothing of them is half there, and with room again they come to the same end."""

import csv
from itertools import count

import pytest
from PIL import Image
from safetensors.torch import load_file

from lib_train.app.session import Session
from lib_train.app.sweep_reports import report_job
from lib_train.errors import TrainToolsError
from lib_train.store.sweeps import sweep_named, sweeps_of
from tests.full_disk import at_each_write, full_disk
from tests.moves import until

AXES = {"unet_lr": "1e-3, 1e-2"}
FULL = "No space left on device"


@pytest.fixture
def swept(settings):
    """Adds a sweep of two runs in a session whose queue is paused."""

    def add(session):
        session.keep_queue_settings({"paused": True})
        given = {**settings, "preview_prompts": "mochi", "preview_after_training": False}
        plan = session.sweeps.plan("p", "v1", AXES, given)
        return session.sweeps.add("p", "v1", plan)

    return add


def to_its_end(session):
    """Go on until nothing waits."""
    session.queue.go_on()
    until(lambda: not session.busy and not session.queue.seen().waiting)


def answer_of(job):
    """What it answers, or its error."""
    try:
        return job()
    except TrainToolsError as error:
        return error


def results_of(session):
    """Weights of the last checkpoint of each run, the pictures, and the table without times and names of runs."""
    version = session.versions.named("p", "v1")
    sweep = sweep_named(version, "")
    weights = {note: load_file(run.checkpoints()[-1]) for note, run in sweep.runs().items()}
    pictures = sorted(Image.open(path).tobytes() for path in (sweep.folder / "pictures").iterdir())
    with (sweep.folder / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        table = [[row[name] for name in ("unet_lr", "state", "step", "steps", "loss")] for row in csv.DictReader(file)]
    return {note: {key: one.tolist() for key, one in found.items()} for note, found in weights.items()}, pictures, table


def test_a_sweep_is_added_whole_or_not_at_all(tmp_path, monkeypatch, session, swept):
    def opened(root):
        return Session(session.host, root)

    for root, answer in at_each_write(monkeypatch, tmp_path, lambda root: None, lambda root: swept(opened(root))):
        again = opened(root)
        jobs, version = again.queue.seen().waiting, again.versions.named("p", "v1")
        if isinstance(answer, TrainToolsError):
            assert FULL in str(answer)
            assert (jobs, sweeps_of(version)) == ((), [])
        else:
            assert [(job.kind, job.sweep) for job in jobs] == [("train", "s001"), ("train", "s001"), ("report", "s001")]
            assert [one["key"] for one in answer.asked()["runs"]] == [job.key for job in jobs[:-1]]
        swept(again)
        names = [one.name for one in sweeps_of(version)]
        assert names == (["s001"] if isinstance(answer, TrainToolsError) else ["s001", "s002"])


@pytest.mark.parametrize("lasting", [False, True])
def test_a_report_tells_of_the_full_disk_and_is_the_same_when_there_is_room(monkeypatch, session, swept, lasting):
    sweep = swept(session)
    to_its_end(session)
    expected, job = results_of(session), session.queue.kinds["report"](report_job(sweep, "")).do
    for room in count():
        for path in sweep.folder.rglob("*.*"):
            if path.name != "sweep.json":
                path.unlink()
        with full_disk(monkeypatch, session.root, room, lasting) as disk:
            answer = answer_of(job)
        if isinstance(answer, TrainToolsError):
            assert FULL in str(answer)
        else:
            assert 'class="failed"' not in sweep.reports()["html"].read_text(encoding="utf-8")
        job()
        assert results_of(session) == expected
        if not disk.reached:
            break
    assert room > 24, "three pictures and three files are written, each with two syncs"


@pytest.mark.parametrize("room", [25, 80, 135, 190])
def test_runs_come_to_the_same_weights_when_there_is_room_again(tmp_path, monkeypatch, session, swept, room):
    other = Session(session.host, tmp_path / "other")
    swept(other)
    to_its_end(other)
    swept(session)
    with full_disk(monkeypatch, session.root, room, lasting=True) as disk:
        session.queue.go_on()
        until(lambda: not session.busy and (session.queue.refused or not session.queue.seen().waiting))
    assert disk.reached
    for one in session.queue.seen().ended:
        if one.phase == "failed":
            session.queue.retry(one.job.number)
    to_its_end(session)
    session.sweeps.report("p", "v1")
    to_its_end(session)
    assert results_of(session) == results_of(other)
