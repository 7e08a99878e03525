import pytest

from lib_train.config.codec import to_json
from lib_train.config.drafts import merged, read
from lib_train.config.run import RunConfig
from lib_train.errors import ConfigError, Problem

KEPT = to_json(RunConfig())


def test_one_value_that_cannot_be_used_loses_none_of_the_others():
    changes = {"resolution": "64", "min_bucket_reso": "64", "network_dim": "x", "max_train_epochs": "3", "seed": -1.5}
    found = merged(KEPT, changes)
    assert found.config.dataset.resolution == (64,)
    assert (found.config.network.network_dim, found.config.training.max_train_epochs) == (16, 3)
    assert found.drafts == {"network_dim": "x", "seed": -1.5}
    assert {problem.setting for problem in found.problems} == {"network_dim", "seed"}


@pytest.mark.parametrize(
    ("changes", "drafts", "wrong"),
    [
        ({"min_timestep": "600"}, ["min_timestep"], "min_timestep"),
        ({"max_timestep": "200", "train_batch_size": "2"}, ["max_timestep"], "min_timestep"),
        ({"min_timestep": "600", "max_timestep": "900", "seed": "7"}, [], None),
    ],
)
def test_values_that_work_together_only_are_taken_together(changes, drafts, wrong):
    base = {**KEPT, "training": {**KEPT["training"], "min_timestep": 300, "max_timestep": 500}}
    found = merged(base, changes)
    assert list(found.drafts) == drafts
    assert found.config.training.train_batch_size == int(changes.get("train_batch_size", 1))
    assert bool(found.problems) == bool(wrong)


def test_draft_becomes_a_value_when_what_stood_against_it_changes():
    base = {**KEPT, "training": {**KEPT["training"], "max_timestep": 500}}
    first = merged(base, {"min_timestep": "600"})
    assert first.drafts == {"min_timestep": "600"}
    assert read(base, first.drafts) == first
    second = merged(base, {**first.drafts, "max_timestep": "900"})
    assert (second.drafts, second.config.training.min_timestep) == ({}, 600)


def test_settings_of_a_file_that_cannot_be_used_are_drafts_too():
    value = {"schema": 1, "network": {"network_dim": 0}, "training": {"seed": 7}, "future": 1}
    assert (read(value, {}).drafts, read(value, {}).config.training.seed) == ({"network_dim": 0}, 7)
    found = merged(value, {"seed": "8"})
    assert found.drafts == {"network_dim": 0}
    assert (found.config.network.network_dim, found.config.training.seed) == (16, 8)


@pytest.mark.parametrize(
    ("value", "changes", "setting"),
    [(KEPT, {"seeed": 1}, "seeed"), ({"schema": 99}, {}, "schema"), ({"schema": 1, "network": 5}, {}, "network")],
)
def test_what_is_no_setting_is_refused(value, changes, setting):
    with pytest.raises(ConfigError) as caught:
        merged(value, changes)
    assert [problem.setting for problem in caught.value.problems] == [setting]


def test_changes_that_may_not_be_used_here_are_drafts():
    def check(config):
        if config.dataset.train_data_dir:
            raise ConfigError([Problem("train_data_dir", config.dataset.train_data_dir, "not here")])

    found = merged(KEPT, {"train_data_dir": "/etc", "seed": "7"}, check)
    assert (found.drafts, found.config.training.seed) == ({"train_data_dir": "/etc"}, 7)
    assert found.problems[0].remedy == "not here"
    assert (read(KEPT, found.drafts, check).drafts, read(KEPT, found.drafts).config.dataset.train_data_dir) == (
        found.drafts,
        (),
    )
    theirs = {**KEPT, "dataset": {"train_data_dir": ["/etc"]}}
    assert merged(theirs, {"seed": "8"}, check).drafts == {}, "what stands there already costs no other change"
