import pytest
import torch
from safetensors.torch import load_file

from lib_train.app.packed_models import Given
from lib_train.errors import ConfigError, HostBusyError
from lib_train.locks import held
from lib_train.store.pack_files import pack_at
from lib_train.store.runs import runs_of
from tests.app.journeys import Home, stopping_after


def trained_alone(folder, pictures, **settings):
    """Tensors of the last checkpoint of a run that was never packed."""
    alone = Home(folder)
    version = alone.project(pictures, **settings)
    alone.session()._service.train("p", "v1", version.kept().config)
    return weights(alone)


def weights(home, run="r001"):
    return load_file(home.root / "p/versions/v1/checkpoints" / f"p-v1-{run}.safetensors")


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def test_without_jobs_the_settings_of_each_version_are_trained(home, cloud, pictures, tmp_path):
    home.project(pictures).copy("v2")
    done = cloud.train(home.pack(tmp_path / "p.zip").path)
    assert [(one.run.version.name, one.finished) for one in done.outcomes] == [("v1", True), ("v2", True)]
    assert same(weights(cloud), trained_alone(tmp_path / "alone", pictures))
    assert cloud.notes.lines[0] == "1 of 2: v1"


def test_jobs_are_carried_out_in_their_order_and_changes_count_for_each(home, cloud, pictures, tmp_path):
    home.project(pictures)
    for rate in ("1e-3", "1e-5"):
        home.session().add("p", "v1", changes={"learning_rate": rate}, name=rate)
    done = cloud.train(home.pack(tmp_path / "p.zip").path, max_train_steps=2)
    runs = runs_of(cloud.take_in(tmp_path / "p.zip").named("v1"))
    configs = [run.settings()["config"]["training"] for run in runs]
    assert [(one["learning_rate"], one["max_train_steps"]) for one in configs] == [(1e-3, 2), (1e-5, 2)]
    assert done.finished
    assert sorted(done.jobs) == sorted(job.key for job in home.session().queue._file.read().waiting)


def test_pictures_of_another_folder_give_the_very_weights_of_home(home, cloud, pictures, tmp_path):
    home.project(train_data_dir=[str(pictures)])
    assert cloud.train(home.pack(tmp_path / "p.zip").path).failed == []
    assert same(weights(cloud), trained_alone(tmp_path / "alone", None, train_data_dir=[str(pictures)]))


def test_stopped_training_goes_on_with_the_same_archive_to_the_same_weights(home, cloud, pictures, tmp_path):
    home.project(pictures)
    archive = home.pack(tmp_path / "p.zip").path
    wishes, cloud.host.between_steps = stopping_after(3)
    assert not cloud.train(archive, wishes=wishes).finished
    cloud.host.between_steps = lambda done, total: True
    assert cloud.train(archive).finished
    assert "resuming r001 after step 3" in cloud.notes.lines
    assert same(weights(cloud), trained_alone(tmp_path / "alone", pictures))
    assert cloud.train(archive).finished
    assert len(runs_of(cloud.take_in(archive).named("v1"))) == 1


def test_run_that_has_learned_is_done_and_the_next_one_begins(home, cloud, pictures, tmp_path, monkeypatch):
    monkeypatch.setattr("lib_train.training.fixed_batch.has_settled", lambda steps, losses: True)
    home.project(pictures, stop_when_learned=1, max_train_steps=9).copy("v2")
    archive = home.pack(tmp_path / "p.zip").path
    for _ in range(2):
        done = cloud.train(archive)
        assert done.finished
        assert [(one.run.version.name, one.learned) for one in done.outcomes] == [("v1", True), ("v2", True)]
    assert [one.run.newest().step for one in done.outcomes] == [done.outcomes[0].run.state_step()] * 2
    assert done.outcomes[0].run.newest().step < 9


def test_run_that_was_stopped_at_home_goes_on_elsewhere_to_the_same_weights(home, cloud, pictures, tmp_path):
    version = home.project(pictures)
    wishes, home.host.between_steps = stopping_after(3)
    home.session()._service.train("p", "v1", version.kept().config, wishes)
    archive = home.pack(tmp_path / "p.zip", with_runs=True).path
    done = cloud.train(archive)
    assert [one.run.name for one in done.outcomes] == ["r001"]
    assert "resuming r001 after step 3" in cloud.notes.lines
    assert same(weights(cloud), trained_alone(tmp_path / "alone", pictures))


def test_job_that_fails_does_not_keep_the_others_from_being_done(home, cloud, pictures, tmp_path):
    home.project(pictures)
    home.session().add("p", "v1", name="bad")
    home.session().add("p", "v1", name="good")
    archive = home.pack(tmp_path / "p.zip").path
    calls = []

    def between(done, total):
        calls.append(done)
        if len(calls) == 5:
            raise ConfigError([])
        return True

    cloud.host.between_steps = between
    done = cloud.train(archive)
    assert [line.split(":")[0] for line in done.failed] == ["v1 bad"]
    assert (len(done.outcomes), done.finished) == (1, True)
    cloud.host.between_steps = lambda done, total: True
    assert cloud.train(archive).failed == []


def test_nothing_begins_while_a_model_is_missing(home, pictures, tmp_path):
    home.project(pictures)
    far = Home(tmp_path / "far", base=b"other")
    archive = home.pack(tmp_path / "p.zip").path
    with pytest.raises(ConfigError, match="packed with base.safetensors"):
        far.train(archive)
    assert runs_of(far.take_in(archive).named("v1")) == []
    assert far.train(archive, given=Given(str(far.base), takes_others=True)).finished


def test_one_process_at_a_time_carries_it_out(home, cloud, pictures, tmp_path):
    home.project(pictures)
    archive = home.pack(tmp_path / "p.zip").path
    project = cloud.take_in(archive)
    with held(project.folder / ".training.lock", "p"), pytest.raises(HostBusyError, match="p is held by this process"):
        cloud.train(archive)


def test_previews_that_were_not_made_before_it_was_killed_are_made(home, cloud, pictures, tmp_path):
    home.project(pictures)
    archive = home.pack(tmp_path / "p.zip").path
    cloud.train(archive)
    version = cloud.take_in(archive).named("v1")
    drawn = sorted(version.inside("previews").rglob("*.png"))
    for path in drawn:
        path.unlink()
    assert cloud.train(archive).outcomes[0].grids
    assert [path.parent for path in sorted(version.inside("previews").rglob("*.png"))] == [one.parent for one in drawn]


def test_results_hold_what_came_of_it_and_no_pictures_or_states(home, cloud, pictures, tmp_path):
    home.project(pictures)
    archive = home.pack(tmp_path / "p.zip").path
    cloud.train(archive)
    with pack_at(tmp_path / "p-results.zip") as pack:
        paths = [one.path for one in pack.manifest.files]
        content = b"".join(pack.read(path) for path in paths)
    assert {path.split("/")[2] for path in paths[1:]} == {"runs", "checkpoints", "previews"}
    assert not any("/state/" in path for path in paths)
    assert str(tmp_path).encode() not in content
