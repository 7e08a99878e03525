"""A run remembers what it was made from, and says what has changed before it goes on."""

import json
import os
import re
import shutil
import time

import pytest
from PIL import Image
from safetensors.torch import load_file

from lib_train.app.service import Service
from lib_train.app.session import Session
from lib_train.checkpoints import resume
from lib_train.checkpoints.resume import latest_state, read_state
from lib_train.config.codec import from_json
from lib_train.error_json import error_json
from lib_train.errors import ConfigError, ModelFileError, ProjectError, RunChanged
from tests.fakes import FakeHost, Notes
from tests.moves import now_of

SETTINGS = {
    "resolution": 64, "min_bucket_reso": 64, "max_bucket_reso": 64, "network_dim": 2, "train_batch_size": 2,
    "max_train_epochs": 4, "save_every_n_epochs": 2, "save_precision": "float", "flip_aug": True,
    "learning_rate": 1e-2, "cache_latents_to_disk": True,
}  # fmt: skip


def draw(folder, name, colour, caption=None):
    folder.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (64, 64), colour).save(folder / f"{name}.png")
    if caption is not None:
        (folder / f"{name}.txt").write_text(caption)


@pytest.fixture
def data(tmp_path):
    """Six pictures, each counted once: three batches an epoch."""
    for index in range(6):
        draw(tmp_path / "data" / "1_cat", f"{index}", (40 * index, 99, 250 - 40 * index), f"cat number {index}")
    return tmp_path / "data"


@pytest.fixture
def host(tmp_path):
    for name in ("A", "B", "vae"):
        (tmp_path / f"{name}.safetensors").write_bytes(name.encode() * 1000)
    return FakeHost(tmp_path / "A.safetensors")


@pytest.fixture
def service(tmp_path, host):
    return Service(host, tmp_path / "out", Notes())


def stopped(service, data, after=7, **more):
    """A run of 12 steps that ended after some of them."""
    service.host.between_steps = lambda done, total: (done, total) != (after, 12)
    outcome = service.train("p", "v1", from_json({**SETTINGS, "train_data_dir": [str(data)], **more})[0])
    service.host.between_steps = lambda done, total: True
    assert not outcome.finished
    return outcome.run


def weights(run):
    return {name: tensor.tolist() for name, tensor in load_file(run.checkpoints()[-1]).items()}


def refused(service, **more):
    with pytest.raises(RunChanged) as caught:
        service.resume("p", "v1", **more)
    return list(caught.value.changes)


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
    seen = []

    def between_steps(done, total):
        run = service.root / "p" / "versions" / "v1" / "runs" / "r001" / "run.json"
        seen.append((done, total, json.loads(run.read_text())["made_of"]["base_model"]["title"]))
        return False

    host.between_steps = between_steps
    service.train("p", "v1", from_json({**SETTINGS, "train_data_dir": [str(data)]})[0])
    assert seen[0][2] == "A.safetensors"


def edit(data, change):
    """Change something below ``data``; gives the changes that are to be named."""
    cat = data / "1_cat"
    if change == "removed":
        (cat / "1.png").unlink()
        (cat / "4.png").unlink()
        return ["pictures removed: 2 (1_cat/1.png, 1_cat/4.png)"]
    if change == "many added":
        for index in range(20, 32):
            draw(cat, index, (index, 0, 0), "more")
        names = ", ".join(f"1_cat/{index}.png" for index in range(20, 30))
        return [f"pictures added: 12 ({names} and 2 more)"]
    if change == "edited":
        draw(cat, "3", (1, 2, 3))
        return ["pictures edited: 1 (1_cat/3.png)"]
    if change == "captions":
        (cat / "0.txt").write_text("a dog")
        (cat / "5.txt").unlink()
        return ["captions changed: 2 (1_cat/0.png, 1_cat/5.png)"]
    if change == "repeats":
        cat.rename(data / "3_cat")
        return ["folder 1_cat is 3_cat now: 6 pictures"]
    if change == "order":
        for old, new in (("0", "z"), ("z", "zz")):
            for ending in ("png", "txt"):
                (cat / f"{old}.{ending}").rename(cat / f"{new}.{ending}")
        return ["order of the pictures"]
    draw(data / "1_reg", "r", (9, 9, 9), "cat")
    return ["pictures added: 1 (1_reg/r.png)"]


