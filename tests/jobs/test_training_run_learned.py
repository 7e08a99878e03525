"""A run that has learned ends with its epoch: with a checkpoint, a reason, and a state from which it can go on."""

from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file

from lib_train.app.judged import answer
from lib_train.store.curves import FIXED
from lib_train.store.learned import has_learned


@pytest.fixture
def config(config):
    """Four epochs of three steps; the rule says so after the second step."""
    training = replace(config.training, max_train_steps=12, save_every_n_steps=None, save_every_n_epochs=None,
                       stop_when_learned=1)  # fmt: skip
    return replace(config, training=training)


@pytest.fixture
def settles(monkeypatch):
    monkeypatch.setattr("lib_train.training.fixed_batch.has_settled", lambda steps, losses: len(steps) >= 2)


def test_it_ends_with_the_epoch_with_a_checkpoint_a_reason_and_a_curve(service, config, settles):
    outcome = service.train("p", "v1", config)
    assert (outcome.finished, outcome.learned) == (False, True)
    assert [path.name for path in outcome.checkpoints] == ["p-v1-r001-000001.safetensors"]
    assert any("r001: has learned what it can" in line and "ended with epoch 1 of 4" in line
               for line in service.listener.lines)  # fmt: skip
    assert list(outcome.run.curves()[FIXED].steps) == [1, 2, 3]
    assert outcome.run.can_resume()


def test_resumed_it_goes_on_to_the_planned_end_and_gives_what_a_run_without_the_rule_gives(service, config, settles):
    service.train("p", "v1", config)
    resumed = service.resume("p", "v1", "r001")
    assert (resumed.finished, resumed.learned) == (True, False)
    assert list(resumed.run.curves()[FIXED].steps) == list(range(1, 13))
    plain = service.train("q", "v1", replace(config, training=replace(config.training, stop_when_learned=None)))
    one, other = (load_file(outcome.checkpoints[-1]) for outcome in (resumed, plain))
    assert all(torch.equal(one[name], other[name]) for name in other)


class Killed(BaseException):
    """Nobody answers it: what was written until then is what a killed process leaves."""


KILLED = {
    "before its checkpoint": "lib_train.jobs.sinks.CheckpointWriter._written",
    "while previews are drawn": "lib_train.jobs.training_run.TrainingRun._compared",
    "while checkpoints are judged": "lib_train.app.trainings.prepared",
}


@pytest.mark.parametrize("call", KILLED.values(), ids=KILLED)
def test_killed_between_what_it_learned_and_its_end_it_ends_when_resumed_and_goes_on_after_that(
    service, config, settles, monkeypatch, call
):
    def killed(*given, **named):
        raise Killed

    monkeypatch.setattr("lib_train.jobs.sinks.StateWriter.due", lambda writer: True)
    preview = replace(config.preview, preview_prompts=("a",), preview_steps=1)
    config = replace(config, preview=preview, training=replace(config.training, judge_after_training=True))
    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(call, killed)
        service.train("p", "v1", config)
    resumed = service.resume("p", "v1", "r001")
    assert (resumed.finished, resumed.learned, resumed.run.state_step()) == (False, True, 3)
    assert [path.name for path in resumed.checkpoints] == ["p-v1-r001-000001.safetensors"]
    assert resumed.grids
    assert len(answer(resumed.run.version)["checkpoints"]) == 1
    assert service.resume("p", "v1", "r001").finished


def test_let_go_on_and_killed_again_it_goes_on_and_does_not_end_a_second_time(service, config, settles, monkeypatch):
    run = service.train("p", "v1", config).run
    assert has_learned(run)
    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr("lib_train.training.trainer.Trainer._advance", lambda *given: (_ for _ in ()).throw(Killed))
        service.resume("p", "v1", "r001")
    assert not has_learned(run)
    assert service.resume("p", "v1", "r001").finished


def test_without_rest_it_goes_to_its_end(service, config):
    outcome = service.train("p", "v1", config)
    assert (outcome.finished, outcome.learned) == (True, False)


def test_checkpoints_are_judged_when_a_run_ends_where_that_is_wished(service, config, settles, monkeypatch):
    config = replace(config, training=replace(config.training, judge_after_training=True, save_every_n_steps=1))
    outcome = service.train("p", "v1", config)
    assert outcome.learned
    assert len(answer(outcome.run.version)["checkpoints"]) == 3
    assert any(line.startswith("checkpoints measured: 3; ") for line in service.listener.lines)


def test_a_run_is_as_good_where_judging_is_not_possible(service, config, monkeypatch):
    config = replace(config, training=replace(config.training, judge_after_training=True, stop_when_learned=None))
    monkeypatch.setattr("lib_train.jobs.judging.finite", lambda answers: False)
    outcome = service.train("p", "v1", config)
    assert outcome.finished
    assert any("the checkpoints were not measured" in line for line in service.listener.lines)
