from typing import Any

import pytest

from lib_train.config.optimizers import SCHEDULE_FREE, optimizer_options
from lib_train.config.training import OPTIMIZERS, TrainingConfig
from lib_train.errors import ConfigError

OFF = {"scale_parameter": False, "relative_step": False, "warmup_init": False}


def refused(**settings):
    with pytest.raises(ConfigError) as error:
        TrainingConfig(**settings)
    (problem,) = error.value.problems
    return problem.setting, str(problem.remedy)


@pytest.mark.parametrize(
    ("args", "schedule", "expected"),
    [
        ({}, "cosine", OFF),
        ({"scale_parameter": True, "eps": [1, 2]}, "cosine", {**OFF, "scale_parameter": True, "eps": [1, 2]}),
        ({}, "adafactor", {**OFF, "scale_parameter": True, "relative_step": True}),
        ({"scale_parameter": False}, "adafactor", {**OFF, "relative_step": True}),
        ({"warmup_init": True}, "cosine", {**OFF, "warmup_init": True, "relative_step": True}),
    ],
)  # fmt: skip
def test_adafactor_gets_its_three_switches(args, schedule, expected):
    assert optimizer_options("Adafactor", args, schedule) == expected


def test_other_optimizers_get_what_was_written_and_a_copy_of_it():
    args = {"warmup_init": True}
    found = optimizer_options("AdamW", args, "cosine")
    assert found == args
    assert found is not args


def test_adafactors_schedule_is_for_adafactor_with_its_own_rate_and_warmup():
    name, remedy = refused(lr_scheduler="adafactor")
    assert (name, "set optimizer_type to Adafactor" in remedy) == ("lr_scheduler", True)
    own: dict[str, Any] = {"optimizer_type": "Adafactor", "lr_scheduler": "adafactor"}
    name, remedy = refused(**own, optimizer_args={"relative_step": False})
    assert (name, "relative_step is off" in remedy) == ("lr_scheduler", True)
    name, remedy = refused(**own, lr_warmup_steps=10)
    assert (name, "warmup_init" in remedy) == ("lr_warmup_steps", True)
    assert TrainingConfig(**own).optimizer_options["relative_step"] is True


@pytest.mark.parametrize("kind", SCHEDULE_FREE)
def test_schedule_free_optimizer_stands_beside_no_second_average_and_no_limit(kind):
    name, remedy = refused(optimizer_type=kind, ema="beside")
    assert (name, kind in remedy) == ("ema", True)
    name, remedy = refused(optimizer_type=kind, scale_weight_norms=1.0)
    assert (name, "leave it empty" in remedy) == ("scale_weight_norms", True)
    assert TrainingConfig(optimizer_type=kind, lr_scheduler="constant", lr_warmup_steps=10).lr_warmup_steps == 10
    assert kind in OPTIMIZERS
