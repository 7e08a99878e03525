import hashlib
import json
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from lib_train.app.packing import Packing
from lib_train.errors import ConfigError, FileError, HostBusyError, ProjectError
from lib_train.store.packs import MANIFEST
from lib_train.store.runs import runs_of
from tests.app.journeys import Home, files, stopping_after
from tests.full_disk import full_disk


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "me" / "home")


def names(path):
    with zipfile.ZipFile(path) as archive:
        return sorted(archive.namelist())


def manifest(path):
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read(MANIFEST))


def settings(path):
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("versions/v1/version.json"))


def whole(path):
    with zipfile.ZipFile(path) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist())


OWN = [f"versions/v1/dataset/train/2_mochi/{n}.{end}" for n in range(3) for end in ("png", "txt")]


def test_archive_holds_settings_pictures_captions_and_masks_and_nothing_that_can_be_made_anew(home, pictures, tmp_path):
    version = home.project(pictures)
    for place in ("dataset/masks/2_mochi", "dataset/left_out/2_mochi", "dataset/origin", "cache/latents", "previews"):
        version.part(*place.split("/"))
        Image.new("L", (8, 8)).save(version.inside(*place.split("/"), "0.png"))
    version.inside("edits.jsonl").write_text("{}\n")
    version.inside("notes.json").write_text("{}")
    report = home.pack(tmp_path / "p.zip")
    assert names(report.path) == sorted(
        [
            MANIFEST,
            "project.json",
            "versions/v1/notes.json",
            "versions/v1/version.json",
            "versions/v1/dataset/masks/2_mochi/0.png",
            *OWN,
        ]
    )
    assert report.lines()[0] == f"{report.path}: 0.0 MiB; pictures: 4, waiting jobs: 0, runs to resume: 0"


def test_packing_changes_nothing_at_home(home, pictures, tmp_path):
    home.project(pictures)
    before = files(home.root)
    home.pack(tmp_path / "p.zip")
    assert files(home.root) == before


def test_folders_outside_of_the_version_come_along_under_names_of_the_archive(home, pictures, tmp_path):
    other = tmp_path / "me" / "secret" / "10_girl"
    other.mkdir(parents=True)
    Image.new("RGB", (64, 64)).save(other / "a.png")
    (other / "a.txt").write_text("girl")
    (other / "notes.doc").write_text("private")
    masks = pictures / ".train_tools" / "masks" / "2_mochi"
    masks.mkdir(parents=True)
    Image.new("L", (64, 64)).save(masks / "0.png")
    home.project(train_data_dir=[str(pictures), str(other)], reg_data_dir=str(other), validation_data_dir=str(other))
    report = home.pack(tmp_path / "p.zip")
    dataset, held = settings(report.path)["dataset"], settings(report.path)["training"]["validation_data_dir"]
    assert dataset["train_data_dir"] == ["archive:given/1/data", "archive:given/2/10_girl"]
    assert dataset["reg_data_dir"] == held == ["archive:given/2/10_girl"]
    assert [name for name in names(report.path) if name.startswith("given/")] == [
        "given/1/data/.train_tools/masks/2_mochi/0.png",
        *(f"given/1/data/2_mochi/{n}.{end}" for n in range(3) for end in ("png", "txt")),
        "given/2/10_girl/a.png", "given/2/10_girl/a.txt",
    ]  # fmt: skip


def test_lora_files_that_settings_name_come_along(home, pictures, tmp_path):
    for name in ("style", "start"):
        (tmp_path / f"{name}.safetensors").write_bytes(name.encode())
    home.project(pictures, network_weights=str(tmp_path / "start.safetensors"),
                 base_weights=str(tmp_path / "style.safetensors"))  # fmt: skip
    network = settings(home.pack(tmp_path / "p.zip").path)["network"]
    assert network["network_weights"] == "archive:given/1/start.safetensors"
    assert network["base_weights"] == ["archive:given/2/style.safetensors"]


def test_no_path_of_the_machine_is_in_the_archive(home, pictures, tmp_path):
    version = home.project(train_data_dir=str(pictures), base_model=str(home.base))
    home.session().add("p", "v1", name="later")
    version.keep({"min_bucket_reso": "no number", "save_precision": f"{tmp_path}/gone"})
    stored = json.loads(version.inside("version.json").read_text())
    stored |= {"logging_dir": str(tmp_path / "logs")}
    version.inside("version.json").write_text(json.dumps(stored))
    wishes, home.host.between_steps = stopping_after(2)
    home.session()._service.train("p", "v1", version.kept().config, wishes, keep=False)
    home.host.between_steps = lambda done, total: True
    version.inside("binding.json").write_text(json.dumps({"folder": str(tmp_path)}))
    report = home.pack(tmp_path / "p.zip", with_runs=True, with_checkpoints=True, with_model=True)
    content = whole(report.path)
    assert len(report.manifest.runs) == len(report.manifest.jobs) == 1
    assert str(tmp_path).encode() not in content
    assert b"/me/" not in content
    assert str(Path.home()).encode() not in content
    assert settings(report.path)["logging_dir"] == "logs"


