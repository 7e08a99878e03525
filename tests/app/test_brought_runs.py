import json

import pytest

from lib_train.previews.grid import text_of
from lib_train.store.runs import runs_of
from tests.app.journeys import files, stopping_after

RUN = "p/versions/v1/runs/r001"
FILES = "p/versions/v1/checkpoints"


@pytest.fixture
def version(home, pictures):
    return home.project(pictures)


@pytest.fixture
def results(home, cloud, version, tmp_path):
    """Of one training elsewhere, of which home knows nothing yet."""
    cloud.train(home.pack(tmp_path / "p.zip").path)
    return tmp_path / "p-results.zip"


def test_run_whose_name_is_taken_comes_under_another_with_all_that_bears_it(home, version, results):
    home.session()._service.train("p", "v1", version.kept().config)
    before = files(home.root)
    brought = home.unpack(results)
    after = files(home.root)
    assert {path: after[path] for path in before} == before
    assert brought.runs == ["r002"]
    assert "v1 r001 came as r002: a run of this name is here" in brought.lines()
    run = runs_of(version)[1]
    assert [path.name for path in run.checkpoints()] == ["p-v1-r002-step00000002.safetensors", "p-v1-r002.safetensors"]
    drawn = sorted(version.inside("previews", "p-v1-r002").glob("*.png"))
    assert [path.name for path in drawn] == ["p-v1-r002-p1-s1-w1.png"]
    assert "<lora:p-v1-r002:1>" in text_of(drawn[0])
    assert "r001" not in text_of(drawn[0])
    assert home.unpack(results).lines() == ["p: all of it was here already; nothing was added"]


def test_file_of_a_checkpoint_stays_as_it_was_trained(home, cloud, version, results):
    home.session()._service.train("p", "v1", version.kept().config)
    home.unpack(results)
    there = (cloud.root / FILES / "p-v1-r001.safetensors").read_bytes()
    assert (home.root / FILES / "p-v1-r002.safetensors").read_bytes() == there


def test_run_that_went_on_elsewhere_goes_on_at_home_under_its_name(home, cloud, version, tmp_path):
    wishes, home.host.between_steps = stopping_after(3)
    home.session()._service.train("p", "v1", version.kept().config, wishes)
    home.host.between_steps = lambda done, total: True
    cloud.train(home.pack(tmp_path / "p.zip", with_runs=True).path)
    brought = home.unpack(tmp_path / "p-results.zip")
    run = runs_of(version)[0]
    assert (brought.runs, len(runs_of(version)), run.finished()) == (["r001"], 1, True)
    assert len(run.checkpoints()) == 2
    assert not home.unpack(tmp_path / "p-results.zip").is_new


def test_run_that_went_on_here_and_there_comes_as_another(home, cloud, version, tmp_path):
    wishes, home.host.between_steps = stopping_after(3)
    home.session()._service.train("p", "v1", version.kept().config, wishes)
    home.host.between_steps = lambda done, total: True
    cloud.train(home.pack(tmp_path / "p.zip", with_runs=True).path)
    home.session()._service.resume("p", "v1")
    before = files(home.root)
    assert home.unpack(tmp_path / "p-results.zip").runs == ["r002"]
    after = files(home.root)
    assert {path: after[path] for path in before} == before
    assert not home.unpack(tmp_path / "p-results.zip").is_new


def test_stopped_run_can_go_on_at_home_where_its_state_is_asked_for(home, cloud, version, tmp_path):
    archive = home.pack(tmp_path / "p.zip").path
    wishes, cloud.host.between_steps = stopping_after(3)
    cloud.train(archive, wishes=wishes)
    home.unpack(tmp_path / "p-results.zip")
    assert not runs_of(version)[0].can_resume()
    version.inside("runs", "r001").rename(tmp_path / "aside")
    home.unpack(tmp_path / "p-results.zip", with_states=True)
    assert home.session()._service.resume("p", "v1").finished


def test_settings_of_the_run_name_what_home_names(home, cloud, pictures, tmp_path):
    home.project(train_data_dir=[str(pictures)], base_model=str(home.base))
    cloud.train(home.pack(tmp_path / "p.zip").path, given=None)
    home.unpack(tmp_path / "p-results.zip")
    settings = json.loads((home.root / RUN / "run.json").read_text())["config"]
    assert settings["dataset"]["train_data_dir"] == [str(pictures)]
    assert "/cloud/" not in json.dumps(settings)


def test_table_and_event_file_of_a_run_come_home_too(home, cloud, pictures, tmp_path):
    home.project(pictures, log_with="tensorboard")
    cloud.train(home.pack(tmp_path / "p.zip").path)
    home.unpack(tmp_path / "p-results.zip")
    names = [path.name for path in sorted((home.root / RUN).iterdir()) if path.is_file()]
    assert (names[1][:10], names[2]) == ("events.out", "metrics.csv")
    assert (home.root / RUN / names[1]).stat().st_size
