import csv
import io

import pytest

from lib_train.store.metrics import MetricsFile, Rows, columns, rows_of


def step(number, loss, **more):
    return {"event": "StepDone", "step": number, "epoch": 1, "loss": loss, "lr": {"unet": 1e-4, "text_encoder": 5e-5},
            **more}  # fmt: skip


def measured(number):
    return {"event": "Validated", "step": number, "epoch": 1, "on": {"100": 0.25, "900": 0.75},
            "off": {"100": 0.5, "900": 1.5}}  # fmt: skip


def fixed(number, loss):
    return {"event": "FixedLoss", "step": number, "epoch": 1, "loss": loss, "learned": False}


def table(path):
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode(), newline="")))


@pytest.fixture
def file(tmp_path):
    return MetricsFile(tmp_path / "metrics.csv", columns(["unet", "text_encoder"]))


def test_rows_hold_loss_rates_norms_and_what_was_measured_after_their_step(file):
    norms = {"shortened": 3, "mean": 0.5, "largest": 1.0}
    file.begin([step(1, 0.5, norms=norms), step(2, 0.5), measured(2), step(3, 0.5)])
    file.close()
    assert file.path.read_bytes().split(b"\r\n") == [
        b"step,epoch,loss,loss_smoothed,lr_unet,lr_text_encoder,norms_shortened,norm_mean,norm_largest,"
        b"val_on,val_off,val_on_100,val_on_900,val_off_100,val_off_900",
        b"1,1,0.5,0.5,0.0001,5e-05,3,0.5,1.0,,,,,,",
        b"2,1,0.5,0.5,0.0001,5e-05,,,,0.5,1.0,0.25,0.75,0.5,1.5",
        b"3,1,0.5,0.5,0.0001,5e-05,,,,,,,,,",
        b"",
    ]


def test_loss_of_the_fixed_batch_stands_in_the_row_of_its_step_which_follows_it(tmp_path):
    file = MetricsFile(tmp_path / "metrics.csv", columns(["unet"], fixed=True))
    told = [step(1, 0.5), fixed(2, 0.25), fixed(3, 0.125), step(2, 0.5), step(3, 0.5), step(4, 0.5)]  # as a GPU tells
    file.begin(told[:3])
    for event in told[2:]:
        file.take(event)
    file.close()
    assert [row["loss_fixed"] for row in table(file.path)] == ["", "0.25", "0.125", ""]
    assert list(table(file.path)[0])[3:6] == ["loss_smoothed", "lr_unet", "loss_fixed"]


def test_smoothed_loss_is_the_mean_with_weights_that_fall_by_a_twentieth_a_step(file):
    losses = [0.5, 0.25, 1.0]
    file.begin(step(number, loss) for number, loss in enumerate(losses, 1))
    file.close()
    for number, row in enumerate(table(file.path), 1):
        weights = [0.95 ** (number - place) for place in range(1, number + 1)]
        mean = sum(weight * loss for weight, loss in zip(weights, losses, strict=False)) / sum(weights)
        assert float(row["loss_smoothed"]) == pytest.approx(mean)
        assert float(row["loss"]) == losses[number - 1]


def test_row_waits_for_a_measurement_and_a_loss_that_is_told_again_adds_none():
    rows = Rows()
    assert rows.take(step(1, 0.5)) == []
    assert rows.take(step(1, 0.5)) == []
    assert rows.take(measured(1)) == []
    (first,) = rows.take(step(2, 0.5))
    assert (first["step"], first["val_on"]) == (1, 0.5)
    assert [row["step"] for row in rows.rest()] == [2]


def test_lines_of_a_log_that_are_no_events_of_ours_are_left_out():
    lines = [{}, {"event": "StepDone"}, step("x", 0.5), step(1, None), step(2, 0.5), {"event": "RunFinished"}]
    rows, done = rows_of(lines)
    assert [row["step"] for row in (*done, *rows.rest())] == [2]


def test_resumed_run_goes_on_behind_the_rows_of_its_log(tmp_path):
    events = [step(1, 0.5), step(2, 0.25), measured(2), step(3, 0.125), measured(3)]
    file, other = (
        MetricsFile(tmp_path / name, columns(["unet", "text_encoder"], timesteps=[100, 900])) for name in ("a", "b")
    )
    file.begin(events)
    file.close()
    other.begin(events[:2])
    for event in (events[1], *events[2:]):  # the loss that was pending is told again
        other.take(event)
    other.close()
    assert other.path.read_bytes() == file.path.read_bytes()


def test_columns_of_the_log_stay_where_pictures_are_held_out_no_more(file):
    file.begin([step(1, 0.5), measured(1), step(2, 0.5)])
    file.take(step(3, 0.25))
    file.close()
    assert [row["val_on"] for row in table(file.path)] == ["0.5", "", ""]
