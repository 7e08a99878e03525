import pytest

from lib_train.config.training import TrainingConfig
from lib_train.training.plan import TrainPlan


def plan(batches, **settings):
    return TrainPlan.of(batches, TrainingConfig(**settings))


@pytest.mark.parametrize(
    ("batches", "settings", "steps", "total", "epochs"),
    [
        (10, {"max_train_epochs": 3}, 10, 30, 3),
        (10, {"max_train_epochs": 3, "gradient_accumulation_steps": 4}, 3, 9, 3),
        (3, {"max_train_epochs": 2, "gradient_accumulation_steps": 8}, 1, 2, 2),
        (10, {"max_train_steps": 25}, 10, 25, 3),
        (10, {"max_train_steps": 4}, 10, 4, 1),
        (10, {"max_train_epochs": None, "max_train_steps": 20}, 10, 20, 2),
    ],
)
def test_plan_counts_a_last_smaller_accumulation_and_steps_win_over_epochs(batches, settings, steps, total, epochs):
    found = plan(batches, **settings)
    assert (found.steps_per_epoch, found.total_steps, found.epochs) == (steps, total, epochs)


@pytest.mark.parametrize(
    ("batches", "settings", "saves"),
    [
        (10, {"max_train_epochs": 3}, [10, 20, 30]),
        (10, {"max_train_epochs": 3, "gradient_accumulation_steps": 4, "save_every_n_epochs": 2}, [6, 9]),
        (1, {"max_train_epochs": 1, "save_every_n_epochs": 5}, [1]),
        (10, {"max_train_steps": 25}, [10, 20, 25]),
        (10, {"max_train_epochs": 2, "save_every_n_epochs": None, "save_every_n_steps": 8}, [8, 16, 20]),
        (4, {"max_train_epochs": 2, "save_every_n_epochs": 1, "save_every_n_steps": 3}, [3, 4, 6, 8]),
        (10, {"max_train_epochs": 2, "save_every_n_epochs": None}, [20]),
    ],
)
def test_plan_saves_at_epoch_ends_every_n_steps_and_always_at_the_last_step(batches, settings, saves):
    found = plan(batches, **settings)
    assert found.saves() == saves
    assert [step for step in range(1, found.total_steps + 1) if found.saves_after(step)] == saves


def test_a_state_is_kept_with_each_checkpoint_and_every_n_steps():
    found = plan(5, max_train_epochs=2, save_state_every_n_steps=3)
    assert [step for step in range(1, 11) if found.keeps_state_after(step)] == [3, 5, 6, 9, 10]


def test_epochs_begin_with_the_step_after_the_last_of_the_one_before():
    found = plan(5, max_train_epochs=2)
    assert [found.epoch_of(step) for step in (1, 5, 6, 10)] == [1, 1, 2, 2]
    assert [step for step in range(1, 11) if found.ends_epoch(step)] == [5, 10]


def test_plan_is_never_shorter_than_the_steps_that_are_done():
    found = plan(10, max_train_epochs=3)
    assert found.at_least(30) == found.at_least(3) == found
    longer = found.at_least(31)
    assert (longer.total_steps, longer.epochs, longer.saves()[-1]) == (31, 4, 31)
