"""What is asked of a run while it goes on changes nothing of what it computes."""

import json
import threading
import time
from contextlib import nullcontext
from typing import Any

import pytest

from lib_train.app.service import Service
from lib_train.checkpoints.files import read_network
from lib_train.config.codec import from_json
from lib_train.errors import BaseModelChanged, ConfigError, NotTraining
from lib_train.jobs.status import Status
from lib_train.jobs.wishes import Wishes
from tests.fake_model import FakeModel
from tests.fakes import FakeHost

STEPS = 5


@pytest.fixture
def settings(pictures):
    return {
        "train_data_dir": [str(pictures)], "resolution": 64,
        "min_bucket_reso": 64, "network_dim": 2, "train_batch_size": 2, "max_train_steps": STEPS,
        "save_every_n_epochs": None, "learning_rate": 1e-3, "text_encoder_lr": 1e-3, "network_dropout": 0.2,
        "shuffle_caption": True, "flip_aug": True, "preview_prompts": ["mochi", "a"], "preview_steps": 1,
        "preview_weights": [1], "preview_after_training": False,
    }  # fmt: skip


class Runs:
    """Whole runs, and what came of each."""

    def __init__(self, root, base_model):
        base_model.touch()
        self.wishes = Wishes()
        self.service = Service(FakeHost(base_model), root, Status(root))

    def outcome_of(self, settings, after_step):
        def between_steps(done, total):
            if total == STEPS:  # not pictures being encoded
                after_step(done)
            return True

        self.service.host.between_steps = between_steps  # type: ignore[attr-defined]
        config, _ = from_json(settings)
        self.service.listener.begin("train", "p", "v1")  # type: ignore[attr-defined]
        return self.service.train("p", "v1", config, self.wishes)

    def of(self, settings, after_step=lambda done: None):
        """[step, loss] of the log, files by step, and the last file's tensors."""
        outcome = self.outcome_of(settings, after_step)
        assert outcome.finished
        events = list(outcome.run.events())
        losses = [(e["step"], e["loss"]) for e in events if e["event"] == "StepDone"]
        saved = [(e["step"], e["file"]) for e in events if e["event"] == "CheckpointSaved"]
        folder = outcome.run.version.part("checkpoints")
        return losses, saved, {step: read_network(folder / file)[0] for step, file in saved}

    def pictures(self, file):
        return sorted(
            (self.service.root / "p" / "versions" / "v1" / "previews" / file[: -len(".safetensors")]).iterdir()
        )


@pytest.fixture
def runs(tmp_path):
    return Runs(tmp_path / "out", tmp_path / "A.safetensors")


def same(one, other):
    return one.keys() == other.keys() and all(bool((one[name] == other[name]).all()) for name in one)


def test_a_sample_shows_the_present_weights_and_the_run_goes_on_as_if_nothing_had_been(runs, settings):
    usual, _, weights = runs.of({**settings, "save_every_n_steps": 2})
    losses, saved, files = runs.of(settings, lambda done: done == 2 and runs.wishes.ask_for_sample())
    assert saved == [(2, "p-v1-r002-step00000002.safetensors"), (STEPS, "p-v1-r002.safetensors")]
    assert losses == usual
    assert same(files[2], weights[2])
    assert same(files[STEPS], weights[STEPS])
    assert len(runs.pictures(saved[0][1])) == 2
    assert not runs.wishes.snapshot()["sampling"]


def test_a_sample_where_the_plan_saves_anyhow_makes_pictures_of_that_checkpoint(runs, settings):
    settings["save_every_n_steps"] = 2
    _, saved, _ = runs.of(settings, lambda done: done == 2 and runs.wishes.ask_for_sample())
    assert [step for step, _ in saved] == [2, 4, 5]
    assert len(runs.pictures(saved[0][1])) == 2
    assert not (runs.service.root / "p" / "versions" / "v1" / "previews" / "p-v1-r001-step00000004").exists()


def test_a_sample_that_fails_is_told_and_the_run_goes_on(runs, settings, monkeypatch):
    def failing(self, model, requests):
        raise RuntimeError("no picture today")
        yield

    monkeypatch.setattr(FakeHost, "render", failing)
    losses, _, _ = runs.of(settings, lambda done: done == 2 and runs.wishes.ask_for_sample())
    assert [step for step, _ in losses] == list(range(1, STEPS + 1))
    assert any("no preview of step 2: no picture today" in line for line in runs.service.listener.job()["messages"])
    assert not runs.wishes.snapshot()["sampling"]


