import csv
import json

import pytest
from PIL import Image

from lib_train.jobs.training_run import TrainingRun
from lib_train.previews.grid import text_of
from tests.moves import ended, now_of, until

AXES = {"unet_lr": "1e-3, 1e-2"}


@pytest.fixture
def swept(session, settings):
    """Begins a sweep of two runs, and waits until all is over; returns the sweep."""

    def run(axes=AXES, **more):
        given = {**settings, "preview_prompts": "mochi\na hat", "preview_seeds": "1, 5", "preview_weights": "0.5, 1",
                 "preview_after_training": False, **more}  # fmt: skip
        plan = session.sweeps.plan("p", "v1", axes, given)
        sweep = session.sweeps.add("p", "v1", plan)
        until(lambda: not session.busy)
        return sweep

    return run


def rows_in(sweep):
    with (sweep.folder / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def pictures_in(sweep):
    return sorted((sweep.folder / "pictures").iterdir())


def test_a_report_shows_base_model_and_runs_on_the_same_prompts_and_seeds(session, swept, rendered):
    requests = rendered()
    sweep = swept()
    assert now_of(session, "p", "v1")["phase"] == "finished"
    asked = [(one.network and one.network.stem, one.weight, one.prompt, one.seed) for one in requests]
    columns = [("mochi", 1), ("mochi", 5), ("a hat", 1), ("a hat", 5)]
    assert asked == [
        *((None, 0.0, *column) for column in columns),
        *(("p-v1-r001", 1.0, *column) for column in columns), *(("p-v1-r002", 1.0, *column) for column in columns),
    ]  # fmt: skip
    assert [(one["run"], one["unet_lr"], one["state"]) for one in rows_in(sweep)] == [
        ("r001", "1e-3", "finished"), ("r002", "0.01", "finished")]  # fmt: skip
    losses = session.series("p", "v1", "r002")["loss"]
    assert float(rows_in(sweep)[1]["loss"]) == pytest.approx(sum(loss for _, loss in losses) / 4, rel=1e-5)
    page = (sweep.folder / "report.html").read_text(encoding="utf-8")
    assert page.count("data:image/webp;base64,") == 12
    assert {one["state"] for one in session.sweeps.listed("p", "v1")[0]["runs"]} == {"finished"}


def test_its_pictures_are_those_that_previews_make(session, swept, settings):
    sweep = swept()
    session.preview("p", "v1", ["p-v1-r001.safetensors"], {**settings, "preview_prompts": "mochi\na hat"})
    ended(session)
    preview = session.root / "p/versions/v1/previews/p-v1-r001/p-v1-r001-p2-s1-w1.png"
    with Image.open(preview) as one:
        same = [path for path in pictures_in(sweep) if Image.open(path).tobytes() == one.tobytes()]
    assert [text_of(path) for path in same] == [text_of(preview)]


def test_a_report_takes_pictures_that_previews_of_its_runs_are_already(session, swept, rendered):
    requests = rendered()
    sweep = swept(preview_after_training=True, preview_weights="1", preview_every_n_steps="2")
    assert len(pictures_in(sweep)) == 3 * 4
    assert len(requests) == (1 + 2 + 2) * 4, "the base model's for the report, and those of two files of each run"
    assert len({(one.network, one.prompt, one.seed) for one in requests}) == len(requests), "one was made twice"


def test_a_report_takes_no_preview_of_another_file_or_with_another_setting(session, swept, settings, rendered):
    sweep = swept()
    for path in pictures_in(sweep):
        path.unlink()
    given = {**settings, "preview_prompts": "mochi", "preview_seeds": "1", "preview_weights": "0, 1"}
    session.preview("p", "v1", [], {**given, "preview_cfg_scale": "3"})
    ended(session)
    session.preview("p", "v1", ["p-v1-r001.safetensors"], given)
    ended(session)
    requests = rendered()
    session.sweeps.report("p", "v1")
    ended(session)
    assert (len(requests), len(pictures_in(sweep))) == (12 - 2, 12)


def test_a_report_made_again_draws_only_what_is_missing_or_another_now(session, swept, rendered):
    sweep = swept()
    before, requests = pictures_in(sweep), rendered()
    (sweep.folder / "report.html").unlink()
    before[0].unlink()
    before[-1].write_bytes(before[-1].read_bytes()[:100])
    session.sweeps.report("p", "v1")
    assert ended(session)["messages"]
    assert len(requests) == 2
    assert pictures_in(sweep) == before
    assert (sweep.folder / "report.html").is_file()


def test_runs_that_failed_or_are_not_there_stand_in_the_report_with_the_reason(session, swept, monkeypatch):
    run = TrainingRun.run

    def failing(self):
        if self._config.training.unet_lr == 1e-2:
            raise RuntimeError("the <sun> went out")
        return run(self)

    monkeypatch.setattr(TrainingRun, "run", failing)
    monkeypatch.setattr("threading.excepthook", lambda args: None)
    sweep = swept({"unet_lr": "1e-3, 1e-2, 1e-4"})
    rows = rows_in(sweep)
    assert [row["state"] for row in rows] == ["finished", "failed", "finished"]
    assert rows[1]["why"].endswith("the <sun> went out")
    assert "<sun>" not in (sweep.folder / "report.html").read_text()
    assert "the &lt;sun&gt; went out" in (sweep.folder / "report.html").read_text()
    assert "not finished: unet_lr=0.01" in now_of(session)["outcome"]
    assert len(pictures_in(sweep)) == 3 * 4


def test_a_run_whose_pictures_cannot_be_made_does_not_lose_the_others(session, swept):
    sweep = swept()
    for path in pictures_in(sweep):
        path.unlink()
    file = session.root / "p/versions/v1/checkpoints/p-v1-r001.safetensors"
    file.write_bytes(of_no_layer(file))
    session.sweeps.report("p", "v1", "s001")
    ended(session)
    assert len(pictures_in(sweep)) == 8
    assert "p-v1-r001.safetensors" in (sweep.folder / "report.html").read_text().split('class="failed"')[-1]


def of_no_layer(path):
    """A whole safetensors file of a network that this model has no place for."""
    from safetensors.torch import load, save

    tensors = load(path.read_bytes())
    return save({name.replace("lora_unet_", "lora_unet_no_"): tensor for name, tensor in tensors.items()})


def test_a_stopped_report_keeps_its_pictures_and_goes_on_with_the_rest(session, swept, rendered):
    sweep = swept()
    for path in pictures_in(sweep)[:6]:
        path.unlink()
    requests: list[object] = rendered(lambda: len(requests) == 2 and session.stop())
    session.sweeps.report("p", "v1")
    ended(session, "stopped")
    assert len(pictures_in(sweep)) == 6 + len(requests) < 12
    session.sweeps.report("p", "v1")
    session.queue.go_on()
    ended(session)
    assert len(requests) == 6


def test_a_report_is_not_made_with_another_base_model_in_the_place_of_the_first(session, swept):
    swept()
    session.host.loaded.write_bytes(b"another")
    session.sweeps.report("p", "v1")
    assert "was trained on A.safetensors" in ended(session, "failed")["error"]["message"]


def test_a_report_speaks_the_language_it_was_asked_in(session, swept):
    sweep = swept()
    session.sweeps.report("p", "v1", "", "ja_JP")
    ended(session)
    page = (sweep.folder / "report.html").read_text(encoding="utf-8")
    assert '<html lang="ja">' in page
    assert "2 件中 2 件の学習が完了" in page


def test_what_a_run_keeps_of_its_sweep(session, swept):
    swept()
    facts = json.loads((session.root / "p/versions/v1/runs/r002/run.json").read_text())
    assert (facts["name"], facts["note"], facts["sweep"]) == ("unet_lr=0.01", "s001: unet_lr=0.01", "s001")
