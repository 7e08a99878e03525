"""What is asked of a run while it goes on changes nothing of what it computes."""

import json

import pytest

from lib_train.app.service import Service
from lib_train.app.status import Status
from lib_train.app.wishes import Wishes
from lib_train.checkpoints.files import read_network
from lib_train.config.codec import from_json
from lib_train.errors import ConfigError, NotTraining
from lib_train.host.standalone import StandaloneHost
from lib_train.host.standalone_model import StandaloneModel
from lib_train.training.events import RunStarted, StepDone
from lib_train.training.plan import TrainPlan

STEPS = 5


@pytest.fixture
def settings(pictures, checkpoints):
    return {
        "base_model": str(checkpoints["sd1"]), "train_data_dir": [str(pictures)], "resolution": 64,
        "min_bucket_reso": 64, "network_dim": 2, "train_batch_size": 2, "max_train_steps": STEPS,
        "save_every_n_epochs": None, "learning_rate": 1e-3, "text_encoder_lr": 1e-3, "network_dropout": 0.2,
        "shuffle_caption": True, "flip_aug": True, "preview_prompts": ["mochi", "a"], "preview_steps": 1,
        "preview_weights": [1], "preview_after_training": False,
    }  # fmt: skip


class Runs:
    """Whole runs, and what came of each."""

    def __init__(self, root, monkeypatch):
        self._monkeypatch, self.wishes = monkeypatch, Wishes()
        self.service = Service(StandaloneHost(device="cpu"), root, Status(root))

    def of(self, settings, after_step=lambda done: None):
        """[step, loss] of the log, files by step, and the last file's tensors."""

        def between_steps(model, done, total, paused):
            if total == STEPS:  # not pictures being encoded
                after_step(done)
            return True

        self._monkeypatch.setattr(StandaloneModel, "between_steps", between_steps)
        config, _ = from_json(settings)
        outcome = self.service.train("p", "v1", config, self.wishes)
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
def runs(tmp_path, monkeypatch):
    return Runs(tmp_path / "out", monkeypatch)


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
    assert not runs.wishes.seen()["sampling"]


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

    monkeypatch.setattr(StandaloneHost, "render", failing)
    losses, _, _ = runs.of(settings, lambda done: done == 2 and runs.wishes.ask_for_sample())
    assert [step for step, _ in losses] == list(range(1, STEPS + 1))
    assert any("no preview of step 2: no picture today" in line for line in runs.service.listener.seen()["messages"])
    assert not runs.wishes.seen()["sampling"]


def test_without_prompts_a_sample_is_refused_with_the_reason(runs, settings):
    seen = []

    def ask(done):
        seen.append(runs.wishes.seen())
        with pytest.raises(ConfigError, match="this run has no preview prompts; give some on the Previews page"):
            runs.wishes.ask_for_sample()

    runs.of({**settings, "preview_prompts": []}, ask)
    assert seen[0] == {"training": True, "sampling": False, "why_no_sample": "this run has no preview prompts"}
    assert json.dumps(seen)


def test_without_a_training_nothing_can_be_asked_of_it(runs, settings):
    with pytest.raises(NotTraining, match="press Train first"):
        runs.wishes.ask_for_sample()
    runs.of(settings)
    with pytest.raises(NotTraining):
        runs.wishes.ask_for_sample()


class Seconds:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def told():
    """A status with five steps of two seconds each behind it, of ten; and its clock."""
    clock = Seconds()
    status = Status(clock=clock)
    status.begin("train", "p", "v1")
    status.trained(RunStarted(10, 1), PLAN)
    for step in range(1, 6):
        clock.now += 2
        status.trained(StepDone(step, 1, 0.1, {}), PLAN)
    return status, clock


PLAN = TrainPlan(batches_per_epoch=10, steps_per_epoch=10, total_steps=10, epochs=1, save_every_n_epochs=None,
                 save_every_n_steps=None, save_state_every_n_steps=None)  # fmt: skip


def test_speed_and_time_left_are_those_of_the_steps_without_the_pictures_between_them(told):
    status, clock = told
    for done in (1, 2):
        clock.now += 60
        status.working("previews", done, 2)
    clock.now += 2
    status.trained(StepDone(6, 1, 0.1, {}), PLAN)
    seen = status.seen()
    assert (seen["speed"], seen["eta"]) == (pytest.approx(0.5), pytest.approx(8))
