import pytest

from lib_train.app.picture_sets import set_of_folder
from lib_train.app.sets import listed, move, rename
from lib_train.config.codec import config_of
from lib_train.errors import ConfigError


@pytest.fixture
def own(pictures):
    """Three pictures in a folder ``2_mochi``."""
    return set_of_folder(pictures, config_of({"train_data_dir": [str(pictures)]}))


def folders(own):
    return {one["folder"]: one["pictures"] for one in listed(own)["sets"]}


def contents(pictures):
    return sorted((path.name, path.read_bytes()) for path in pictures.rglob("*.*") if ".train_tools" not in path.parts)


def test_folder_that_is_left_empty_goes_and_undo_brings_it_back(own, pictures):
    before = contents(pictures)
    move(own, own.chosen("name:0*"), "3_hat")
    assert folders(own) == {"2_mochi": 2, "3_hat": 1}
    move(own, own.chosen(), "3_hat")
    assert [path.name for path in pictures.iterdir() if path.name[0] != "."] == ["3_hat"]
    own.journal().undo()
    own.journal().undo()
    assert (folders(own), contents(pictures)) == ({"2_mochi": 3}, before)


def test_set_that_gets_the_name_of_another_is_joined_with_it(own, pictures):
    move(own, own.chosen("name:0*"), "3_hat")
    (pictures / "3_hat" / "1.png").write_bytes((pictures / "2_mochi" / "1.png").read_bytes())
    done = rename(own, "3_hat", False, "2_mochi")
    assert done.label == "moved pictures to 2_mochi: 2"
    assert sorted(path.name for path in (pictures / "2_mochi").glob("*.png")) == ["0.png", "1-2.png", "1.png", "2.png"]


def test_regularisation_without_a_folder_for_it_is_refused(own):
    with pytest.raises(ConfigError, match="name a folder for the regularisation pictures"):
        move(own, own.chosen(), "1_cat", True)


def test_folder_that_is_named_itself_keeps_its_name(pictures):
    own = set_of_folder(pictures / "2_mochi", config_of({"train_data_dir": [str(pictures / "2_mochi")]}))
    with pytest.raises(ConfigError, match="name the folder that it lies in"):
        rename(own, "2_mochi", False, "5_mochi")
    with pytest.raises(ConfigError, match="name the folder that it lies in"):
        own.home_of(False)
