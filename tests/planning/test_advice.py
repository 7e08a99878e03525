import pytest

from lib_train.config.codec import config_of
from lib_train.host.protocol import ModelSize
from lib_train.planning.advice import advice_on
from lib_train.training.plan import TrainPlan


def advice(pictures, repeats=10, family="sd1", width=320, **settings):
    config = config_of(settings)
    batches = -(-pictures * repeats // config.training.train_batch_size)
    size = ModelSize(family, {}, (), width)
    return advice_on(config, TrainPlan.of(batches, config.training), size, pictures, pictures * repeats)


@pytest.mark.parametrize(
    ("pictures", "settings"),
    [
        (20, {"max_train_epochs": 10}),  # 100 times each
        (20, {"max_train_steps": 1000, "train_batch_size": 2}),
        (27, {"max_train_steps": 1000}),
        (12, {"max_train_steps": 1600}),
        (50, {"max_train_epochs": 10}),
    ],
)
def test_published_recipes_need_no_advice(pictures, settings):
    assert advice(pictures, **settings) == []


def test_many_steps_are_told_with_the_epochs_that_are_usual():
    (one,) = advice(300, max_train_epochs=10)  # 30,000 steps
    assert (one.code, one.changes) == ("many_steps", {"max_train_epochs": 3, "max_train_steps": None})
    assert one.text.startswith(
        "30000 steps show each picture (of 300) 100 times, which is many: about 26 times are usual"
    )
    assert advice(300, **{name: value for name, value in one.changes.items() if value}) == []


def test_an_epoch_that_is_too_long_itself_is_told_with_repeats_and_steps():
    (one,) = advice(300, repeats=100, max_train_epochs=1)
    assert one.changes == {"max_train_steps": 7746}  # 2000 * sqrt(300 / 20)
    assert "lower the repeats" in one.text


def test_few_steps_are_told():
    (one,) = advice(20, repeats=1, max_train_epochs=10)
    assert (one.code, one.changes["max_train_epochs"]) == ("few_steps", 100)


@pytest.mark.parametrize(("steps", "code"), [(499, "few_steps"), (500, None), (6000, None), (6001, "many_steps")])
def test_a_quarter_and_three_times_the_usual_pass(steps, code):
    assert [one.code for one in advice(20, max_train_steps=steps)] == ([code] if code else [])


@pytest.mark.parametrize(
    ("family", "resolution", "code"),
    [
        ("sdxl", 512, "small_resolution"), ("sdxl", 768, None), ("sdxl", (832, 1216), None), ("sd1", 512, None),
        ("sd1", 768, None), ("sd1", 1024, "large_resolution"), ("sd1", 256, "small_resolution"), ("sd2", 768, None),
    ],
)  # fmt: skip
def test_resolution_far_from_that_of_the_model_is_told(family, resolution, code):
    found = advice(20, family=family, resolution=resolution)
    assert [one.code for one in found] == ([code] if code else [])
    if found:
        assert advice(20, family=family, **found[0].changes) == []


def test_small_models_and_empty_sets_are_left_alone():
    assert advice(20, width=32, resolution=128, max_train_steps=3) == []
    assert advice_on(config_of({}), TrainPlan.of(0, config_of({}).training), ModelSize("sd1", {}, (), 320), 0, 0) == []
