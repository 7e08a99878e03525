"""Every published recipe runs on the embedded model from its preset, of which nothing but the length is changed."""

import json
from pathlib import Path

import pytest

from lib_train.app.sample import SAMPLES
from tests.jobs.test_training_run_presets import PUBLISHED, STEPS
from tests.recipes.commands import command, flags
from tests.recipes.following import changed_settings, metadata_of

pytestmark = pytest.mark.recipes


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_recipe_runs_from_its_preset(tmp_path, name):
    place = ["--project", "mochi", "--output", tmp_path]
    command("import", SAMPLES / "train", *place)
    shorter = flags({setting: str(value) for setting, value in STEPS.items()})
    trained = Path(command("train", *place, "--preset", name, "--device", "cpu", *shorter).splitlines()[-1])
    assert changed_settings(tmp_path) <= STEPS.keys()  # a preset that counts epochs has no such setting to change
    told = metadata_of(trained)
    assert told["ss_steps"] == str(STEPS["max_train_steps"])
    for key, wanted in PUBLISHED[name].items():
        assert (json.loads(told[key]) if isinstance(wanted, dict) else told[key]) == wanted, key
