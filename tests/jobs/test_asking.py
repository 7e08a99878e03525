"""What other processes ask of a run."""

import pytest

from lib_train import cli
from lib_train.config.codec import from_json
from lib_train.jobs.asking import Asking
from lib_train.jobs.wishes import Wishes
from lib_train.store.asked import WISHES, ask, taken
from lib_train.store.projects import open_project
from lib_train.store.runs import new_run
from lib_train.training.events import StepDone
from tests.jobs.stopping import SETTINGS, weights


class Seconds:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def run(tmp_path):
    return new_run(open_project(tmp_path, "p").version("v1"), {"config": {}})


@pytest.fixture
def asking(run):
    """Of a training that has prompts; with what was told and a clock."""
    told: list[str] = []
    wishes, clock = Wishes(), Seconds()
    with wishes.training(True):
        yield Asking(run, wishes, told.append, clock), wishes, told, clock


@pytest.mark.parametrize("wish", WISHES)
def test_each_wish_is_granted_once_as_one_of_this_process_is(run, asking, wish):
    looks, wishes, told, clock = asking
    wishes.pause.set()
    flags = {"save": wishes.save, "sample": wishes.sample, "pause": wishes.pause, "stop": wishes.stop,
             "stop-after-epoch": wishes.last_epoch}  # fmt: skip
    ask(run, wish)
    clock.now += 1
    looks.look()
    assert wishes.pause.is_set() == (wish != "continue")
    assert wish == "continue" or flags[wish].is_set()
    assert list(map(str, told)) == [f"asked from outside: {wish}"]
    assert taken(run) == []
    assert not (run.folder / "asked").exists()


def test_nobody_looks_more_than_twice_a_second(run, asking):
    looks, wishes, _, clock = asking
    clock.now += 1
    looks.look()
    ask(run, "save")
    clock.now += 0.4
    looks.look()
    assert not wishes.save.is_set()
    clock.now += 0.2
    looks.look()
    assert wishes.save.is_set()


def test_what_was_asked_of_a_process_that_is_gone_is_forgotten(run):
    ask(run, "stop")
    wishes, clock = Wishes(), Seconds()
    looks = Asking(run, wishes, lambda text: None, clock)
    clock.now += 1
    looks.look()
    assert not wishes.stop.is_set()


def test_a_wish_that_cannot_be_granted_is_told_and_the_run_goes_on(run):
    told: list[str] = []
    wishes, clock = Wishes(), Seconds()
    with wishes.training(False):
        looks = Asking(run, wishes, told.append, clock)
        ask(run, "sample")
        clock.now += 1
        looks.look()
    assert "this run has no preview prompts" in str(told[0])


def test_command_asks_the_training_that_goes_on_and_says_where_there_is_none(tmp_path, run, capsys):
    words = ["--output", str(tmp_path), "--project", "p"]
    assert cli.main(["ask", "save", *words]) == 2
    assert "p v1: no training goes on there" in capsys.readouterr().err
    with run.held():
        assert cli.main(["ask", "save", *words]) == 0
    assert "r001: asked to save" in capsys.readouterr().out
    assert taken(run) == ["save"]


def trained(service, data, wishes, name, **more):
    config = from_json({**SETTINGS, "train_data_dir": [str(data)], **more})[0]
    return service.train("p", name, config, wishes)


def test_run_that_is_to_stop_after_its_epoch_saves_then_and_resumes_to_the_same_file(service, data):
    whole = trained(service, data, None, "v0")
    wishes = Wishes()

    def told(event, plan):
        if isinstance(event, StepDone) and event.step == 4:
            wishes.ask_for_last_epoch()

    service.listener.trained = told
    outcome = trained(service, data, wishes, "v1", save_every_n_epochs=0, save_every_n_steps=0)
    assert not outcome.finished
    assert outcome.run.newest().step == 6  # three steps an epoch
    assert [path.stem[-6:] for path in outcome.checkpoints] == ["000002"]
    service.listener.trained = lambda event, plan: None
    resumed = service.resume("p", "v1")
    assert resumed.finished
    assert weights(resumed.run) == weights(whole.run)


def test_wish_to_stop_after_the_epoch_can_be_taken_back(service, data):
    wishes = Wishes()

    def told(event, plan):
        if isinstance(event, StepDone) and event.step in (4, 5):
            wishes.ask_for_last_epoch(event.step == 4)

    service.listener.trained = told
    assert trained(service, data, wishes, "v1").finished


def test_save_now_writes_a_checkpoint_without_pictures_and_changes_no_number(service, data):
    whole = trained(service, data, None, "v0", preview_prompts="a")
    wishes = Wishes()

    def told(event, plan):
        if isinstance(event, StepDone) and event.step == 4:
            wishes.ask_for_save()

    service.listener.trained = told
    outcome = trained(service, data, wishes, "v1", preview_prompts="a", preview_after_training=False)
    assert "step00000004" in [path.stem[-12:] for path in outcome.checkpoints]
    assert not list(outcome.run.version.inside("previews").glob("*/*.png"))
    assert weights(outcome.run) == weights(whole.run)
