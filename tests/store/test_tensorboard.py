import os
import time

import pytest

from lib_train.store.tensorboard import EventFile, Scalars, event_files
from tests.store.event_records import scalars_in


def step(number, loss, **more):
    return {
        "event": "StepDone",
        "time": 7.0 + number,
        "step": number,
        "epoch": 1,
        "loss": loss,
        "lr": {"unet": 0.5},
    } | more


def measured(number):
    return {
        "event": "Validated",
        "time": 7.5,
        "step": number,
        "on": {100: 0.25, 900: 0.75},
        "off": {100: 0.5, 900: 1.5},
    }


@pytest.fixture
def file(tmp_path):
    return EventFile(tmp_path, lambda: Scalars(2, "epoch_average"))


def test_tags_are_those_of_sd_scripts():
    norms = {"shortened": 3, "mean": 0.5, "largest": 1.0}
    found = Scalars(2, "step_average").take(step(1, 0.5, lr={"unet": 1e-4, "text_encoder": 5e-5}, norms=norms))
    assert found == {
        "loss/current": 0.5, "loss/average": 0.5, "lr/unet": 1e-4, "lr/textencoder": 5e-5, "max_norm/keys_scaled": 3.0,
        "max_norm/average_key_norm": 0.5, "max_norm/max_key_norm": 1.0,
    }  # fmt: skip


def test_rate_that_an_optimizer_finds_has_the_tag_of_sd_scripts():
    found = Scalars(2, "step_average").take(step(1, 0.5, lr={"text_encoder": 1.0, "d*lr text_encoder": 3e-4}))
    assert (found["lr/textencoder"], found["lr/d*lr/textencoder"]) == (1.0, 3e-4)


def test_average_is_the_mean_over_as_many_steps_as_an_epoch_has(file):
    losses = [0.5, 0.25, 1.0, 0.125]
    file.begin(step(number, loss) for number, loss in enumerate(losses, 1))
    found = scalars_in(file.path)
    assert found["loss/current"] == list(enumerate(losses, 1))
    assert found["loss/average"] == [(1, 0.5), (2, 0.375), (3, 0.625), (4, 0.5625)]
    assert found["loss/epoch_average"] == [(2, 0.375), (4, 0.5625)]


def test_measurements_are_there_with_and_without_the_network(file):
    file.begin([step(1, 0.5), measured(1), measured(1)])
    found = scalars_in(file.path)
    assert {tag: values for tag, values in found.items() if "validation" in tag} == {
        "loss/validation/epoch_average": [(1, 0.5)], "loss/validation/base_model": [(1, 1.0)],
        "loss/validation/timestep_100": [(1, 0.25)], "loss/validation/timestep_900": [(1, 0.75)],
    }  # fmt: skip


def test_loss_of_the_fixed_batch_has_a_tag_and_no_step_twice(file):
    fixed = {"event": "FixedLoss", "time": 7.5, "step": 2, "epoch": 1, "loss": 0.25, "learned": False}
    file.begin([step(1, 0.5), fixed, step(2, 0.5), fixed])
    assert scalars_in(file.path)["loss/fixed_batch"] == [(2, 0.25)]


def test_resumed_run_has_each_step_once_in_one_file_that_sorts_behind_the_old_one(file, tmp_path):
    file.begin([])
    for number in (1, 2, 3):
        file.take(step(number, 0.5))
    file.close()
    ahead = file.path.with_name(
        f"events.out.tfevents.{int(time.time()) + 1000}.train-tools"
    )  # of a clock that was wrong
    os.rename(file.path, ahead)
    again = EventFile(tmp_path, lambda: Scalars(2, "epoch_average"))
    again.begin([step(1, 0.5), step(2, 0.25)])
    again.take(step(2, 0.25))
    again.take(step(3, 0.125))
    again.close()
    assert event_files(tmp_path) == [ahead, again.path]
    assert ahead.read_bytes() == b""
    assert scalars_in(again.path)["loss/current"] == [(1, 0.5), (2, 0.25), (3, 0.125)]
    EventFile(tmp_path, lambda: Scalars(2, "epoch_average")).begin([])
    assert event_files(tmp_path)[0] == again.path


def test_lines_of_a_log_that_are_no_events_of_ours_are_left_out(file):
    file.begin([{}, step(1, None), {"event": "StepDone"}, step(2, 0.5)])
    assert scalars_in(file.path)["loss/current"] == [(2, 0.5)]
