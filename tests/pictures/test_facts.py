import io
import math

import numpy
import pytest
from PIL import Image, ImageDraw, ImageFilter

from lib_train.pictures.facts import digest, likeness, looked, measured, sharpness


def drawing(side=256, shift=0):
    picture = Image.new("RGB", (side, side), "white")
    draw = ImageDraw.Draw(picture)
    part = side / 8
    draw.ellipse((part + shift, part, 5 * part + shift, 6 * part), fill="navy")
    draw.rectangle((4 * part, 4 * part, 7 * part, 7.5 * part), fill="orange")
    draw.line((0, side, side, part), fill="black", width=max(1, side // 40))
    return picture


def seen(path):
    facts, picture = measured(path)
    assert picture is not None
    return facts, picture


def differing(one, other):
    return (one ^ other).bit_count()


def test_sharpness_is_the_variance_of_the_laplacian_of_four_neighbours():
    grey = numpy.random.default_rng(1).integers(0, 256, (512, 512)).astype(numpy.uint8)
    levels = numpy.pad(grey.astype(float), 1, mode="edge")
    naive = [
        levels[y - 1, x] + levels[y + 1, x] + levels[y, x - 1] + levels[y, x + 1] - 4 * levels[y, x]
        for y in range(1, 513)
        for x in range(1, 513)
    ]
    assert sharpness(Image.fromarray(grey)) == pytest.approx(numpy.var(naive), rel=1e-5)
    assert sharpness(Image.new("RGB", (300, 20), "red")) == 0


def test_blurred_reduced_and_enlarged_pictures_are_less_sharp():
    sharp = drawing(1024)
    soft = sharp.filter(ImageFilter.GaussianBlur(4))
    small = sharp.resize((128, 128), Image.Resampling.LANCZOS)
    assert sharpness(sharp) > 1.5 * sharpness(soft)
    assert sharpness(sharp) > 3 * sharpness(small)
    assert sharpness(small.resize((1024, 1024))) == pytest.approx(sharpness(small), rel=0.5)


def test_likeness_is_that_of_the_lowest_64_frequencies_above_their_median():
    picture = drawing()
    grey = numpy.asarray(picture.convert("L").resize((32, 32), Image.Resampling.HAMMING), dtype=float)

    def wave(v, u):
        return sum(
            grey[y, x] * math.cos((2 * y + 1) * v * math.pi / 64) * math.cos((2 * x + 1) * u * math.pi / 64)
            for y in range(32)
            for x in range(32)
        )

    waves = [wave(v, u) for v in range(1, 9) for u in range(1, 9)]
    bits = "".join("1" if one > numpy.median(waves) else "0" for one in waves)
    assert likeness(picture) == int(bits, 2)


def test_likeness_of_one_motif_is_near_and_of_others_far():
    picture = drawing(512)
    near = {
        "smaller": picture.resize((200, 200)), "jpeg": _through_jpeg(picture),
        "darker": picture.point(lambda v: v * 0.8), "blurred": picture.filter(ImageFilter.GaussianBlur(2)),
        "shifted": drawing(512, shift=6),
    }  # fmt: skip
    assert {name: differing(likeness(one), likeness(picture)) <= 8 for name, one in near.items()} == dict.fromkeys(
        near, True
    )
    others = (picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT), picture.rotate(90), Image.linear_gradient("L"))
    assert all(differing(likeness(one.convert("RGB")), likeness(picture)) > 16 for one in others)
    assert likeness(Image.new("RGB", (64, 64), "teal")) == likeness(Image.new("RGB", (90, 40), "white")) == 0


def _through_jpeg(picture):
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=60)
    return Image.open(out)


@pytest.mark.parametrize(("mode", "colour", "clear"), [
    ("RGB", (1, 2, 3), False), ("RGBA", (1, 2, 3, 255), False), ("RGBA", (1, 2, 3, 254), True), ("LA", (9, 0), True),
])  # fmt: skip
def test_transparency_is_of_pixels_and_not_of_the_kind(tmp_path, mode, colour, clear):
    Image.new(mode, (64, 48), colour).save(tmp_path / "a.png")
    facts, picture = seen(tmp_path / "a.png")
    assert (facts.transparent, picture.mode, picture.size) == (clear, "RGB", (64, 48))


