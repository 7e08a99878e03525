import json
import os
import re

import pytest
from PIL import Image

from lib_train.checkpoints import resume
from lib_train.checkpoints.resume import latest_state, read_state
from lib_train.config.codec import from_json
from lib_train.errors import RunChanged
from tests.jobs.stopping import SETTINGS, draw, refused, stopped, weights


def test_run_and_its_states_keep_what_it_was_made_from(service, data, host):
    host.vae, host.sha256 = host.loaded.with_name("vae.safetensors"), "abcdef" * 10
    run = stopped(service, data)
    made = run.settings()["made_of"]
    assert (made["base_model"]["title"], made["base_model"]["sha256"]) == ("A.safetensors", "abcdef" * 10)
    assert (made["vae"]["title"], made["pictures"], made["total_steps"]) == ("vae.safetensors", 6, 12)
    assert made["prediction_type"] == "epsilon"
    assert read_state(latest_state(run.state_folder))[1]["made_of"] == made  # type: ignore[arg-type]
    assert [row[:4] for row in run.pictures()] == [["1_cat", f"{index}.png", False, 1] for index in range(6)]


def test_what_it_was_made_from_stands_there_from_its_first_step(service, data, host):
    titles = []

    def between_steps(done, total):
        run = service.root / "p" / "versions" / "v1" / "runs" / "r001" / "run.json"
        titles.append(json.loads(run.read_text())["made_of"]["base_model"]["title"])
        return False

    host.between_steps = between_steps
    service.train("p", "v1", from_json({**SETTINGS, "train_data_dir": [str(data)]})[0])
    assert titles[0] == "A.safetensors"


def test_another_base_model_is_refused_and_the_one_it_began_with_is_named(service, data, host):
    whole = service.train("p", "v0", from_json({**SETTINGS, "train_data_dir": [str(data)]})[0]).run
    host.sha256 = "a1b2c3d4e5f6" * 5
    stopped(service, data)
    first, host.loaded, host.sha256 = host.loaded, host.loaded.with_name("B.safetensors"), ""
    with pytest.raises(RunChanged) as caught:
        service.resume("p", "v1")
    (change,) = caught.value.changes
    assert change.startswith("base model: A.safetensors [a1b2c3d4e5] at its start, B.safetensors (content ")
    assert f"put it back (base_model = '{first}': 'B.safetensors' is loaded; choose it)" in str(caught.value)
    host.loaded = first
    assert weights(service.resume("p", "v1").run) == weights(whole)


def test_another_file_under_the_name_of_the_base_model_is_seen(service, data, host):
    stopped(service, data)
    dates = host.loaded.stat()
    host.loaded.write_bytes(b"Z" * 1000)
    os.utime(host.loaded, ns=(dates.st_atime_ns, dates.st_mtime_ns))
    (change,) = refused(service)
    assert change.startswith("base model: A.safetensors (content ")


def test_base_model_under_another_name_is_the_same_one(service, data, host):
    stopped(service, data)
    host.loaded = host.loaded.rename(host.loaded.with_name("renamed.safetensors"))
    assert service.resume("p", "v1").finished


@pytest.mark.parametrize("first", [None, "vae.safetensors"])
def test_another_vae_is_refused_and_named(service, data, host, first):
    host.vae = host.loaded.with_name(first) if first else None
    stopped(service, data)
    host.vae = None if first else host.loaded.with_name("vae.safetensors")
    (change,) = refused(service)
    own, file = "the checkpoint's own", r"vae.safetensors \(content .{10}\)"
    old, new = (file, own) if first else (own, file)
    assert re.fullmatch(f"VAE: {old} at its start, {new} now", change)
    assert service.resume("p", "v1", with_changes=True).finished


def test_base_model_that_is_taken_for_another_kind_is_refused(service, data, host):
    run = stopped(service, data)
    host.prediction_type = "v"
    assert refused(service) == ["prediction_type: epsilon at its start, v now"]
    assert not (run.folder / "lock").exists()
    host.prediction_type = "epsilon"
    assert service.resume("p", "v1").finished


def test_run_of_an_earlier_version_goes_on_with_a_note_and_is_guarded_from_then_on(service, data, host):
    run = stopped(service, data)
    settings = run.settings()
    del settings["made_of"]
    (run.folder / "run.json").write_text(json.dumps(settings))
    (run.folder / "pictures.jsonl").unlink()
    for state in run.state_folder.glob("step-*"):
        state_json = json.loads((state / "state.json").read_text())
        del state_json["facts"]["made_of"]
        state_json["sha256"] = resume._digest((state / "tensors.safetensors").read_bytes(), state_json["facts"])
        (state / "state.json").write_text(json.dumps(state_json))
    host.between_steps = lambda done, total: (done, total) != (9, 12)
    assert not service.resume("p", "v1", places={"prediction_type": "epsilon"}).finished
    assert any("r001 was begun by an earlier version" in line for line in service.listener.lines)
    (data / "1_cat" / "0.txt").write_text("a dog")
    assert refused(service) == ["captions changed: 1 (1_cat/0.png)"]


def test_what_run_json_lost_is_read_from_the_state(service, data, host):
    run = stopped(service, data)
    settings = run.settings()
    del settings["made_of"]
    (run.folder / "run.json").write_text(json.dumps(settings))
    host.loaded = host.loaded.with_name("B.safetensors")
    assert refused(service)[0].startswith("base model: A.safetensors ")


def test_changed_masks_are_named_where_they_count(service, data):
    mask = data / ".train_tools" / "masks" / "1_cat" / "0.png"
    mask.parent.mkdir(parents=True)
    Image.new("L", (64, 64), 100).save(mask)
    stopped(service, data, masked_loss=True)
    Image.new("L", (64, 64), 200).save(mask)
    assert refused(service) == ["masks changed: 1 (1_cat/0.png)"]
    assert service.resume("p", "v1", with_changes=True).finished


def test_masks_count_for_nothing_where_they_are_not_used(service, data):
    stopped(service, data)
    mask = data / ".train_tools" / "masks" / "1_cat" / "0.png"
    mask.parent.mkdir(parents=True)
    Image.new("L", (64, 64), 100).save(mask)
    assert service.resume("p", "v1").finished


def test_changed_pictures_that_are_held_out_are_named_and_how_often_they_are_measured_is_not(service, data, tmp_path):
    held = tmp_path / "held out"
    draw(held, "0", (1, 2, 3), "another")
    run = stopped(service, data, validation_data_dir=[str(held)], validate_every_n_steps=1)
    assert [row[:4] for row in run.pictures()][-1] == ["held out", "0.png", False, 0]
    assert len(run.pictures()) == 7
    draw(held, "0", (200, 2, 3), "another")
    assert refused(service) == ["pictures edited: 1 (held out/0.png)"]
    assert service.resume("p", "v1", with_changes=True).finished


def test_run_whose_held_out_pictures_moved_goes_on(service, data, tmp_path):
    draw(tmp_path / "held out", "0", (1, 2, 3), "another")
    stopped(service, data, validation_data_dir=[str(tmp_path / "held out")])
    (tmp_path / "moved").mkdir()
    (tmp_path / "held out").rename(tmp_path / "moved" / "held out")
    places = {"validation_data_dir": [str(tmp_path / "moved" / "held out")]}
    assert service.resume("p", "v1", places=places).finished
