import io
import json
import threading
import time
from dataclasses import replace

import pytest
from PIL import Image

from lib_train.app.projects import Projects
from lib_train.app.session import Session
from lib_train.config.codec import config_of
from lib_train.errors import ConfigError, FileError, HostBusyError, ProjectError
from lib_train.smoothing import Smoothed
from tests.fakes import FakeHost, FakeModel
from tests.moves import now_of


@pytest.fixture
def settings(pictures):
    return {
        "train_data_dir": [str(pictures)], "resolution": "64",
        "min_bucket_reso": "64", "network_dim": "2", "train_batch_size": "2", "max_train_steps": "4",
        "save_every_n_steps": "2", "save_every_n_epochs": "", "preview_steps": "1",
    }  # fmt: skip


@pytest.fixture
def session(tmp_path):
    (tmp_path / "A.safetensors").touch()
    return Session(FakeHost(tmp_path / "A.safetensors", loras=tmp_path / "loras"), tmp_path / "out")


def finished(session, phase="finished"):
    for _ in range(2400):
        if not session.busy:
            break
        time.sleep(0.05)
    seen = now_of(session, "p", "v1")
    assert seen["phase"] == phase, seen
    return seen


def test_run_tells_its_steps_losses_and_files(session, settings):
    session.train("p", "v1", settings)
    seen = finished(session)
    curves = seen["series"]
    assert [step for step, _ in curves["loss"]] == [1, 2, 3, 4]
    assert session.now(since=3)["series"] == {name: curve[3:] for name, curve in curves.items()}
    assert (seen["step"], seen["total_steps"]) == (4, 4)
    assert seen["runs"] == [
        {"name": "r001", "step": 4, "finished": True, "resumable": False, "state_step": 4, "error": "", "held": ""}
    ]
    found = session.checkpoints("p", "v1")
    assert [c["step"] for c in found] == [4, 2]
    assert found[1]["loss"] == pytest.approx(sum(loss for _, loss in curves["loss"][:2]) / 2)
    assert json.dumps(seen)
    assert session.series("p", "v1", "r001") == curves


def test_second_job_is_refused_while_one_goes_on_and_stop_saves(session, settings, monkeypatch):
    going, predict = threading.Event(), FakeModel.predict

    def slow(*args):
        going.set()
        time.sleep(0.1)
        return predict(*args)

    monkeypatch.setattr(FakeModel, "predict", slow)
    session.train("p", "v1", {**settings, "max_train_steps": "400", "save_every_n_steps": ""})
    assert going.wait(30)
    with pytest.raises(HostBusyError, match="a job is going on"):
        session.train("p", "v1", settings)
    session.stop()
    seen = finished(session, "stopped")
    assert seen["runs"][0]["resumable"]
    assert "can be resumed" in seen["messages"][-1]
    session.stop()  # with nothing going on
    session.resume("p", "v1")
    assert going.wait(30)
    session.stop()
    assert finished(session, "stopped")["runs"][0]["name"] == "r001"


def test_curve_of_a_resumed_run_shows_its_earlier_steps_too(session, settings, monkeypatch):
    seen = []

    def between_steps(done, total):
        if total == 4:  # not pictures being encoded
            seen.append([*session.status.job_and_curves(0)[1]["loss"].steps])
        return total != 4 or done != 2

    session.host.between_steps = between_steps
    session.train("p", "v1", settings)
    loss = finished(session, "stopped")["loss"]
    session.resume("p", "v1")
    now = finished(session)
    assert seen == [[1], [1, 2], [1, 2, 3], [1, 2, 3, 4]]
    assert now["series"] == session.series("p", "v1", "r001")
    losses = [loss for _, loss in now["series"]["loss"]]
    assert loss == Smoothed(losses[:2]).value
    assert now["loss"] == Smoothed(losses).value


def test_faults_of_settings_come_at_once_and_those_of_a_run_in_its_status(session, settings, tmp_path):
    with pytest.raises(ConfigError) as caught:
        session.train("p", "v1", {**settings, "network_dim": "0", "learning_rate": "fast"})
    assert {problem.setting for problem in caught.value.problems} == {"network_dim", "learning_rate"}
    assert not session.busy
    session.train("p", "v1", {**settings, "train_data_dir": str(tmp_path / "nowhere")})
    seen = finished(session, "failed")
    assert "nowhere" in seen["error"]["message"]
    assert not seen["error"]["ours"]


def test_fault_of_our_own_shows_in_the_status_too(session, settings, monkeypatch):
    monkeypatch.setattr(FakeModel, "predict", lambda *args: 1 / 0)
    monkeypatch.setattr(threading, "excepthook", lambda args: None)
    session.train("p", "v1", settings)
    seen = finished(session, "failed")
    assert seen["error"]["message"].startswith("ZeroDivisionError")
    assert "ZeroDivisionError" in seen["runs"][0]["error"]


