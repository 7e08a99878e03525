import pytest

from lib_train.cli.bars import Console
from lib_train.smoothing import Smoothed
from lib_train.store.curves import Curve
from lib_train.training.events import RunStarted, StepDone, Validated
from lib_train.training.plan import TrainPlan

PLAN = TrainPlan(batches_per_epoch=2, steps_per_epoch=2, total_steps=4, epochs=2, text_steps=1,
                 save_every_n_epochs=None, save_every_n_steps=None, save_state_every_n_steps=None)  # fmt: skip


@pytest.fixture
def bars():
    made = Console()
    yield made
    made.ended()


def last_line(capsys):
    return capsys.readouterr().err.split("\r")[-1].strip()


def test_work_of_each_kind_has_a_bar_of_its_own_that_ends_when_it_is_done(bars, capsys):
    for what in ("latents", "captions"):
        for done in (1, 2):
            bars.working(what, done, 2)
        assert "2/2" in last_line(capsys), what
    assert bars._bar is None


def test_bar_of_a_training_has_epoch_and_smoothed_loss_and_ends_with_the_last_step(bars, capsys):
    bars.trained(RunStarted(4, 1), PLAN)
    losses = Smoothed()
    for step, loss in enumerate((0.4, 0.2, 0.3, 0.1), start=1):
        bars.trained(StepDone(step, 1 + step // 3, loss, {}), PLAN)
        losses.add(loss)
    line = last_line(capsys)
    assert "4/4" in line
    assert f"epoch=2/2, loss={losses.value:.4f}" in line
    assert bars._bar is None


def test_bar_of_a_resumed_training_goes_on_where_it_ended(bars, capsys):
    bars.resumed({"loss": Curve([1, 2], [0.4, 0.2])})
    bars.trained(RunStarted(4, 3), PLAN)
    for step, loss in ((3, 0.3), (4, 0.1)):
        bars.trained(StepDone(step, 2, loss, {}), PLAN)
    assert f"loss={Smoothed([0.4, 0.2, 0.3, 0.1]).value:.4f}" in last_line(capsys)


def test_measurements_of_held_out_pictures_are_lines(bars, capsys):
    bars.trained(RunStarted(4, 1), PLAN)
    bars.trained(Validated(2, 1, {100: 0.1, 300: 0.3}, {100: 0.25, 300: 0.35}), PLAN)
    assert "validation after step 2: loss 0.2000, 0.3000 without the network" in capsys.readouterr().out
