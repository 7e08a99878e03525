"""The job, what is told of figures, and what stands in a damaged file."""

import json
import os

import pytest

from lib_train.app import judged
from lib_train.errors import FileError, HostBusyError, ProjectError
from lib_train.jobs.queue import Job
from lib_train.judging.suggestion import Suggestion
from lib_train.store.figures import FIGURES
from lib_train.store.runs import runs_of
from tests.moves import ended


@pytest.fixture
def trained(session, settings):
    session.train("p", "v1", settings)
    ended(session)
    return session.versions.named("p", "v1")


def test_nothing_is_known_before_anything_is_measured(session, trained):
    before = {path: path.stat().st_mtime_ns for path in trained.folder.rglob("*")}
    found = session.judgements.figures("p", "v1")
    assert found == {"checkpoints": [], "shown": [], "suggestion": None, "seconds": None, "state": "none"}
    assert {path: path.stat().st_mtime_ns for path in trained.folder.rglob("*")} == before


def test_a_job_measures_all_checkpoints_of_the_newest_run_and_says_what_to_take(session, trained):
    session.judgements.start("p", "v1")
    outcome = ended(session)["outcome"]
    assert outcome.startswith("checkpoints measured: 2; ")
    found = session.judgements.figures("p", "v1")
    assert found["state"] == "done"
    assert [(one["name"], one["run"], one["step"]) for one in found["checkpoints"]] == [
        ("p-v1-r001-step00000002", "r001", 2), ("p-v1-r001", "r001", 4),
    ]  # fmt: skip
    names = [one["name"] for one in found["shown"]]
    for one in found["checkpoints"]:
        assert list(one["figures"]) == names
        assert one["bands"].keys() <= set(names)
    assert found["seconds"] == pytest.approx(sum(one["seconds"] for one in found["checkpoints"]))
    assert found["suggestion"]["reason"] in outcome
    session.judgements.start("p", "v1")
    assert ended(session)["outcome"].startswith("all of them are measured already")


def test_a_run_that_goes_on_is_measured_in_part_and_nothing_is_suggested_yet(session, trained, settings, monkeypatch):
    session.judgements.start("p", "v1")
    ended(session)
    monkeypatch.setattr(judged, "suggested", lambda rows: Suggestion(rows[0].name, "take this"))
    assert session.judgements.figures("p", "v1")["suggestion"]["reason"] == "take this"
    file = trained.inside(FIGURES)
    kept = json.loads(file.read_text())
    kept["checkpoints"].popitem()
    file.write_text(json.dumps(kept))
    found = session.judgements.figures("p", "v1")
    assert (found["state"], found["suggestion"]) == ("part", None)


def test_a_file_that_was_replaced_under_its_name_has_no_figures_until_it_is_measured(session, trained):
    session.judgements.start("p", "v1")
    ended(session)
    first, last = runs_of(trained)[0].checkpoints()
    before, times = first.read_bytes(), first.stat()
    first.write_bytes(last.read_bytes()[: len(before)].ljust(len(before), b"x"))
    os.utime(first, ns=(times.st_atime_ns, times.st_mtime_ns))  # as a copier that keeps dates leaves it
    found = session.judgements.figures("p", "v1")
    assert [one["name"] for one in found["checkpoints"]] == [last.stem]
    assert (found["state"], found["suggestion"]) == ("part", None)
    first.write_bytes(before)
    assert session.judgements.figures("p", "v1")["state"] == "done"


def test_another_run_can_be_named_and_the_suggestion_is_of_the_newest_measured_one(session, trained, settings):
    session.train("p", "v1", settings)
    ended(session)
    session.judgements.start("p", "v1", "r001")
    ended(session)
    assert {one["run"] for one in session.judgements.figures("p", "v1")["checkpoints"]} == {"r001"}
    session.judgements.start("p", "v1")
    ended(session)
    assert {one["run"] for one in session.judgements.figures("p", "v1")["checkpoints"]} == {"r001", "r002"}