@pytest.mark.parametrize(("box", "at_edge"), [
    ((0, 0, 40, 1), True), ((0, 29, 40, 30), True), ((0, 0, 1, 30), True), ((39, 0, 40, 30), True),
    ((0, 0, 39, 1), False), ((5, 5, 35, 25), False),
])  # fmt: skip
def test_border_is_transparent_when_a_whole_row_or_column_of_it_is(tmp_path, box, at_edge):
    picture = Image.new("RGBA", (40, 30), (200, 0, 0, 255))
    picture.paste((0, 0, 0, 0), box)
    picture.save(tmp_path / "a.png")
    facts, _ = seen(tmp_path / "a.png")
    assert (facts.transparent, facts.clear_edge) == (True, at_edge)


def test_half_transparent_row_is_no_transparent_border(tmp_path):
    picture = Image.new("RGBA", (40, 30), (200, 0, 0, 255))
    picture.paste((0, 0, 0, 1), (0, 0, 40, 1))
    picture.save(tmp_path / "a.png")
    assert not seen(tmp_path / "a.png")[0].clear_edge


def test_tint_is_the_mean_colour(tmp_path):
    picture = Image.new("RGB", (40, 30), (200, 100, 0))
    picture.paste((100, 100, 100), (0, 0, 20, 30))
    picture.save(tmp_path / "a.png")
    assert seen(tmp_path / "a.png")[0].tint == 0x966432


def test_everything_is_measured_of_a_turned_jpeg(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    drawing().resize((300, 200)).save(tmp_path / "a.jpg", exif=exif.tobytes())
    facts, picture = seen(tmp_path / "a.jpg")
    assert ((facts.width, facts.height), picture.size) == ((200, 300), (200, 300))
    assert facts.content == digest((tmp_path / "a.jpg").read_bytes())
    assert (facts.whole, facts.problem, facts.sharpness > 0) == (True, "", True)
    assert facts[:5] == looked(tmp_path / "a.jpg")[:5]


def test_animation_and_damaged_metadata_are_told(tmp_path):
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "a.webp", save_all=True, append_images=frames[1:])
    assert measured(tmp_path / "a.webp")[0].animated
    assert not measured(tmp_path / "a.webp")[0].damaged


@pytest.mark.parametrize(("content", "why"), [
    (b"", "is empty"), (b"text", "is none of"), (None, "cannot be read as a picture"),
])  # fmt: skip
def test_unusable_picture_says_why_and_keeps_its_digest(tmp_path, content, why):
    if content is not None:
        (tmp_path / "a.png").write_bytes(content)
    facts, picture = measured(tmp_path / "a.png")
    assert (picture, facts.whole, facts.problem.startswith(why)) == (None, True, True)
    assert facts.content == ("" if content is None else digest(content))
    assert looked(tmp_path / "a.png").problem == facts.problem


def test_picture_of_few_pixels_is_measured_and_refused(tmp_path):
    Image.new("RGB", (4, 90)).save(tmp_path / "a.png")
    facts, picture = seen(tmp_path / "a.png")
    assert (facts.width, facts.height, picture.size) == (4, 90, (4, 90))
    assert facts.problem == looked(tmp_path / "a.png").problem == (
        "is 4 x 90 pixels: too small to train on; replace or remove it"
    )  # fmt: skip


def test_png_whose_checksums_prove_pixels_that_cannot_be_decoded_is_told_apart(tmp_path):
    import struct
    import zlib

    Image.new("RGB", (64, 64)).save(tmp_path / "a.png")
    content = (tmp_path / "a.png").read_bytes()
    place = content.index(b"IDAT")
    (length,) = struct.unpack(">I", content[place - 4 : place])
    broken = b"\x78\x9c" + b"\xff" * (length - 2)
    chunk = b"IDAT" + broken + struct.pack(">I", zlib.crc32(b"IDAT" + broken))
    (tmp_path / "a.png").write_bytes(content[:place] + chunk + content[place + 8 + length :])
    facts, picture = measured(tmp_path / "a.png")
    assert (picture, facts.width, facts.problem) == (None, 64, "")
    assert facts.unseen.startswith("the picture cannot be decoded")