@pytest.mark.parametrize("change", ["removed", "many added", "edited", "captions", "repeats", "order", "folder"])
def test_changed_data_is_named_and_the_run_goes_on_when_it_is_back_or_when_told_to(service, data, tmp_path, change):
    whole = service.train("p", "v0", from_json({**SETTINGS, "train_data_dir": [str(data)]})[0]).run
    run = stopped(service, data)
    shutil.copytree(data, tmp_path / "before")
    named = edit(data, change)
    found = refused(service)
    assert [text for text in found if not text.startswith("plan: ")] == named
    assert any(text.startswith("plan: 12 steps with 3 batches an epoch at its start, ") for text in found) == (
        change in ("many added", "removed", "repeats", "folder")
    )
    log = (run.folder / "events.jsonl").read_text()
    shutil.rmtree(data)
    (tmp_path / "before").rename(data)
    assert (run.folder / "events.jsonl").read_text() == log
    outcome = service.resume("p", "v1")
    assert outcome.finished
    assert weights(outcome.run) == weights(whole)


def test_message_names_the_ways_out(service, data):
    stopped(service, data)
    (data / "1_cat" / "1.png").unlink()
    told = (
        r"resume = 'r001': what the run was made from has changed:\n  pictures removed: 1 \(1_cat/1.png\)\n"
        r"put it back; or go on after step 7 with what is there now: --resume r001 --with_changes; or start a new run"
    )
    with pytest.raises(RunChanged, match=told):
        service.resume("p", "v1")


def test_run_goes_on_with_changes_from_the_same_step_and_remembers_them(service, data):
    run = stopped(service, data)
    before = (run.version.folder / "checkpoints" / "p-v1-r001-000002.safetensors").read_bytes()
    for index in range(6, 10):
        draw(data / "1_cat", index, (index, 0, 200), "more")
    outcome = service.resume("p", "v1", with_changes=True)
    assert outcome.finished
    steps = [event["step"] for event in run.events() if event["event"] == "StepDone"]
    assert steps == list(range(1, 21))  # 4 epochs of 5 batches
    (changed,) = run.settings()["changes"]
    assert changed["step"] == 7
    assert "pictures added: 4 (1_cat/6.png, 1_cat/7.png, 1_cat/8.png, 1_cat/9.png)" in changed["changes"]
    assert any("changed: pictures added: 4" in line for line in service.listener.lines)
    names = [path.name for path in outcome.checkpoints]
    assert names == [f"p-v1-r001{end}.safetensors" for end in ("-000002", "-000002-step00000010", "")]
    assert outcome.checkpoints[0].read_bytes() == before  # the one of step 6, which the new plan names alike


def test_run_that_was_told_to_go_on_with_changes_needs_not_be_told_again(service, data, host):
    run = stopped(service, data)
    (data / "1_cat" / "0.txt").write_text("a dog")
    host.between_steps = lambda done, total: (done, total) != (9, 12)
    assert not service.resume("p", "v1", with_changes=True).finished
    host.between_steps = lambda done, total: True
    assert service.resume("p", "v1").finished
    assert len(run.settings()["changes"]) == 1


@pytest.mark.parametrize("left", [2, 4])
def test_plan_that_became_shorter_than_the_steps_done_ends_with_the_weights_of_now(service, data, left):
    run = stopped(service, data, after=11)
    trained = {name.removeprefix("network."): tensor.tolist()
               for name, tensor in read_state(latest_state(run.state_folder))[0].items()  # type: ignore[arg-type]
               if name.startswith("network.")}  # fmt: skip
    for index in range(left, 6):
        (data / "1_cat" / f"{index}.png").unlink()
    refused(service)
    outcome = service.resume("p", "v1", with_changes=True)
    assert outcome.finished
    assert weights(run) == trained
    assert outcome.checkpoints[-1].name == "p-v1-r001.safetensors"
    assert list(run.events())[-1]["step"] == 11
    assert any(f"the plan has {2 * left} steps and 11 are done" in line for line in service.listener.lines)
    with pytest.raises(ProjectError, match="the run is finished"):
        service.resume("p", "v1")


def test_data_that_moved_elsewhere_is_no_change(service, data, tmp_path):
    whole = service.train("p", "v0", from_json({**SETTINGS, "train_data_dir": [str(data)]})[0]).run
    run = stopped(service, data)
    moved = tmp_path / "elsewhere" / "pictures"
    shutil.copytree(data, moved)
    shutil.rmtree(data)
    outcome = service.resume("p", "v1", places={"train_data_dir": str(moved)})
    assert outcome.finished
    assert weights(run) == weights(whole)
    assert run.settings()["config"]["dataset"]["train_data_dir"] == [str(moved)]


def test_only_places_may_be_others_in_a_resumed_run(service, data):
    stopped(service, data)
    for name in ("network_dim", "prediction_type"):
        with pytest.raises(ConfigError, match=rf"a resumed run keeps its settings: .* \(given: {name}\)"):
            service.resume("p", "v1", places={name: "v", "vae": ""})


def test_new_names_of_folders_and_files_in_the_same_order_are_no_change(service, data):
    whole = service.train("p", "v0", from_json({**SETTINGS, "train_data_dir": [str(data)]})[0]).run
    stopped(service, data)
    for path in list((data / "1_cat").iterdir()):
        path.rename(path.with_name(f"new {path.name}"))
    (data / "1_cat").rename(data / "1_tomcat")
    assert weights(service.resume("p", "v1").run) == weights(whole)


