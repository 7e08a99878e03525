import json

import pytest

from lib_train.app.session import Session
from lib_train.errors import ConfigError, FileError, ProjectError, TrainToolsError
from lib_train.store import queue_file
from lib_train.store.json_files import write_json
from lib_train.store.queue_file import QueueFile
from lib_train.store.sweeps import sweep_named
from tests.fakes import FakeHost

AXES = {"optimizer_type": "AdamW, Lion", "unet_lr": "1e-3, 1e-4"}


@pytest.fixture
def waiting(session):
    """A session in which jobs wait."""
    session.keep_queue_settings({"paused": True})
    return session


def added(session, settings, axes=AXES, **more):
    plan = session.sweeps.plan("p", "v1", axes, {**settings, "preview_prompts": "mochi", **more})
    return session.sweeps.add("p", "v1", plan)


def test_a_plan_tells_steps_of_every_combination_and_writes_nothing(session, settings, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    axes = {"train_batch_size": "1, 2", "max_train_epochs": "1-3", "seed": "7"}
    plan = session.sweeps.plan("p", "v1", axes, {**settings, "max_train_steps": ""})
    assert [(one.changes["train_batch_size"], one.report.plan.total_steps) for one in plan.runs] == [
        (1, 6), (1, 12), (1, 18), (2, 3), (2, 6), (2, 9)]  # fmt: skip
    assert plan.steps == 54
    assert {one.job.config["training"]["seed"] for one in plan.runs} == {7}
    assert [name for name, _ in plan.axes] == ["train_batch_size", "max_train_epochs"]
    assert sorted(tmp_path.rglob("*")) == before


def test_runs_come_into_the_queue_in_one_change_with_their_difference_as_name_and_the_report_last(
    waiting, settings, monkeypatch
):
    written: list[object] = []
    monkeypatch.setattr(queue_file, "write_json", lambda path, value: (written.append(path), write_json(path, value)))
    sweep = added(waiting, settings)
    assert len(written) == 1
    jobs = QueueFile(waiting.root).read().waiting
    differences = [f"optimizer_type={one}, unet_lr={two}" for one in ("AdamW", "Lion") for two in ("1e-3", "1e-4")]
    assert [(job.kind, job.name, job.sweep) for job in jobs] == [
        *(("train", name, "s001") for name in differences), ("report", "s001", "s001")]  # fmt: skip
    assert [job.note for job in jobs[:-1]] == [f"s001: {name}" for name in differences]
    assert [job.config["training"]["unet_lr"] for job in jobs[:-1]] == [1e-3, 1e-4, 1e-3, 1e-4]
    asked = json.loads((sweep.folder / "sweep.json").read_text())
    assert [one["key"] for one in asked["runs"]] == [job.key for job in jobs[:-1]]
    assert asked["runs"][2]["changes"] == {"optimizer_type": "Lion", "unet_lr": 1e-3}
    assert waiting.settings("p", "v1").training.unet_lr is None  # the version's own settings stay
    assert added(waiting, settings).name == "s002"


def test_a_combination_that_cannot_run_is_named_and_nothing_is_added(waiting, settings):
    axes = {"network_type": "lora, loha", "conv_dim": "4, 8", "min_timestep": "0, 600"}
    plan = waiting.sweeps.plan("p", "v1", axes, {**settings, "max_timestep": "500"})
    assert [one.error is not None for one in plan.runs] == [False, True] * 4
    with pytest.raises(ConfigError, match="in the run network_type=lora, conv_dim=4, min_timestep=600") as caught:
        waiting.sweeps.add("p", "v1", plan)
    assert len(caught.value.problems) == 1
    assert not QueueFile(waiting.root).read().waiting
    assert not (waiting.root / "p").exists()


def test_a_fault_of_all_runs_is_told_as_that_of_one(waiting, settings, tmp_path):
    plan = waiting.sweeps.plan("p", "v1", AXES, {**settings, "train_data_dir": str(tmp_path / "nowhere")})
    with pytest.raises(TrainToolsError) as caught:
        waiting.sweeps.add("p", "v1", plan)
    assert "nowhere" in str(caught.value)
    assert "in the run" not in str(caught.value)


@pytest.mark.parametrize("axes", [{"unet_lr": "1e-4"}, {"resolution": "512, 768"}, {}])
def test_without_a_second_value_it_says_how_to_write_one(session, settings, axes):
    with pytest.raises(ConfigError, match="no setting has a second value"):
        session.sweeps.plan("p", "v1", axes, settings)


def test_a_queue_that_cannot_be_written_leaves_no_sweep(waiting, settings, monkeypatch):
    def full(jobs):
        raise ProjectError("the disk is full")

    monkeypatch.setattr(waiting.queue, "add_all", full)
    with pytest.raises(ProjectError, match="full"):
        added(waiting, settings)
    assert waiting.sweeps.listed("p", "v1") == []
    assert list((waiting.root / "p" / "versions" / "v1" / "sweeps").iterdir()) == []


def test_runs_that_do_not_fit_on_the_disk_together_are_refused(waiting, settings, monkeypatch):
    plan = waiting.sweeps.plan("p", "v1", AXES, settings)
    one = plan.runs[0].report
    assert plan.disk_bytes == one.disk_bytes + 3 * len(one.saves) * one.checkpoint_bytes
    monkeypatch.setattr("lib_train.jobs.space.free_bytes", lambda folder: plan.disk_bytes - 1)
    with pytest.raises(FileError, match="are needed"):
        waiting.sweeps.add("p", "v1", plan)
    assert not QueueFile(waiting.root).read().waiting


def test_a_version_without_prompts_is_compared_by_thirteen_around_its_trigger_word(waiting, settings):
    sweep = added(waiting, settings, preview_prompts="", preview_seeds="-1")
    preview = sweep.asked()["config"]["preview"]
    assert len(preview["preview_prompts"]) == 13
    assert all(one.startswith("mochi, ") for one in preview["preview_prompts"][:12])
    assert "mochi" not in preview["preview_prompts"][12]
    assert preview["preview_seeds"][0] >= 0
    plan = waiting.sweeps.plan("p", "v1", AXES, {**settings, "preview_prompts": "own", "caption_prefix": "sks,"})
    fixed = waiting.sweeps.add("p", "v1", plan, "fixed").asked()["config"]["preview"]["preview_prompts"]
    assert fixed[0].startswith("sks, ")
    with pytest.raises(ConfigError, match="prompts"):
        waiting.sweeps.add("p", "v1", plan, "some")


def test_a_list_tells_states_of_runs_as_the_queue_has_them(waiting, settings):
    added(waiting, settings)
    waiting.queue.remove(4)
    (found,) = waiting.sweeps.listed("p", "v1")
    assert [one["state"] for one in found["runs"]] == ["waiting"] * 3 + ["missing"]
    assert (found["name"], found["axes"], found["files"]) == ("s001", ["optimizer_type", "unet_lr"], [])
    with pytest.raises(ProjectError, match="no report yet"):
        waiting.sweeps.file("p", "v1", "s001", "html")
    with pytest.raises(ProjectError, match="it has s001"):
        waiting.sweeps.file("p", "v1", "s9", "html")


def test_base_models_are_swept_where_the_host_has_them(tmp_path, settings):
    class Two(FakeHost):
        def find(self, name, vae="", prediction_type=""):
            self.loaded = tmp_path / (name.rpartition("/")[2] or "A.safetensors")
            return super().find(name, vae, prediction_type)

    for name in "AB":
        (tmp_path / f"{name}.safetensors").write_bytes(name.encode())
    session = Session(Two(tmp_path / "A.safetensors"), tmp_path / "out")
    session.keep_queue_settings({"paused": True})
    added(session, settings, {"base_model": f"{tmp_path}/A.safetensors | {tmp_path}/B.safetensors"})
    jobs = QueueFile(session.root).read().waiting
    assert [(job.base[0] or {})["title"] for job in jobs[:-1]] == ["A.safetensors", "B.safetensors"]
    assert sweep_named(session.versions.named("p", "v1"), "").name == "s001"