def test_it_waits_in_the_queue_where_that_is_wished_and_begins_not_while_another_goes_on(session, trained):
    session.keep_queue_settings({"paused": True})
    session.judgements.start("p", "v1", put=session.later("figures"))
    (waiting,) = session.queue.snapshot()["waiting"]
    assert (waiting["kind"], waiting["name"]) == ("judge", "figures")
    session.queue.go_on()
    ended(session)
    assert session.judgements.figures("p", "v1")["state"] == "done"


def test_what_cannot_be_measured_is_refused_at_once(session, settings, trained, monkeypatch):
    session.projects.create("q")
    with pytest.raises(FileError, match="no checkpoints yet"):
        session.judgements.start("q", "v1")
    with pytest.raises(ProjectError):
        session.judgements.start("p", "v7")
    with pytest.raises(ProjectError):
        session.judgements.start("p", "v1", "r777")
    with pytest.raises(ProjectError):
        session.judgements.figures("p", "v7")

    def busy():
        raise HostBusyError("a job goes on")

    monkeypatch.setattr(session.queue, "require_idle", busy)
    with pytest.raises(HostBusyError):
        session.judgements.start("p", "v1")


@pytest.mark.parametrize(
    "content",
    ["{}", '{"schema": 9, "checkpoints": {}}', '{"schema": 1, "checkpoints": []}',
     '{"schema": 1, "checkpoints": {"p-v1-r001.safetensors": {"content": 3}}}',
     '{"schema": 1, "checkpoints": {"p-v1-r001.safetensors": {"content": "", "measured": "", "figures": [],'
     '"bands": 1}}}'],
)  # fmt: skip
def test_a_file_of_another_kind_counts_as_nothing_known_and_is_measured_over(session, trained, content):
    trained.inside(FIGURES).write_text(content)
    assert session.judgements.figures("p", "v1")["state"] == "none"
    session.judgements.start("p", "v1")
    ended(session)
    assert session.judgements.figures("p", "v1")["state"] == "done"


def test_a_file_that_is_no_json_is_named_and_stays(session, trained):
    trained.inside(FIGURES).write_text("[")
    with pytest.raises(ProjectError, match="figures.json"):
        session.judgements.figures("p", "v1")
    session.judgements.start("p", "v1")
    assert "figures.json" in str(ended(session, "failed")["error"])
    assert trained.inside(FIGURES).read_text() == "["


def test_a_checkpoint_that_is_gone_goes_out_of_the_file_with_the_next_measurement(session, trained):
    session.judgements.start("p", "v1")
    ended(session)
    kept = json.loads(trained.inside(FIGURES).read_text())
    kept["checkpoints"]["gone.safetensors"] = kept["checkpoints"]["p-v1-r001.safetensors"]
    kept["checkpoints"]["p-v1-r001.safetensors"] = {**kept["checkpoints"]["p-v1-r001.safetensors"], "measured": "other"}
    trained.inside(FIGURES).write_text(json.dumps(kept))
    session.judgements.start("p", "v1")
    ended(session)
    assert set(json.loads(trained.inside(FIGURES).read_text())["checkpoints"]) == {
        "p-v1-r001-step00000002.safetensors", "p-v1-r001.safetensors",
    }  # fmt: skip


def test_a_training_that_ends_because_it_has_learned_ends_well_and_is_judged(session, settings, monkeypatch):
    monkeypatch.setattr("lib_train.training.fixed_batch.has_settled", lambda steps, losses: True)
    wish = {"max_train_steps": "9", "stop_when_learned": "1", "judge_after_training": True}
    session.train("p", "v1", {**settings, **wish})
    now = ended(session)
    assert any("has learned what it can" in line for line in now["messages"])
    assert session.judgements.figures("p", "v1")["state"] == "done"
    (run,) = runs_of(session.versions.named("p", "v1"))
    step = run.newest().step
    assert 0 < step < 9
    run.keep("job", "k")
    config = {"train": run.settings()["config"], "resume": {"run": "r001"}}
    for kind, told in config.items():  # of a process that was killed before its queue noted the end
        job = Job(kind=kind, project="p", version="v1", config=told, key="k", again=True)
        assert session.queue.kinds[kind](job).do().split()[:3:2] == ["2", "in"]
    assert run.newest().step == step
