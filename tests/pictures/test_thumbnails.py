from dataclasses import replace

import pytest
from PIL import Image

from lib_train.pictures.places import Places
from lib_train.pictures.thumbnails import SIDES, Thumbnails


def with_cache_apart(folder):
    (folder / "apart").mkdir(exist_ok=True)
    return replace(Places.of_folder(folder / "set"), cache=folder / "apart")


@pytest.mark.parametrize("places_of", [Places.of_version, Places.of_folder, with_cache_apart])
def test_thumbnails_are_on_the_disk_and_read_by_whoever_comes_later(tmp_path, places_of):
    Thumbnails(places_of(tmp_path)).make("ab12", Image.new("RGB", (600, 300)))
    later = Thumbnails(places_of(tmp_path))
    assert later.has("ab12")
    assert all(later.read("ab12", side) for side in SIDES)


@pytest.mark.parametrize("places_of", [Places.of_version, Places.of_folder])
def test_folder_that_was_moved_away_is_not_made_anew(tmp_path, places_of):
    thumbnails = Thumbnails(places_of(tmp_path / "project" / "v1"))
    thumbnails.make("ab12", Image.new("RGB", (600, 300)))
    assert not (tmp_path / "project").exists()
    assert thumbnails.has("ab12")
    assert thumbnails.read("ab12", 128)
