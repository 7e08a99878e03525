"""What other processes ask of a run."""

import pytest

from lib_train import cli
from lib_train.config.codec import from_json
from lib_train.jobs.asking import Asking
from lib_train.jobs.wishes import Wishes
from lib_train.store.asked import WISHES, ask, taken
from lib_train.store.projects import open_project, project_named
from lib_train.store.runs import new_run, runs_of
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


def test_stop_is_heard_between_two_pictures_that_are_encoded_and_the_run_can_be_resumed(service, data):
    whole = trained(service, data, None, "v0")

    def working(what, done, total):
        seen.append((what, done, total))
        if what == "latents" and done < total:
            (run,) = runs_of(project_named(service.root, "p").named("v1"))
            ask(run, "stop")

    seen: list[tuple[str, int, int]] = []
    service.listener.working = working
    outcome = trained(service, data, None, "v1", vae_batch_size=1)
    assert (outcome.finished, outcome.run.newest().step) == (False, 0)
    assert [done for what, done, total in seen if what == "latents" and 0 < done < total] == [1]
    service.listener.working = lambda *given: None
    assert service.resume("p", "v1").finished
    assert weights(outcome.run) == weights(whole.run)


def test_what_else_is_asked_while_pictures_are_encoded_is_done_at_the_first_step(service, data):
    def working(what, done, total):
        if what == "latents":
            (run,) = runs_of(project_named(service.root, "p").named("v1"))
            ask(run, "save")
            ask(run, "stop-after-epoch")

    service.listener.working = working
    outcome = trained(service, data, None, "v1", save_every_n_epochs=0, save_every_n_steps=0)
    assert not outcome.finished
    assert [path.stem.rpartition("-")[2] for path in outcome.checkpoints] == ["step00000001", "000001"]


def test_what_was_asked_of_a_process_that_is_gone_is_forgotten(service, data):
    wishes = Wishes()
    service.listener.trained = lambda event, plan: wishes.stop.set() if isinstance(event, StepDone) else None
    stopped = trained(service, data, wishes, "v1")
    assert not stopped.finished
    service.listener.trained = lambda event, plan: None
    ask(stopped.run, "stop")
    assert service.resume("p", "v1").finished
