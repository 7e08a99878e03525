import io
import os
import zlib

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

pytest.importorskip("fastapi", reason="the tab's packages are not installed")

from lib_train.api.images import scaled, thumbnail
from lib_train.app.gallery import Gallery
from lib_train.errors import DatasetError

read = Gallery.thumbnail


def shown(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def test_pictures_are_shown_as_they_are_trained(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGBA", (600, 300), (9, 9, 9, 0)).save(tmp_path / "a.png", exif=exif.tobytes())
    picture = shown(thumbnail(tmp_path / "a.png", read))
    assert (picture.size, picture.convert("RGB").getpixel((5, 5))) == ((96, 192), (255, 255, 255))


def test_metadata_that_pillow_refuses_spoils_no_small_picture(tmp_path):
    info = PngInfo()
    info.add(b"zTXt", b"parameters\0\0" + zlib.compress(b"word " * 800_000))
    Image.new("RGB", (2000, 1000)).save(tmp_path / "a.png", pnginfo=info)
    assert shown(scaled(tmp_path / "a.png", 1280, read)).size == (1280, 640)


def test_large_jpeg_is_made_small_from_a_quarter_of_its_sides(tmp_path):
    Image.linear_gradient("L").resize((4000, 3000)).save(tmp_path / "a.jpg")
    assert read(str(tmp_path / "a.jpg"), 192).size == (1000, 750)
    assert shown(thumbnail(tmp_path / "a.jpg", read)).size == (192, 144)


def test_damaged_picture_is_told(tmp_path):
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\nxx")
    with pytest.raises(DatasetError, match=r"a\.png: cannot be read as a picture"):
        thumbnail(tmp_path / "a.png", read)


def test_picture_edited_with_the_same_size_and_date_is_shown_anew(tmp_path):
    file = tmp_path / "a.bmp"
    pixels = []
    for colour in ((250, 0, 0), (0, 0, 250)):
        Image.new("RGB", (64, 64), colour).save(file)
        os.utime(file, ns=(1, 1))
        pixels.append(shown(thumbnail(file, read)).convert("RGB").getpixel((5, 5)))
    assert pixels[0][0] > 240 > pixels[1][0]