def test_plan_has_figures_writes_nothing_and_looks_again_only_when_files_change(session, settings, monkeypatch):
    first = session.plan_as_json("p", "v1", settings)
    assert (first["steps"], first["saves"], first["problems"]) == (4, 2, [])
    assert not session.root.exists()
    looked = []
    monkeypatch.setattr("lib_train.app.scans.walk", lambda folders, endings, look: looked.append(folders))
    assert session.plan_as_json("p", "v1", {**settings, "learning_rate": "1e-3"})["pictures"] == first["pictures"]
    assert not looked


def test_plan_estimates_the_time_until_a_run_of_this_kind_has_been(session, settings):
    settings = {**settings, "max_train_steps": "12", "save_every_n_steps": ""}
    first = session.plan_as_json("p", "v1", settings)
    assert first["seconds_are"] == "estimated"
    assert first["text"].count("(estimated)") == 1
    session.train("p", "v1", settings)
    finished(session)
    twice = session.plan_as_json("p", "v1", {**settings, "max_train_steps": "24", "learning_rate": "1e-3"})
    once = session.plan_as_json("p", "v2", {**settings, "network_dim": "4"})
    assert twice["seconds"] == pytest.approx(2 * once["seconds"])
    assert 0 < once["seconds"] < 60
    assert twice["seconds_are"] == once["seconds_are"] == "measured"
    assert session.plan_as_json("p", "v1", {**settings, "train_batch_size": "1"})["seconds_are"] == "estimated"


def test_pictures_are_uploaded_listed_and_never_written_over(session, pictures):
    png = next(pictures.rglob("*.png"))
    Projects(session.root).create("p")
    for kept, same in ((2, 0), (0, 2)):
        given = {f"C:\\pics\\{png.name}": png.read_bytes(), "a.txt": b"mochi", "run.exe": b"MZ"}
        files = [(name, io.BytesIO(content)) for name, content in given.items()]
        found = session.upload("p", "v1", "cat", 3, files)
        assert (found["kept"], found["same"], found["left_out"], found["refused"]) == (kept, same, 1, [])
    listed = session.gallery.listed("p", "v1")["pictures"]
    assert [(p["name"], p["repeats"], p["folder"]) for p in listed] == [(png.name, 3, "3_cat")]
    assert session.gallery.path("p", "v1", 0).read_bytes() == png.read_bytes()
    with pytest.raises(ProjectError):
        session.upload("p", "v1", "../x", 3, [])
    with pytest.raises(ConfigError):
        session.upload("p", "v1", "cat", 0, [])


def test_checkpoint_is_installed_with_its_card_and_deleted_into_the_trash(session, settings, tmp_path):
    session.train(
        "p", "v1", {**settings, "caption_prefix": "mochi, ", "preview_prompts": "a", "preview_weights": "0, 0.8"}
    )
    finished(session)
    name = session.checkpoints("p", "v1")[0]["name"]
    there = session.install("p", "v1", name)
    assert there == tmp_path / "loras" / name
    card = json.loads(there.with_suffix(".json").read_text(encoding="utf-8"))
    assert (card["activation text"], card["preferred weight"], card["sd version"]) == ("mochi", 0.8, "SD1")
    assert there.with_suffix(".preview.png").read_bytes()[:4] == b"\x89PNG"
    assert session.install("p", "v1", name) == there  # the same file again is no fault
    there.write_bytes(b"another")
    with pytest.raises(FileError, match="another file of this name"):
        session.install("p", "v1", name)
    gone = session.delete_checkpoint("p", "v1", name)
    assert gone.exists()
    assert name not in [c["name"] for c in session.checkpoints("p", "v1")]
    for wrong in (name, "../../../../etc/passwd", "x.png"):
        with pytest.raises(ProjectError):
            session.checkpoint("p", "v1", wrong)


def test_the_host_is_asked_to_forget_missing_files_when_one_is_deleted_and_whenever_a_page_asks(session, monkeypatch):
    """A file may be deleted by hand, or move with a project that is renamed."""
    seen, file = [], session._service.version("p", "v1").part("checkpoints") / "p-v1-r001.safetensors"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"")
    monkeypatch.setattr(session.host, "forget_missing_loras", lambda: seen.append(file.exists()))
    now_of(session, "p", "v1")
    session.delete_checkpoint("p", "v1", file.name)
    assert seen == [True, False]


def test_previews_of_chosen_checkpoints_are_made_without_training(session, settings):
    with pytest.raises(FileError, match="no checkpoints yet"):
        session.preview("p", "v1", [], settings)
    session.train("p", "v1", settings)
    finished(session)
    name = session.checkpoints("p", "v1")[0]["name"]
    session.preview("p", "v1", [name], {**settings, "preview_prompts": "a\nb", "preview_weights": "1"})
    finished(session)
    assert [len(c["previews"]) for c in session.checkpoints("p", "v1")] == [2, 0]
    assert len(session.grids("p", "v1")) == 2


def asked_pictures(monkeypatch, before_each=lambda: None):
    """Requests that the host is asked to render from now on."""
    asked, render = [], FakeHost.render

    def heard(host, model, requests):
        for request, picture in zip(requests, render(host, model, requests), strict=True):
            before_each()
            asked.append(request)
            yield picture

    monkeypatch.setattr(FakeHost, "render", heard)
    return asked


