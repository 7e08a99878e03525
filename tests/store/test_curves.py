import json

import pytest

from lib_train.store import curves
from lib_train.store.curves import curves_in


@pytest.fixture
def log(tmp_path):
    return tmp_path / "events.jsonl"


def line(step, loss, **rates):
    event = {"event": "StepDone", "time": 1.5, "step": step, "epoch": 1, "loss": loss, "lr": rates}
    return json.dumps(event) + "\n"


def plain(found):
    return {name: (list(steps), list(values)) for name, (steps, values) in found.items()}


def test_loss_and_rates_of_the_steps_after_a_number_are_found(log):
    log.write_text("".join(line(n, n / 10, unet=1e-4 / n, text_encoder=5e-05) for n in range(1, 5)))
    assert plain(curves_in(log, 2)) == {
        "loss": ([3, 4], [0.3, 0.4]), "lr unet": ([3, 4], [1e-4 / 3, 2.5e-05]), "lr text_encoder": ([3, 4], [5e-05] * 2)
    }  # fmt: skip
    assert curves_in(log, 4) == {}
    with log.open("a") as file:
        file.write(line(5, 0.5, unet=0.0))
    assert plain(curves_in(log, 3))["lr unet"] == ([4, 5], [2.5e-05, 0.0])


def test_rates_that_an_optimizer_found_are_curves_beside_those_that_it_was_given(log):
    both = {"unet": 1.0, "d*lr unet": 3e-4}
    log.write_text(line(1, 0.5, **both) + line(2, 0.5, **both))
    assert plain(curves_in(log))["d*lr unet"] == ([1, 2], [3e-4] * 2)
    assert plain(curves_in(log))["lr unet"] == ([1, 2], [1.0] * 2)


@pytest.mark.parametrize(
    "odd",
    ['{"event": "CheckpointSaved", "step": 3}\n', '{"event": "StepD' + line(3, 0.3, unet=1.0), line(3, 0.3, other=2.0),
     line(2, 0.9, unet=7.0) + line(3, 0.3, unet=1.0), line(3, 0.3) + '{"step": 9, "event": "StepDone", "loss": 4}\n',
     line(3, 0.3, unet=1.0, other=2.0), line(3, 0.3)],
)  # fmt: skip
def test_many_lines_at_once_are_read_as_one_by_one(log, odd):
    text = line(1, 0.1, unet=1.0) + line(2, 0.2, unet=1.0) + odd + line(10, 0.5, unet=1.0)
    log.write_text(text)
    at_once, one_by_one = plain(curves_in(log)), curves._Reader()
    for one in text.splitlines():
        one_by_one._take_one(one.encode())
    assert at_once == plain(one_by_one.since(0))
    assert at_once["loss"][0][-1] == 10


def test_loss_that_a_resumed_run_repeats_counts_once(log):
    log.write_text(line(1, 0.1) + line(2, 0.2) + line(2, 0.2) + line(3, 0.3))
    assert plain(curves_in(log)) == {"loss": ([1, 2, 3], [0.1, 0.2, 0.3])}


def test_lines_of_another_shape_are_read_as_far_as_they_are_sound(log):
    odd = [
        '{"step":1,"event":"StepDone","lr":{"unet":1e-4},"loss":0.5}',  # another order
        '{"event": "StepDone", "step": 2, "loss": NaN, "lr": {"unet": 2}}',
        '{"event": "StepDone", "step": "x", "loss": 1, "lr": {}}',
        '{"event": "StepDone", "step": 3, "loss": 1e999, "lr": [1]}',
        '{"event": "StepDone", "step": 99999999999999999999999, "loss": 1}',
        '{"event": "StepD' + line(4, 0.25).strip(),  # torn by a crash, and gone on
        '{"event": "CheckpointSaved", "step": 4}',
        "[]",
    ]
    log.write_text("\n".join(odd) + "\n")
    assert plain(curves_in(log)) == {"loss": ([1, 4], [0.5, 0.25]), "lr unet": ([1, 2], [1e-4, 2.0])}


def test_there_is_no_curve_without_a_log(log):
    assert curves_in(log) == {}


def measured(step, on, off):
    return json.dumps({"event": "Validated", "time": 1.5, "step": step, "epoch": 1, "on": on, "off": off}) + "\n"


def test_measurements_of_held_out_pictures_are_curves_of_their_own(log):
    log.write_text(line(1, 0.1, unet=1.0) + measured(1, {"100": 0.2, "300": 0.4}, {"100": 0.5, "300": 0.7}))
    with log.open("a") as file:
        file.write(line(2, 0.2, unet=1.0) + measured(2, {"100": 0.1, "300": 0.3}, {"100": 0.5, "300": 0.7}))
    found = plain(curves_in(log))
    assert found["val_on"] == ([1, 2], pytest.approx([0.3, 0.2]))
    assert found["val_off"] == ([1, 2], pytest.approx([0.6, 0.6]))
    assert found["val_on 100"] == ([1, 2], [0.2, 0.1])
    assert found["loss"] == ([1, 2], [0.1, 0.2])


@pytest.mark.parametrize(
    "odd",
    ['{"event": "Validated", "step": 2}', '{"event": "Validated", "step": 2, "on": 1, "off": {}}',
     '{"event": "Validated", "step": -1, "on": {"100": 1}, "off": {"100": 1}}', '{"event": "Validated"',
     '{"event": "Validated", "step": 2, "on": {"100": NaN}, "off": {"100": "x"}}'],
)  # fmt: skip
def test_measurement_that_cannot_be_read_is_passed_over(log, odd):
    log.write_text(line(1, 0.1) + odd + "\n" + line(3, 0.3))
    assert plain(curves_in(log)) == {"loss": ([1, 3], [0.1, 0.3])}