def test_without_prompts_a_sample_is_refused_with_the_reason(runs, settings):
    snapshots = []

    def ask(done):
        snapshots.append(runs.wishes.snapshot())
        with pytest.raises(ConfigError, match="this run has no preview prompts; give some under Saving and previews"):
            runs.wishes.ask_for_sample()

    runs.of({**settings, "preview_prompts": []}, ask)
    assert snapshots[0]["training"]
    assert snapshots[0]["why_no_sample"] == "this run has no preview prompts"
    assert json.dumps(snapshots)


def test_without_a_training_nothing_can_be_asked_of_it(runs, settings):
    asks = runs.wishes.ask_for_sample, runs.wishes.ask_for_pause, runs.wishes.ask_to_continue
    runs.of(settings)
    for ask in asks:
        with pytest.raises(NotTraining, match="press Train first"):
            ask()
    assert "press Train first" in runs.wishes.snapshot()["why_no_sample"]  # and nothing of a run that is over


def gone_on(runs, meanwhile=lambda: None):
    """Once the run stands still, do something, then have it go on."""

    def wait():
        for _ in range(10000):
            if runs.service.listener.job()["phase"] == "paused":
                break
            time.sleep(0.01)
        phases.append(runs.service.listener.job()["phase"])
        try:
            meanwhile()
        finally:
            runs.wishes.pause.clear()

    phases: list[str] = []
    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    return phases, thread


@pytest.mark.parametrize("every", [None, 2], ids=["between two saves", "after a save"])
def test_a_paused_run_stands_still_with_the_model_given_back_and_goes_on_as_if_nothing_had_been(
    runs, settings, every, monkeypatch
):
    settings["save_every_n_steps"] = every
    usual, _, weights = runs.of(settings)
    models, set_aside = [], FakeModel.set_aside
    monkeypatch.setattr(FakeModel, "set_aside", lambda model: models.append(model) or set_aside(model))

    def still():
        before = runs.service.listener.job()
        assert not any("forward" in module.__dict__ for module in models[0].unet.modules())
        time.sleep(0.3)
        assert runs.service.listener.job() == before
        losses = runs.service.listener.job_and_curves(0)[1]["loss"].steps
        done.append((before["step"], len(losses)))

    done: list[Any] = []
    phases, thread = gone_on(runs, still)
    losses, saved, files = runs.of(settings, lambda step: step == 2 and runs.wishes.ask_for_pause())
    thread.join()
    assert (phases, done) == (["paused"], [(2, 2)])
    assert losses == usual
    assert all(same(files[step], weights[step]) for step in weights)
    assert [step for step, _ in saved] == list(weights)


def test_a_paused_run_can_be_sampled(runs, settings):
    usual, _, _ = runs.of(settings)
    files: list[Any] = []

    def sampled():
        for _ in range(2):
            runs.wishes.ask_for_sample()
            while runs.wishes.snapshot()["sampling"]:
                time.sleep(0.01)
        files.extend(path.name for path in (runs.service.root / "p" / "versions" / "v1" / "checkpoints").iterdir())

    _, thread = gone_on(runs, sampled)
    losses, saved, _ = runs.of(settings, lambda step: step == 2 and runs.wishes.ask_for_pause())
    thread.join()
    assert losses == usual
    assert [step for step, _ in saved] == [2, STEPS]
    assert saved[0][1] in files
    assert saved[1][1] not in files


def test_a_paused_run_that_is_stopped_is_saved_and_resumes_to_the_same_losses(runs, settings):
    usual, _, _ = runs.of(settings)
    _, thread = gone_on(runs, runs.wishes.stop.set)
    stopped = runs.outcome_of(settings, lambda step: step == 2 and runs.wishes.ask_for_pause())
    thread.join()
    assert not stopped.finished
    assert [e["step"] for e in stopped.run.events() if e["event"] == "StepDone"] == [1, 2]
    runs.wishes.clear()
    outcome = runs.service.resume("p", "v1", "r002")
    assert outcome.finished
    assert [(e["step"], e["loss"]) for e in outcome.run.events() if e["event"] == "StepDone"] == usual


def test_a_model_that_changes_in_a_pause_ends_the_run_which_can_be_resumed(runs, settings, monkeypatch):
    def changed():
        raise BaseModelChanged("the checkpoint was changed: put it back and resume the run")

    monkeypatch.setattr(FakeModel, "set_aside", lambda model: nullcontext(changed))
    with pytest.raises(BaseModelChanged, match="put it back"):
        runs.of(settings, lambda step: step == 2 and runs.wishes.ask_for_pause())
    runs.wishes.clear()
    assert runs.service.resume("p", "v1").finished


def test_a_pause_asked_for_during_the_last_step_does_not_hold_up_the_end(runs, settings):
    losses, _, _ = runs.of(settings, lambda step: step == STEPS and runs.wishes.ask_for_pause())
    assert len(losses) == STEPS
