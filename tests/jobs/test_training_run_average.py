"""Files, log, metadata and previews of runs that average their weights."""

from dataclasses import replace
from io import BytesIO

import pytest
import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file

from lib_train.app.listing import listed
from lib_train.checkpoints.like_file import like
from lib_train.config.codec import from_json, to_json
from tests.jobs.stopping import SETTINGS, draw, stopped

EMA = {"ema_decay": 0.5, "learning_rate": 1e-2, "save_precision": "float"}


def with_ema(config, ema, **more):
    return from_json(to_json(config), {**EMA, "ema": ema, **more})[0]


def metadata_of(path):
    with safe_open(path, "pt") as file:
        return file.metadata()


def same(one, other):
    one, other = load_file(one), load_file(other)
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def test_average_lies_beside_the_weights_in_files_that_end_in_ema(service, config):
    plain = service.train("p", "plain", with_ema(config, "off")).checkpoints
    found = service.train("p", "v1", with_ema(config, "beside")).checkpoints
    names = ["-step00000002", "-000001", ""]
    assert [path.stem.removeprefix("p-v1-r001") for path in found] == [n + end for n in names for end in ("", "-ema")]
    assert all(map(same, found[::2], plain))
    assert not any(map(same, found[::2], found[1::2]))
    assert [path for path in service.listener.paths if path.suffix == ".safetensors"][-6:] == list(found)
    shown = {one["name"]: (one["step"], one["epoch"], one["loss"]) for one in listed(service.version("p", "v1"))}
    assert [shown[path.name][0] for path in found] == [2, 2, 3, 3, 4, 4]
    assert all(shown[one.name] == shown[other.name] for one, other in zip(found[::2], found[1::2], strict=True))


def test_average_instead_of_the_weights_has_their_names(service, config):
    beside = service.train("p", "v1", with_ema(config, "beside")).checkpoints
    instead = service.train("p", "v2", with_ema(config, "instead")).checkpoints
    assert [path.stem for path in instead] == [
        p.stem.replace("v1", "v2") for p in beside if not p.stem.endswith("-ema")
    ]
    assert all(map(same, instead, beside[1::2]))


def test_files_tell_how_the_average_was_made_and_which_of_them_holds_it(service, config):
    plain = service.train("p", "plain", config).checkpoints
    weights, average = service.train("p", "v1", with_ema(config, "beside")).checkpoints[-2:]
    told = {key: metadata_of(average).get(key) for key in ("ss_ema", "ss_ema_decay", "ss_is_ema", "ss_output_name")}
    assert told == {"ss_ema": "beside", "ss_ema_decay": "0.5", "ss_is_ema": "True", "ss_output_name": "p-v1-r001-ema"}
    assert metadata_of(weights)["ss_output_name"] == "p-v1-r001"
    assert "ss_is_ema" not in metadata_of(weights)
    assert not [key for key in metadata_of(plain[-1]) if "ema" in key]
    settings = like(average).settings
    assert (settings["ema"], settings["ema_decay"]) == ("beside", "0.5")


@pytest.mark.parametrize(
    ("ema", "rows"), [("instead", ["-step00000002"]), ("beside", ["-step00000002", "-step00000002-ema"])]
)
def test_previews_while_training_show_the_average(service, config, ema, rows):
    previews = replace(config.preview, preview_prompts=("a",), preview_every_n_steps=2, preview_after_training=False,
                       preview_weights=(1.0,), preview_seeds=(1,))  # fmt: skip
    config = replace(config, preview=previews)
    for version, way in (("off", "off"), ("v1", ema)):
        service.train("p", version, with_ema(config, way))
    folder = service.version("p", "v1").folder / "previews"
    pictures = {row: next((folder / f"p-v1-r001{row}").glob("*.png")).read_bytes() for row in rows}
    plain = next((folder.parents[1] / "off/previews/p-off-r001-step00000002").glob("*.png")).read_bytes()
    assert len(list(folder.glob("grid-*.png"))) == 2  # of steps 2 and 4, with both rows
    assert pixels(pictures[rows[-1]]) != pixels(plain)
    assert (pixels(pictures[rows[0]]) == pixels(plain)) == (ema == "beside")


def pixels(png):
    return Image.open(BytesIO(png)).tobytes()


@pytest.mark.parametrize("ema", ["instead", "beside"])
def test_resumed_run_writes_the_averages_of_the_run_that_never_stopped(service, data, ema):
    more = {"ema": ema, "ema_decay": 0.9}
    whole = service.train("p", "whole", from_json({**SETTINGS, "train_data_dir": [str(data)], **more})[0]).checkpoints
    run = stopped(service, data, **more)
    assert len(run.checkpoints()) < len(whole)
    found = service.resume("p", "v1").checkpoints
    assert len(found) == len(whole) == (4 if ema == "beside" else 2)
    assert all(map(same, found, whole))


def test_changed_data_gives_both_files_names_that_no_other_weights_have(service, data):
    run = stopped(service, data, ema="beside")
    before = {path.name: path.read_bytes() for path in run.checkpoints()}
    draw(data / "1_cat", "more", (1, 2, 3), "cat more")
    names = {path.name for path in service.resume("p", "v1", with_changes=True).checkpoints}
    assert {"p-v1-r001.safetensors", "p-v1-r001-ema.safetensors"} < names
    folder = run.version.inside("checkpoints")
    assert before == {name: (folder / name).read_bytes() for name in before}


def test_plan_counts_memory_and_disk_of_the_average(service, config):
    off, instead, beside = (service.plan(with_ema(config, ema)) for ema in ("off", "instead", "beside"))
    weights = off.network_weights
    assert instead.memory_bytes - off.memory_bytes == beside.memory_bytes - off.memory_bytes == 4 * weights
    assert instead.checkpoint_bytes == off.checkpoint_bytes == weights * 4 == beside.checkpoint_bytes / 2
    assert instead.disk_bytes - off.disk_bytes == 2 * 4 * weights  # two states
    assert beside.disk_bytes - instead.disk_bytes == len(off.saves) * off.checkpoint_bytes


def test_settings_of_an_average_that_is_off_are_without_effect_and_told(service, config):
    notes = service.plan(with_ema(config, "off")).notes
    assert "without effect: ema_decay: ema is off" in notes
    assert not any("ema" in note for note in service.plan(with_ema(config, "beside")).notes)
