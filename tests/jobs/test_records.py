import csv
import json
from dataclasses import replace

import pytest

from lib_train import files
from lib_train.config.codec import from_json
from lib_train.store import growing
from lib_train.store.tensorboard import event_files
from tests.jobs.stopping import SETTINGS, draw, stopped
from tests.store.event_records import scalars_in

MEASURING = {"validate_every_n_steps": 1, "scale_weight_norms": 0.5, "save_state_every_n_steps": 3}


@pytest.fixture
def held_out(tmp_path):
    draw(tmp_path / "held", "a", (9, 99, 200), "a cat")
    return {**MEASURING, "validation_data_dir": [str(tmp_path / "held")]}


def rows(run):
    with (run.folder / "metrics.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def lines(run):
    return [json.loads(line) for line in (run.folder / "pictures.jsonl").read_text(encoding="utf-8").splitlines()]


def test_run_has_a_row_for_each_step_with_the_numbers_of_its_log(service, data, held_out):
    config, _ = from_json({**SETTINGS, **held_out, "train_data_dir": [str(data)]})
    run = service.train("p", "v1", config).run
    events = list(run.events())
    for row, step in zip(rows(run), (one for one in events if one["event"] == "StepDone"), strict=True):
        found = [row["step"], row["epoch"], row["loss"], row["lr_unet"], row["norm_largest"]]
        wanted = [step["step"], step["epoch"], step["loss"], step["lr"]["unet"], step["norms"]["largest"]]
        assert found == [str(value) for value in wanted]
    for row, event in zip(rows(run), (one for one in events if one["event"] == "Validated"), strict=True):
        assert [row[f"val_on_{band}"] for band in event["on"]] == [str(loss) for loss in event["on"].values()]
        assert [row[f"val_off_{band}"] for band in event["off"]] == [str(loss) for loss in event["off"].values()]
    assert len(rows(run)) == 12


def test_table_and_curves_of_a_run_that_finds_its_rate_have_it_beside_the_factor(service, data):
    pytest.importorskip("prodigyopt")
    found = {"optimizer_type": "Prodigy", "learning_rate": 1, "optimizer_args": "d0=1e-4", "lr_scheduler": "constant"}
    config, _ = from_json({**SETTINGS, **found, "train_data_dir": [str(data)]})
    run = service.train("p", "v1", config).run
    rates = [float(row["d*lr_unet"]) for row in rows(run)]
    assert list(run.curves()["d*lr unet"].values) == rates
    assert rates == sorted(rates)  # d only grows
    assert 1e-4 <= rates[0] < rates[-1] < 1
    assert {row["lr_unet"] for row in rows(run)} == {"1.0"}
    assert list(rows(run)[0])[4:8] == ["lr_unet", "lr_text_encoder", "d*lr_unet", "d*lr_text_encoder"]


def test_resumed_run_has_the_very_table_of_one_that_was_never_stopped(service, data, held_out):
    config, _ = from_json({**SETTINGS, **held_out, "train_data_dir": [str(data)]})
    whole = service.train("p", "v0", config).run
    run = stopped(service, data, **held_out)
    assert [row["step"] for row in rows(run)] == [str(step) for step in range(1, 8)]
    (run.folder / "metrics.csv").write_text("torn")
    service.resume("p", "v1")
    assert (run.folder / "metrics.csv").read_bytes() == (whole.folder / "metrics.csv").read_bytes()


def test_run_goes_on_while_another_program_has_the_table_open_and_says_so_once(service, config, monkeypatch):
    write, refusing = files.write_whole, [True]

    def refused(path, *parts, **how):
        if refusing and path.name == "metrics.csv":
            raise PermissionError(13, "Permission denied")
        write(path, *parts, **how)

    def between_steps(done, total):
        if (done, total) == (3, config.training.max_train_steps):
            refusing.clear()
        return True

    monkeypatch.setattr(growing, "write_whole", refused)
    monkeypatch.setattr(growing, "_SECONDS", 0.0)
    service.host.between_steps = between_steps
    outcome = service.train("p", "v1", config)
    told = [line for line in service.listener.lines if "metrics.csv" in line]
    assert len(told) == 1
    assert told[0].startswith("note: metrics.csv cannot be written (Permission denied): close the program")
    assert [row["step"] for row in rows(outcome.run)] == ["1", "2", "3", "4"]


def test_run_keeps_the_captions_as_written_and_as_trained(service, data):
    draw(data.parent / "reg" / "1_thing", "x", (9, 9, 9), "a thing")
    more = {"train_data_dir": [str(data)], "reg_data_dir": [str(data.parent / "reg")], "caption_prefix": "mi_cv",
            "shuffle_caption": True, "caption_dropout_rate": 0.5}  # fmt: skip
    run = service.train("p", "v1", from_json({**SETTINGS, **more})[0]).run
    found = lines(run)
    assert [line["caption"] for line in found] == [*(f"cat number {index}" for index in range(6)), "a thing"]
    assert [line["trained"] for line in found] == [f"mi_cv, {line['caption']}" for line in found]
    assert [line["picture"][:2] for line in found][-1] == ["1_thing", "x.png"]
    assert run.pictures() == [line["picture"] for line in found]


def test_caption_that_is_trained_as_written_stands_once(service, config):
    run = service.train("p", "v1", replace(config)).run
    assert all(line.keys() == {"picture", "caption"} for line in lines(run))


def test_run_keeps_the_program_that_trained_it(service, config):
    settings = service.train("p", "v1", config).run.settings()
    assert settings["program"]
    assert settings["torch"].startswith(("1.", "2."))


def test_loss_of_the_fixed_batch_is_in_table_and_event_file_also_where_the_table_had_no_such_column(service, data):
    run = stopped(service, data, log_with="tensorboard", stop_when_learned=2)
    assert [bool(row["loss_fixed"]) for row in rows(run)] == [step % 2 == 0 for step in range(1, 8)]
    old = [line for line in run.events() if line["event"] != "FixedLoss" or line["step"] > 4]  # of an earlier version
    (run.folder / "events.jsonl").write_text("".join(json.dumps(line) + "\n" for line in old), encoding="utf-8")
    service.resume("p", "v1")
    found = [(int(row["step"]), float(row["loss_fixed"])) for row in rows(run) if row["loss_fixed"]]
    assert [step for step, _ in found] == [6, 8, 10, 12]
    told = scalars_in(event_files(run.folder)[1])["loss/fixed_batch"]
    assert [step for step, _ in told] == [6, 8, 10, 12]
    assert [loss for _, loss in told] == pytest.approx([loss for _, loss in found])


def test_event_file_of_a_resumed_run_tells_what_its_log_tells(service, data, held_out):
    run = stopped(service, data, log_with="tensorboard", **held_out)
    service.resume("p", "v1")
    _, path = event_files(run.folder)
    found, curves = scalars_in(path), run.curves()
    for tag, name in (("loss/current", "loss"), ("lr/unet", "lr unet"), ("loss/validation/step_average", "val_on")):
        steps, values = zip(*found[tag], strict=True)
        assert list(steps) == list(curves[name].steps)
        assert list(values) == pytest.approx(list(curves[name].values))
    assert list(found["loss/current"])[-1][0] == 12


def test_there_is_no_event_file_where_nobody_asked(service, config):
    assert event_files(service.train("p", "v1", config).run.folder) == []
