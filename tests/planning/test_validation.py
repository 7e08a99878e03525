import pytest

from lib_train.config.dataset import DatasetConfig
from lib_train.config.run import RunConfig
from lib_train.config.training import TrainingConfig
from lib_train.errors import Problem
from lib_train.pictures.records import Scan
from lib_train.planning.report import report_of
from tests.planning.test_report import SD15, counted, picture


def validated(count, pictures=("a.png", "b.png", "c.png"), problems=(), **training):
    config = RunConfig(dataset=DatasetConfig(train_data_dir=("pictures",)), training=TrainingConfig(**training))
    held = tuple(picture(f"held {number}.png", repeats=1) for number in range(count))
    scan = Scan(pictures=tuple(picture(name) for name in pictures), problems=problems, held_out=held)
    return report_of(config, scan, SD15, "cuda", 2.0, counted)


def test_plan_tells_how_much_is_measured_how_often_and_its_time():
    plain, found = validated(0, max_train_steps=60), validated(3, max_train_steps=60, validation_split=0.5)
    assert [note for note in found.notes if note not in plain.notes] == [
        "validation: pictures held out: 3, measured 3 times"
    ]
    assert plain.seconds == 120
    assert found.seconds == pytest.approx(
        120 + 2 * (3 + 1) * 5 * 3 / 3
    )  # four times five bands of three forward passes
    few = validated(3, max_train_steps=60, validation_split=0.5, max_validation_steps=1)
    assert few.seconds == pytest.approx(120 + 2 * (3 + 1) * 5 / 3)


@pytest.mark.parametrize("length", ["max_train_steps", "max_train_epochs"])
def test_a_slip_of_the_hand_in_the_length_is_told_with_held_out_pictures_too(length):
    found = validated(3, validation_split=0.5, **{length: 10**308})
    assert [problem.setting for problem in found.problems] == [length]
    assert found.seconds is None


def test_validation_folder_without_pictures_is_a_problem_once():
    found = validated(0, max_train_steps=60, validation_data_dir=("there",))
    assert [(one.setting, one.value) for one in found.problems] == [("validation_data_dir", ("there",))]
    told = (Problem("validation_data_dir", "there", "is no folder; check the path"),)
    assert validated(0, max_train_steps=60, validation_data_dir=("there",), problems=told).problems == told