def test_waiting_trainings_come_along_and_wait_at_home_until_they_are_asked_out(home, pictures, tmp_path):
    home.project(pictures)
    session = home.session()
    session.add("p", "v1", changes={"network_dim": 8}, name="dim-8", note="try")
    home.project(pictures, name="other")
    session.add("other", "v1")
    report = home.pack(tmp_path / "p.zip")
    job = report.manifest.jobs[0]
    assert (job["name"], job["note"], job["config"]["network"]["network_dim"]) == ("dim-8", "try", 8)
    assert job["config"]["base_model"] == job["base"][0]["path"] == "base.safetensors"
    assert len(home.session().queue.snapshot()["waiting"]) == 2
    Packing(home.host, home.root).take_out(report)
    assert [one["project"] for one in home.session().queue.snapshot()["waiting"]] == ["other"]


def test_wanted_model_is_told_by_name_and_hash(home, pictures, tmp_path):
    home.project(pictures)
    report = home.pack(tmp_path / "p.zip")
    known = hashlib.sha256(home.base.read_bytes()).hexdigest()
    assert report.manifest.bases["v1"][0]["sha256"] == known
    assert report.lines()[1] == f"wanted there: base.safetensors [{known[:10]}]"


def test_model_comes_along_once_where_it_is_asked_for(home, pictures, tmp_path):
    home.project(pictures)
    home.base.with_suffix(".yaml").write_text("model: {}")
    home.session().add("p", "v1")
    report = home.pack(tmp_path / "p.zip", with_model=True)
    models = [name for name in names(report.path) if name.startswith("models/")]
    assert models == ["models/1/base.safetensors", "models/1/base.yaml"]
    assert len(report.lines()) == 1


def test_model_that_is_gone_is_noted(home, pictures, tmp_path):
    home.project(pictures, base_model="gone.safetensors")
    assert "its base model is not known here: base_model = 'gone" in home.pack(tmp_path / "p.zip").notes[0]


def test_chosen_versions_alone_are_packed(home, pictures, tmp_path):
    home.project(pictures).copy("v2")
    assert home.pack(tmp_path / "p.zip", versions=["v2"]).manifest.versions == ["v2"]
    assert not any("v1" in name for name in names(tmp_path / "p.zip"))
    with pytest.raises(ProjectError, match="p v3: there is none of this name"):
        home.pack(tmp_path / "q.zip", versions=["v3"])


def test_missing_project_and_folder_are_named_and_nothing_is_written(home, tmp_path):
    with pytest.raises(ProjectError, match="project = 'p': there is none of this name"):
        home.pack(tmp_path / "p.zip")
    home.project(train_data_dir=str(tmp_path / "gone"))
    with pytest.raises(ConfigError, match="train_data_dir = '.*gone': is missing, and cannot be packed"):
        home.pack(tmp_path / "p.zip")
    assert not (tmp_path / "p.zip").exists()


def test_run_that_is_trained_now_is_not_packed(home, pictures, tmp_path):
    version = home.project(pictures)
    wishes, home.host.between_steps = stopping_after(2)
    home.session()._service.train("p", "v1", version.kept().config, wishes)
    run = runs_of(version)[0]
    with run.held(), pytest.raises(HostBusyError, match="r001 is trained now by this process"):
        home.pack(tmp_path / "p.zip", with_runs=True)
    assert home.pack(tmp_path / "p.zip").manifest.runs == {}


def test_archive_that_is_there_is_not_written_over(home, pictures, tmp_path):
    home.project(pictures)
    (tmp_path / "p.zip").write_bytes(b"mine")
    with pytest.raises(FileError, match="is there already and is not written over"):
        home.pack(tmp_path / "p.zip")
    assert (tmp_path / "p.zip").read_bytes() == b"mine"


def test_full_disk_leaves_no_archive(home, pictures, tmp_path, monkeypatch):
    home.project(pictures)
    target = tmp_path / "usb"
    target.mkdir()
    for room in range(3):
        with (
            full_disk(monkeypatch, target, room, lasting=True),
            pytest.raises(FileError, match=r"No space left|full"),
        ):
            home.pack(target / "p.zip")
        assert list(target.iterdir()) == []
