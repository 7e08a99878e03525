from dataclasses import replace

import pytest

from lib_train.app.folders import Permitted, with_own_folders
from lib_train.config.codec import config_of
from lib_train.errors import ConfigError
from lib_train.store.projects import open_project
from tests.fakes import FakeHost


class ClosedHost(FakeHost):
    """A host that lets nobody choose folders."""

    def folders_may_be_chosen(self) -> bool:
        return False


@pytest.mark.parametrize("setting", ["train_data_dir", "reg_data_dir", "validation_data_dir"])
def test_folder_outside_is_named_where_nobody_may_choose_one(tmp_path, setting):
    root = tmp_path / "out"
    permitted = Permitted(ClosedHost(tmp_path / "A.safetensors"), root)
    inside = config_of({setting: [str(root / "p" / "dataset")]})
    assert permitted(inside) is inside
    outside = [str(root / "p"), str(root / ".." / "private"), str(tmp_path)]
    with pytest.raises(ConfigError) as refused:
        permitted(config_of({setting: outside}))
    assert [(one.setting, one.value) for one in refused.value.problems] == [(setting, one) for one in outside[1:]]
    assert Permitted(FakeHost(tmp_path / "A.safetensors"), root)(config_of({setting: outside}))


def test_files_of_networks_lie_in_projects_or_among_the_loras_where_nobody_may_choose(tmp_path):
    root, loras = tmp_path / "out", tmp_path / "Lora"
    permitted = Permitted(ClosedHost(tmp_path / "A.safetensors", loras=loras), root)
    for inside in (root / "p" / "a.safetensors", loras / "b.safetensors"):
        permitted(config_of({"network_weights": str(inside)}))
    for outside in (tmp_path / "c.safetensors", loras / ".." / "c.safetensors"):
        with pytest.raises(ConfigError, match="network_weights = .*other files cannot be chosen here"):
            permitted(config_of({"network_weights": str(outside)}))


@pytest.mark.parametrize(
    ("ending", "added", "passes"),
    [
        (".txt", (), True),
        (".CAPTION", (), True),
        (".note", (), False),
        (".tags", (".tags",), True),
        (".tag", (".tags",), False),
    ],
)
def test_captions_end_in_what_a_page_may_write(tmp_path, ending, added, passes):
    permitted = Permitted(FakeHost(tmp_path / "A.safetensors"), tmp_path, added)
    settings = {"caption_extension": [".txt", ending]}
    if passes:
        assert ending in permitted.config_of(settings).dataset.caption_extension
    else:
        with pytest.raises(ConfigError, match=f"caption_extension = '{ending}': in the tab captions end in .txt"):
            permitted.config_of(settings)


def test_own_pictures_are_taken_only_where_settings_name_none(tmp_path):
    version = open_project(tmp_path, "p").version("v1")
    config = config_of({"reg_data_dir": ["elsewhere"]})
    assert with_own_folders(config, version) == with_own_folders(config, None) == config
    for kind in ("train", "reg"):
        inner = version.part("dataset", kind, "1_x")
        (inner / "a.png").touch()
    own = tuple(str(version.inside("dataset", kind)) for kind in ("train", "reg"))
    fresh = with_own_folders(config_of({}), version).dataset
    assert (fresh.train_data_dir, fresh.reg_data_dir) == ((own[0],), (own[1],))
    named = with_own_folders(config, version).dataset
    assert (named.train_data_dir, named.reg_data_dir) == ((own[0],), ("elsewhere",))
    chosen = replace(config, dataset=replace(config.dataset, train_data_dir=("mine",), reg_data_dir=()))
    assert with_own_folders(chosen, version) == chosen
