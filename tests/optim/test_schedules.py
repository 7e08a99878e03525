import pytest

from lib_train.config.training import SCHEDULES
from lib_train.optim.schedules import create, warmup_steps_of

STEPS = (0, 1, 5, 10, 25, 50, 75, 99, 100, 120)
# Factors at these steps of 100, read off transformers 4.38.2: get_scheduler(...).lr_lambdas[0]. Theirs differ twice:
# polynomial ends at 1e-7, and cosine rises again when a run goes on past its end (0.117 at step 120).
TRANSFORMERS = [
    ("constant", {}, (1, 1, 1, 1, 1, 1, 1, 1, 1, 1)),
    ("constant_with_warmup", {"warmup_steps": 10}, (0, 0.1, 0.5, 1, 1, 1, 1, 1, 1, 1)),
    ("linear", {}, (1, 0.99, 0.95, 0.9, 0.75, 0.5, 0.25, 0.01, 0, 0)),
    ("linear", {"warmup_steps": 10}, (0, 0.1, 0.5, 1, 0.8333333, 0.5555556, 0.2777778, 0.0111111, 0, 0)),
    ("cosine", {"warmup_steps": 10}, (0, 0.1, 0.5, 1, 0.9330127, 0.5868241, 0.1786062, 0.0003046, 0, 0)),
    ("cosine_with_restarts", {"warmup_steps": 10, "num_cycles": 3},
     (0, 0.1, 0.5, 1, 0.5, 0.75, 0.9330127, 0.0027391, 0, 0)),
    ("cosine_with_restarts", {}, (1, 0.9997533, 0.9938442, 0.9755283, 0.8535534, 0.5, 0.1464466, 0.0002467, 0, 0)),
    ("polynomial", {"warmup_steps": 10, "power": 2.0},
     (0, 0.1, 0.5, 1, 0.6944445, 0.308642, 0.0771606, 0.0001236, 0, 0)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "settings", "factors"), TRANSFORMERS)
def test_schedule_matches_that_of_transformers(name, settings, factors):
    factor = create(name, total_steps=100, **settings)
    assert [factor(step) for step in STEPS] == pytest.approx(factors, abs=2e-7)


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_schedule_of_the_settings_starts_its_warmup_at_zero_and_reaches_one(name):
    factor = create(name, total_steps=20, warmup_steps=4)
    assert [factor(step) for step in range(5)] == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert all(0 <= factor(step) <= 1 for step in range(40))


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_run_of_one_step_and_one_of_warmup_alone_have_a_rate(name):
    assert create(name, total_steps=1)(0) == 1.0
    assert [create(name, total_steps=2, warmup_steps=2)(step) for step in range(2)] == [0.0, 0.5]


def test_restarts_begin_each_cycle_at_the_full_rate():
    factor = create("cosine_with_restarts", total_steps=90, num_cycles=3)
    assert [factor(step) for step in (0, 30, 60)] == pytest.approx([1, 1, 1])
    assert factor(29) < 0.01


@pytest.mark.parametrize(("setting", "steps"), [(0.0, 0), (0.1, 20), (0.999, 200), (1.0, 1), (30.0, 30)])
def test_warmup_is_a_share_below_one_and_else_a_count(setting, steps):
    assert warmup_steps_of(setting, 200) == steps


def test_warm_up_share_of_more_steps_than_a_float_holds_is_a_number():
    assert warmup_steps_of(0.5, 10**400) == 2**52
