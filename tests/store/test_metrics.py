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


def table(path):
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode(), newline="")))


def fail(*args, **how):
    raise PermissionError(13, "Permission denied")


@pytest.fixture
def now():
    return [0.0]


@pytest.fixture
def file(tmp_path, now):
    return MetricsFile(tmp_path / "metrics.csv", columns(["unet", "text_encoder"]), lambda: now[0])


def test_rows_hold_loss_rates_norms_and_what_was_measured_after_their_step(file):
    norms = {"shortened": 3, "mean": 0.5, "largest": 1.0}
    rows, done = rows_of([step(1, 0.5, norms=norms), step(2, 0.5), measured(2), step(3, 0.5)])
    file.begin([*done, *rows.rest()])
    assert file.path.read_bytes().split(b"\r\n") == [
        b"step,epoch,loss,loss_smoothed,lr_unet,lr_text_encoder,norms_shortened,norm_mean,norm_largest,"
        b"val_on,val_off,val_on_100,val_on_900,val_off_100,val_off_900",
        b"1,1,0.5,0.5,0.0001,5e-05,3,0.5,1.0,,,,,,",
        b"2,1,0.5,0.5,0.0001,5e-05,,,,0.5,1.0,0.25,0.75,0.5,1.5",
        b"3,1,0.5,0.5,0.0001,5e-05,,,,,,,,,",
        b"",
    ]


def test_smoothed_loss_is_the_mean_with_weights_that_fall_by_a_twentieth_a_step(file):
    losses = [0.5, 0.25, 1.0]
    rows, done = rows_of(step(number, loss) for number, loss in enumerate(losses, 1))
    file.begin([*done, *rows.rest()])
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


def test_rows_are_on_the_disk_a_second_later(file, now):
    file.begin([])
    rows, done = rows_of([step(1, 0.5), step(2, 0.5)])
    file.add(done)
    assert table(file.path) == []
    now[0] = 1.0
    file.add(rows.rest())
    assert [row["step"] for row in table(file.path)] == ["1", "2"]


def test_no_row_is_lost_while_another_program_has_the_file_open(file, monkeypatch):
    file.begin([])
    for number in (1, 2):
        file.add([{"step": number}])
        with monkeypatch.context() as there, pytest.raises(PermissionError):
            there.setattr(type(file.path), "open", fail)
            file.write()
    file.write()
    assert [row["step"] for row in table(file.path)] == ["1", "2"]


def test_file_that_could_not_be_begun_is_begun_later(file, monkeypatch):
    with monkeypatch.context() as there, pytest.raises(PermissionError):
        there.setattr("lib_train.store.metrics.write_whole", fail)
        file.begin([{"step": 1}])
    file.add([{"step": 2}])
    file.write()
    assert [row["step"] for row in table(file.path)] == ["1", "2"]


def test_half_a_row_that_a_full_disk_left_is_written_over(file):
    file.begin([{"step": 1}])
    with file.path.open("ab") as torn:
        torn.write(b"2,1,0.")
    file.add([{"step": 2}])
    file.write()
    assert file.path.read_bytes().endswith(b"\r\n1,,,,,\r\n2,,,,,\r\n")


def test_columns_of_rows_before_stay(file):
    file.begin([{"step": 1, "val_on": 0.5}])
    file.add([{"step": 2, "loss": 0.25}])
    file.write()
    assert [(row["loss"], row["val_on"]) for row in table(file.path)] == [("", "0.5"), ("0.25", "")]