def test_one_sheet_compares_checkpoints_seeds_and_weights_with_the_settings_of_the_run(session, settings, monkeypatch):
    session.train("p", "v1", settings)
    finished(session)
    asked = asked_pictures(monkeypatch)
    wanted = {**settings, "preview_prompts": "a", "preview_seeds": "1, 7", "clip_skip": "2"}
    assert session.plan_as_json("p", "v1", wanted)["preview_pictures"] == 2 + 2 * 2
    session.preview("p", "v1", [], wanted)
    finished(session)
    (grid,) = session.grids("p", "v1")
    with Image.open(grid) as sheet:
        assert sheet.width > 4 * 64
        assert sheet.height > 2 * 64
    assert len(asked) == 2 + 2 * 2  # the base model once a seed, then each checkpoint
    assert {(r.clip_skip, r.width, r.height) for r in asked} == {(2, 64, 64)}


def test_checkpoint_is_not_deleted_while_pictures_of_it_are_made(session, settings, monkeypatch):
    session.train("p", "v1", settings)
    finished(session)
    newest, older = (one["name"] for one in session.checkpoints("p", "v1"))
    refused = []

    def delete():
        session.delete_checkpoint("p", "v1", older)
        with pytest.raises(HostBusyError, match=f"{newest}: pictures of it are being made") as caught:
            session.delete_checkpoint("p", "v1", newest)
        refused.append(caught)

    asked_pictures(monkeypatch, delete)
    session.preview("p", "v1", [newest], {**settings, "preview_prompts": "a", "preview_weights": "1"})
    finished(session)
    assert len(refused) == 1
    assert [one["name"] for one in session.checkpoints("p", "v1")] == [newest]


def test_checkpoint_that_was_deleted_in_a_run_is_left_out_of_its_last_previews(session, settings, monkeypatch):
    def between_steps(done, total):
        if (done, total) == (3, 4):
            session.delete_checkpoint("p", "v1", "p-v1-r001-step00000002.safetensors")
        return True

    session.host.between_steps = between_steps
    session.train("p", "v1", {**settings, "preview_prompts": "a", "preview_weights": "1"})
    finished(session)
    assert [len(one["previews"]) for one in session.checkpoints("p", "v1")] == [1]


def test_version_is_neither_renamed_nor_deleted_while_it_is_trained_or_waits(session, settings, monkeypatch):
    refused = []

    def between_steps(done, total):
        if (done, total) == (1, 4):
            session.add("p", "v2", settings)
            projects = session.projects
            acts = [(projects.rename, "p", "new"), (projects.delete, "p")]
            acts += [(projects.rename_version, "p", version, "new") for version in ("v1", "v2")]
            acts += [(projects.delete_version, "p", version) for version in ("v1", "v2")]
            for act, *given in acts:
                with pytest.raises(HostBusyError, match=r"stop it first|remove it from the queue first") as caught:
                    act(*given)
                refused.append(str(caught.value))
        return (done, total) != (1, 4)

    session.host.between_steps = between_steps
    session.train("p", "v1", settings)
    finished(session, "stopped")
    assert len(refused) == 6
    session.queue.remove(session.queue.snapshot()["waiting"][0]["number"])
    session.projects.rename_version("p", "v1", "new")
    assert session.projects.versions("p") == ["new", "v2"]
    session.resume("p", "new")
    finished(session)


def test_previews_stop_between_two_pictures_and_keep_them(session, settings, monkeypatch):
    session.train("p", "v1", settings)
    finished(session)
    asked_pictures(monkeypatch, session.stop)
    session.preview("p", "v1", [], {**settings, "preview_prompts": "a", "preview_weights": "1"})
    assert "are kept" in finished(session, "stopped")["messages"][-1]
    assert [len(c["previews"]) for c in session.checkpoints("p", "v1")] == [0, 1]
    assert session.grids("p", "v1") == []


def test_every_sampler_is_looked_at_before_the_first_picture(session, settings, monkeypatch):
    session.train("p", "v1", settings)
    finished(session)
    asked = asked_pictures(monkeypatch)
    session.preview("p", "v1", [], {**settings, "preview_prompts": "a", "preview_sampler": "Euler a, Eular"})
    assert finished(session, "failed")["error"]["problems"][0]["value"] == "Eular"
    assert asked == []


def test_form_values_make_the_same_settings_as_the_defaults():
    assert config_of(
        {"optimizer_args": "", "unet_lr": "", "learning_rate": "0.0001", "enable_bucket": True}
    ) == config_of({})
    assert replace(config_of({}), base_model="x") == config_of({"base_model": "x"})


def test_plan_of_an_unchanged_folder_and_of_one_without_hope_costs_little(session, settings):
    session.plan_as_json("p", "v1", settings)
    for folders in (settings["train_data_dir"], ["/"], ["/usr"]):
        spent = []
        for _ in range(3):
            start = time.process_time()
            session.plan_as_json("p", "v1", {**settings, "train_data_dir": folders})
            spent.append(time.process_time() - start)
        assert min(spent) < 0.2, folders
