"""What every host promises of its taggers and upscalers."""

from pathlib import Path

import pytest
import torch
from PIL import Image

from lib_train.errors import ConfigError, HostBusyError


def pictures_of_two_colours():
    return [Image.new("RGB", (50, 33), "blue"), Image.new("RGB", (20, 40), "#ffffee")]


def test_each_tagger_says_something_of_each_picture_and_leaves_everything_as_it_was(place):
    host = place[0]
    chance = torch.get_rng_state()
    for tagger in host.taggers():
        assert not tagger.missing
        one, other = host.tag(tagger.name, pictures_of_two_colours())
        assert one != other
        if tagger.makes == "tags":
            assert all(0 <= score <= 1 for score in one.scores.values())
            assert one.scores.keys() == other.scores.keys() != set()
        else:
            assert (one.scores, tagger.makes) == ({}, "sentence")
            assert one.sentence.startswith("a picture of ")
    assert torch.equal(torch.get_rng_state(), chance)
    with pytest.raises(ConfigError, match="tagger = 'nobody'"):
        host.tag("nobody", [])


def test_folders_of_wildcards_are_told_whether_there_are_any(place):
    assert all(isinstance(folder, Path) for folder in place[0].wildcard_folders())


def test_picture_is_enlarged_to_the_pixel_with_its_transparency(place):
    host = place[0]
    clear = Image.new("RGBA", (50, 33), (255, 0, 0, 0))
    assert host.upscalers()
    for name in host.upscalers():
        for scale, size in ((2, (100, 66)), (2.5, (125, 82)), (1.1, (55, 36)), (5, (250, 165))):
            found = host.enlarge(pictures_of_two_colours()[0], name, scale)
            assert (found.mode, found.size, found.getpixel((9, 9))) == ("RGB", size, (0, 0, 255)), name
        assert host.enlarge(clear, name, 2).getpixel((9, 9)) == (255, 0, 0, 0)


def test_upscaler_and_scale_that_cannot_be_are_named(place):
    host = place[0]
    picture, name = pictures_of_two_colours()[0], host.upscalers()[0]
    with pytest.raises(ConfigError, match="upscaler = 'Magic': choose one of"):
        host.enlarge(picture, "Magic", 2)
    for scale in (1, 0, -2, float("nan"), float("inf")):
        with pytest.raises(ConfigError, match="scale = .*: must be above 1"):
            host.enlarge(picture, name, scale)


def test_device_is_held_by_one_job_and_given_back_after_an_error(place):
    host, ref = place
    with pytest.raises(ZeroDivisionError), host.computing() as go_on:
        assert go_on(1, 2)
        with pytest.raises(HostBusyError, match="wait until it ends"), host.borrow(ref):
            pass
        for tagger in host.taggers():
            with pytest.raises(HostBusyError):
                next(iter(host.tag(tagger.name, pictures_of_two_colours())))
        raise ZeroDivisionError
    with host.computing() as go_on:
        assert go_on(0, 2)
    for tagger in host.taggers():
        tagging = iter(host.tag(tagger.name, pictures_of_two_colours()))
        next(tagging)
        tagging.close()  # type: ignore[attr-defined]
    with host.borrow(ref) as model:
        assert model.family


def test_folders_of_taggers_are_paths_of_this_machine(place):
    assert all(folder.is_absolute() for folder in place[0].tagger_folders())


def test_presets_of_block_weights_are_a_file_of_this_machine(place):
    file = place[0].block_presets()
    assert file is None or (file.is_absolute() and file.name == "lbwpresets.txt")


def test_tag_lists_are_files_of_this_machine(place):
    assert all(file.is_absolute() and file.is_file() for file in place[0].tag_lists())
