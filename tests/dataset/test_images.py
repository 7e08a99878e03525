import sys
from pathlib import Path
from random import Random

import numpy
import pytest
from PIL import Image

from lib_train.dataset.images import fitted, open_picture, pixels_of, recoloured, size_of
from lib_train.dataset.records import Fit
from lib_train.errors import DatasetError


def saved(path: Path, picture: Image.Image, **options) -> Path:
    picture.save(path, **options)
    return path


@pytest.mark.parametrize("ending", ["png", "PNG", "jpg", "JPEG", "webp", "bmp"])
def test_every_format_opens_as_rgb(tmp_path, ending):
    path = saved(tmp_path / f"a.{ending}", Image.new("RGB", (20, 10), (200, 40, 90)))
    opened = open_picture(path)
    assert (opened.mode, opened.size, size_of(path)) == ("RGB", (20, 10), (20, 10))
    assert numpy.abs(numpy.asarray(opened).astype(int) - (200, 40, 90)).max() < 8


@pytest.mark.parametrize(
    ("picture", "seen"),
    [
        (Image.new("L", (4, 4), 90), (90, 90, 90)),
        (Image.new("1", (4, 4), 1), (255, 255, 255)),
        (Image.new("RGB", (4, 4), (10, 200, 30)).convert("P", palette=Image.ADAPTIVE), (10, 200, 30)),
        (Image.new("RGBA", (4, 4), (10, 20, 30, 0)), (255, 255, 255)),
        (Image.new("RGBA", (4, 4), (0, 0, 0, 128)), (127, 127, 127)),
        (Image.new("LA", (4, 4), (0, 0)), (255, 255, 255)),
        (Image.fromarray(numpy.full((4, 4), 0x8000, numpy.uint16)), (128, 128, 128)),
    ],
    ids=["grey", "bit", "palette", "transparent", "half", "grey alpha", "16 bit"],
)
def test_every_mode_becomes_rgb_on_white(tmp_path, picture, seen):
    assert open_picture(saved(tmp_path / "a.png", picture)).getpixel((1, 1)) == seen


def test_cmyk_opens(tmp_path):
    path = saved(tmp_path / "a.jpg", Image.new("RGB", (8, 8), (255, 0, 0)).convert("CMYK"))
    assert open_picture(path).getpixel((2, 2))[0] > 200


def test_palette_with_transparent_entry_is_composited_on_the_chosen_colour(tmp_path):
    picture = Image.new("P", (4, 4), 0)
    picture.putpalette([0, 0, 0] * 256)
    path = saved(tmp_path / "a.png", picture, transparency=0)
    assert open_picture(path, "#0a141e").getpixel((0, 0)) == (10, 20, 30)


def test_camera_rotation_is_applied_and_seen_in_the_size(tmp_path):
    picture = Image.new("RGB", (8, 4))
    picture.putpixel((0, 0), (255, 255, 255))
    exif = Image.Exif()
    exif[0x0112] = 6
    path = saved(tmp_path / "a.png", picture, exif=exif.tobytes())
    assert size_of(path) == open_picture(path).size == (4, 8)
    assert open_picture(path).getpixel((3, 0)) == (255, 255, 255)


@pytest.mark.parametrize("cut", [0, 20, 200])
def test_damaged_picture_is_named_with_the_reason(tmp_path, cut):
    path = saved(tmp_path / "bad.png", Image.effect_noise((64, 64), 50))
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(DatasetError, match=r"bad\.png: .*replace or remove it"):
        open_picture(path)


def test_avif_without_its_plugin_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "registered_extensions", dict)
    monkeypatch.setitem(sys.modules, "pillow_avif", None)
    (tmp_path / "a.avif").write_bytes(b"x")
    with pytest.raises(DatasetError, match="pillow-avif-plugin"):
        size_of(tmp_path / "a.avif")


def test_avif_is_read_with_its_plugin(tmp_path):
    pytest.importorskip("pillow_avif", reason="pillow-avif-plugin is not installed")
    Image.new("RGB", (64, 48), (200, 30, 30)).save(tmp_path / "a.AVIF", "AVIF", quality=100)
    picture = open_picture(tmp_path / "a.AVIF")
    assert picture.size == size_of(tmp_path / "a.AVIF", decode=True) == (64, 48)
    assert all(abs(one - other) < 6 for one, other in zip(picture.getpixel((9, 9)), (200, 30, 30), strict=True))


@pytest.mark.parametrize(("level", "shown"), [(0, 0), (200, 1), (255, 1), (0x4000, 64), (65535, 255)])
def test_sixteen_bits_keep_their_scale_in_dark_pictures_too(tmp_path, level, shown):
    path = saved(tmp_path / "a.png", Image.fromarray(numpy.full((8, 8), level, numpy.uint16)))
    assert open_picture(path).getpixel((0, 0)) == (shown,) * 3


def test_crop_is_at_the_centre_or_by_chance():
    picture = Image.linear_gradient("L").resize((100, 40)).convert("RGB")
    fit = Fit((40, 40), (100, 40))
    assert fitted(picture, fit).tobytes() == picture.crop((30, 0, 70, 40)).tobytes()
    random = {fitted(Image.effect_noise((100, 40), 90).convert("RGB"), fit, Random(seed)).size for seed in range(3)}
    assert random == {(40, 40)}


def test_shrinking_averages_areas():
    board = Image.fromarray(numpy.indices((8, 8)).sum(0).astype(numpy.uint8) % 2 * 255).convert("RGB")
    small = numpy.asarray(fitted(board, Fit((4, 4), (4, 4))))
    assert numpy.abs(small.astype(int) - 128).max() <= 1


def test_pixels_lie_between_minus_one_and_one():
    values = pixels_of(Image.new("RGB", (6, 4), (0, 255, 0)))
    assert values.shape == (3, 4, 6)
    assert values.amin((1, 2)).tolist() == [-1, 1, -1]


def test_colours_vary_a_little_in_a_third_of_uses():
    picture = Image.new("RGB", (4, 4), (200, 80, 40))
    seen = [numpy.asarray(recoloured(picture, Random(seed)))[0, 0].astype(int) for seed in range(300)]
    changed = [s for s in seen if tuple(s) != (200, 80, 40)]
    assert 60 < len(changed) < 130
    assert max(numpy.abs(s - (200, 80, 40)).max() for s in changed) < 60
