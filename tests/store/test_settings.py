import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from lib_train.config.run import RunConfig
from lib_train.errors import ConfigError, ProjectError
from lib_train.store.projects import open_project


@pytest.fixture
def version(tmp_path):
    return open_project(tmp_path, "mochi").version("v1")


def file_of(version):
    return version.folder / "version.json"


def test_settings_are_kept_one_by_one_and_each_change_has_a_number(version):
    assert (version.kept().revision, version.kept().config) == (0, RunConfig())
    assert version.keep({"network_dim": "8"}).revision == 1
    kept = version.keep({"seed": 7})  # of a window that saw the first settings
    assert (kept.revision, kept.config.network.network_dim, kept.config.training.seed) == (2, 8, 7)
    assert version.kept() == kept
    assert version.settings() == (kept.config, [])


def test_nothing_is_written_when_nothing_changes(version):
    version.keep({"network_dim": "8", "seed": "x"})
    before = file_of(version).stat()
    assert version.keep({"network_dim": 8, "seed": "x"}).revision == 1
    after = file_of(version).stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)


def test_draft_is_kept_as_it_was_typed_until_its_setting_is_set(version):
    version.keep({"network_dim": "8"})
    kept = version.keep({"network_dim": "8x", "seed": float("nan"), "max_train_epochs": "3"})
    assert kept.drafts == {"network_dim": "8x", "seed": "NaN"}
    assert (kept.config.network.network_dim, kept.config.training.max_train_epochs) == (8, 3)
    assert [problem.setting for problem in kept.problems] == ["network_dim", "seed"]
    assert version.kept() == kept
    assert version.settings() == (kept.config, []), "runs take what can be used"
    assert version.keep({"network_dim": "8", "seed": "1"}).drafts == {}
    assert "drafts" not in json.loads(file_of(version).read_text())


def test_settings_as_a_whole_replace_the_drafts_and_keep_what_only_the_file_knows(version):
    file_of(version).write_text(json.dumps({"schema": 1, "future": 1}))
    version.keep({"network_dim": "x"})
    version.keep_settings(RunConfig())
    kept, written = version.kept(), json.loads(file_of(version).read_text())
    assert (kept.revision, kept.drafts, written["future"]) == (2, {}, 1)


@pytest.mark.parametrize(
    ("text", "error"), [("{", ProjectError), ("[]", ProjectError), ('{"schema": 99}', ConfigError)]
)
def test_file_that_cannot_be_read_is_left_as_it_is(version, text, error):
    file_of(version).write_text(text)
    with pytest.raises(error):
        version.kept()
    with pytest.raises(error):
        version.keep({"seed": 1})
    assert file_of(version).read_text() == text


@pytest.mark.parametrize("odd", [{"revision": "x", "drafts": 7}, {"revision": -1, "drafts": {"none": 1}}])
def test_numbers_and_drafts_that_are_none_do_no_harm(version, odd):
    file_of(version).write_text(json.dumps({"schema": 1, **odd}))
    assert (version.kept().revision, version.kept().drafts) == (0, {})
    assert version.keep({"seed": 7}).revision == 1


def test_file_that_another_program_changed_is_read_again(version):
    version.keep({"seed": 7})
    value = json.loads(file_of(version).read_text())
    value["training"]["seed"] = 8
    file_of(version).write_text(json.dumps(value))
    assert version.kept().config.training.seed == 8


def test_writers_at_once_lose_no_change_of_each_other(version):
    names = ["seed", "network_dim", "max_train_epochs", "train_batch_size", "save_every_n_epochs", "network_alpha"]
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda name: version.keep({name: 2}), names))
    kept = version.kept()
    assert kept.revision == 6
    assert (kept.config.training.seed, kept.config.network.network_dim, kept.config.training.train_batch_size) == (
        2,
        2,
        2,
    )
