"""Each setting does something, and only beside those that it depends on."""

import pytest

from lib_train.config.fields import options_of
from lib_train.config.run import SECTIONS
from lib_train.config.uses import Circumstances, without_effect
from tests.effects.every import EFFECTS
from tests.effects.probes import Bench

DECLARED = {one.name: one for kind in SECTIONS.values() for one in options_of(kind)}
IDLE = [(name, beside) for name, effect in EFFECTS.items() for beside in effect.idle]


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    return Bench(tmp_path_factory.mktemp("bench"))


def told_idle(bench, settings):
    """Settings of which a plan says that they change nothing."""
    around = Circumstances(
        family=settings.get("model_family", "sd1"),
        regularisation="reg_data_dir" in settings,
        predicts=settings.get("prediction_type", "epsilon"),
    )
    return [name for name, _ in without_effect(bench.config(settings), around)]


@pytest.mark.parametrize("name", EFFECTS)
def test_setting_changes_what_it_says(bench, name):
    effect = EFFECTS[name]
    with_it = {**effect.beside, name: effect.value}
    assert effect.seen(bench, with_it) != effect.seen(bench, effect.beside)
    assert name not in told_idle(bench, with_it)


@pytest.mark.parametrize(("name", "beside"), IDLE)
def test_setting_changes_nothing_where_a_plan_says_so(bench, name, beside):
    effect = EFFECTS[name]
    with_it = {**beside, name: effect.value}
    assert name in told_idle(bench, with_it)
    assert effect.seen(bench, with_it) == effect.seen(bench, beside)


@pytest.mark.parametrize("name", [one.name for one in DECLARED.values() if one.off is not None])
def test_number_that_means_off_is_as_empty(bench, name):
    effect, off = EFFECTS[name], DECLARED[name].off
    beside = {} if name == "max_train_epochs" else effect.beside  # without steps it must be something
    base = {**beside, name: None}
    assert effect.seen(bench, {**base, name: off}) == effect.seen(bench, base)