def test_change_is_seen_where_the_list_of_pictures_is_damaged(service, data):
    run = stopped(service, data)
    rows = run.pictures()
    rows[2][4] = "0" * 16
    run.keep_pictures(rows)
    made = run.settings()["made_of"]
    run.keep("made_of", {**made, "data": "x"})
    assert refused(service) == ["pictures, captions or repeats (the list of those at its start is gone)"]


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


def test_settings_that_were_edited_in_the_runs_file_are_named(service, data):
    run = stopped(service, data)
    config = run.settings()["config"]
    config["training"] |= {"learning_rate": 0.5, "save_every_n_epochs": 1}
    config["preview"]["preview_steps"] = [7]
    run.keep("config", config)
    assert refused(service) == ["setting learning_rate: 0.01 at its start, 0.5 now"]
    assert service.resume("p", "v1", with_changes=True).finished


def test_run_of_an_earlier_version_goes_on_with_a_note_and_is_guarded_from_then_on(service, data, host):
    run = stopped(service, data)
    settings = run.settings()
    del settings["made_of"]
    (run.folder / "run.json").write_text(json.dumps(settings))
    (run.folder / "pictures.jsonl").unlink()
    for state in run.state_folder.glob("step-*"):
        told = json.loads((state / "state.json").read_text())
        del told["facts"]["made_of"]
        told["sha256"] = resume._digest((state / "tensors.safetensors").read_bytes(), told["facts"])
        (state / "state.json").write_text(json.dumps(told))
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


def test_base_model_that_is_gone_is_named_before_anything_is_written(service, data, host, tmp_path):
    run = stopped(service, data)
    log = (run.folder / "events.jsonl").read_text()
    host.loaded.unlink()
    with pytest.raises(ModelFileError, match=r"A\.safetensors: cannot be read"):
        service.resume("p", "v1")
    assert (run.folder / "events.jsonl").read_text() == log


def test_tab_is_told_at_once_what_has_changed_and_can_go_on_with_it(service, data, host):
    stopped(service, data)
    session = Session(host, service.root)
    (data / "1_cat" / "0.txt").write_text("a dog")
    with pytest.raises(RunChanged) as caught:
        session.resume("p", "v1")
    answer = error_json(caught.value, service.root)
    assert (answer["changed"], answer["step"]) == (["captions changed: 1 (1_cat/0.png)"], 7)
    assert answer["message"] == (
        "resume = 'r001': what the run was made from has changed: captions changed: 1 (1_cat/0.png); put it back, "
        "go on after step 7 with the changes, or start a new run"
    )
    assert str(caught.value).endswith("--resume r001 --with_changes; or start a new run")
    assert now_of(session)["phase"] == "idle"
    session.resume("p", "v1", with_changes=True)
    end = time.monotonic() + 200
    while session.busy and time.monotonic() < end:
        time.sleep(0.02)
    assert now_of(session)["phase"] == "finished"


@pytest.mark.parametrize("seeds", [[1, 7], [-1, 7]])
def test_run_that_was_killed_in_its_last_previews_says_what_is_left_to_do(service, data, host, monkeypatch, seeds):
    def killed(model, requests):
        for number, picture in enumerate(FakeHost.render(host, model, requests)):
            if number == 3:
                raise KeyboardInterrupt
            yield picture

    previews = {"preview_prompts": ["a"], "preview_seeds": seeds, "preview_weights": [0, 1]}
    monkeypatch.setattr(host, "render", killed)
    with pytest.raises(KeyboardInterrupt):
        service.train("p", "v1", from_json({**SETTINGS, "train_data_dir": [str(data)], **previews})[0])
    monkeypatch.undo()
    told = r"resume = 'r001': the run is finished; 3 of its 6 previews are missing: make them with train-tools preview "
    with pytest.raises(ProjectError, match=told + r'--output ".*out" --project "p" --version "v1", or in the tab'):
        service.resume("p", "v1")
    version = service.version("p", "v1")
    service.preview(version.checkpoints(), version.settings()[0], version)
    with pytest.raises(ProjectError, match="the run is finished; start a new one"):
        service.resume("p", "v1")


def test_run_that_ended_before_its_first_state_says_so(service, data, monkeypatch):
    def killed(done, total):
        raise KeyboardInterrupt

    service.host.between_steps = killed
    with pytest.raises(KeyboardInterrupt):
        service.train("p", "v1", from_json({**SETTINGS, "train_data_dir": [str(data)]})[0])
    with pytest.raises(ProjectError, match="r001': ended before its first state was saved; start it anew"):
        service.resume("p", "v1")
