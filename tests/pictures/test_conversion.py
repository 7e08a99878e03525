import io

import numpy
import pytest
from PIL import Image, ImageCms

from lib_train.errors import FileError
from lib_train.pictures.conversion import as_png


def saved(picture, kind, **options):
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out


def read(content):
    picture = Image.open(io.BytesIO(as_png(content)))
    picture.load()
    assert picture.format == "PNG"
    return picture


def gradient(mode="RGB"):
    values = numpy.arange(12 * 8, dtype=numpy.uint8).reshape(8, 12)
    return Image.fromarray(values).convert(mode)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "1"])
@pytest.mark.parametrize("compression", [None, "tiff_lzw", "tiff_deflate"])
def test_tiff_keeps_every_pixel(mode, compression):
    picture = gradient(mode)
    made = read(saved(picture, "TIFF", compression=compression))
    assert made.mode == mode
    assert made.tobytes() == picture.tobytes()


def test_sixteen_bits_of_grey_stay():
    values = numpy.arange(0, 65536, 700, dtype=numpy.uint16).reshape(2, -1)
    made = read(saved(Image.fromarray(values), "TIFF"))
    assert numpy.asarray(made).tolist() == values.tolist()


def test_floats_are_read_as_shares_of_white():
    values = numpy.array([[0, 0.5, 1]], dtype=numpy.float32)
    assert numpy.asarray(read(saved(Image.fromarray(values), "TIFF"))).tolist() == [[0, 128, 255]]
    assert numpy.asarray(read(saved(Image.fromarray(values * 200), "TIFF"))).tolist() == [[0, 100, 200]]


def test_cmyk_becomes_rgb():
    made = read(saved(Image.new("CMYK", (4, 4), (0, 255, 255, 0)), "TIFF"))
    assert (made.mode, made.getpixel((0, 0))) == ("RGB", (255, 0, 0))


def test_first_picture_of_a_gif_is_taken_with_its_transparency():
    first, second = Image.new("RGBA", (4, 4), (0, 0, 0, 0)), Image.new("RGBA", (4, 4), "blue")
    first.paste((255, 0, 0, 255), (0, 0, 2, 4))
    made = read(saved(first, "GIF", save_all=True, append_images=[second])).convert("RGBA")
    assert (made.getpixel((0, 0)), made.getpixel((3, 0))[3]) == ((255, 0, 0, 255), 0)


def test_jfif_is_turned_upright_and_keeps_its_profile():
    exif = Image.Exif()
    exif[0x0112] = 6
    made = read(saved(gradient(), "JPEG", exif=exif, icc_profile=b"a profile"))
    assert (made.size, made.info["icc_profile"]) == ((8, 12), b"a profile")
    assert 0x0112 not in made.getexif()


@pytest.mark.parametrize(
    "content", [b"", b"II*\0", b"GIF89a", b"text of no picture", saved(gradient(), "TIFF").getvalue()[:200]]
)
def test_damaged_file_says_so(content):
    with pytest.raises(FileError, match="replace or remove it"):
        as_png(io.BytesIO(content))


def test_picture_of_too_many_pixels_is_refused_before_it_is_read(monkeypatch):
    content = saved(gradient(), "TIFF")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    with pytest.raises(FileError, match=r"too many pixels to be opened safely \(12 x 8\)"):
        as_png(content)


@pytest.mark.parametrize(
    ("head", "package"), [(b"\0\0\0\x18ftypheic", "pillow-heif"), (b"\xff\x0a", "pillow-jxl-plugin")]
)
def test_missing_plugin_is_named(head, package):
    with pytest.raises(Exception, match=f"pip install {package}"):
        as_png(io.BytesIO(head))


def exif_of(orientation):
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = orientation, "a long description"
    return exif.tobytes()


def test_jpeg_keeps_its_profile_and_is_upright_though_its_exif_is_damaged():
    """Tests raise warnings as errors, and Pillow warns of such EXIF."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = exif_of(6)
    with pytest.warns(UserWarning, match="Truncated|corrupt"):
        dict(Image.open(saved(gradient(), "JPEG", exif=exif[:-10])).getexif())
    made = read(saved(gradient(), "JPEG", exif=exif[:-10], icc_profile=profile))
    assert (made.size, made.info["icc_profile"]) == ((8, 12), profile)


def test_list_of_pictures_that_is_broken_spoils_no_jpeg():
    content = saved(gradient(), "MPO", save_all=True, append_images=[gradient()]).getvalue()
    at = content.index(b"MPF\0") + 4
    broken = content[:at] + b"XX" + content[at + 2 :]
    with pytest.warns(UserWarning, match="malformed MPO"):
        Image.open(io.BytesIO(broken)).close()
    assert read(io.BytesIO(broken)).size == (12, 8)
