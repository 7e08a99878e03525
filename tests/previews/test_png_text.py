import io

import numpy
from PIL import Image, PngImagePlugin

from lib_train.previews.png_text import with_other_text


def png(**texts):
    info = PngImagePlugin.PngInfo()
    for name, (text, how) in texts.items():
        info.add_text(name, text, zip=how == "zip") if how != "itxt" else info.add_itxt(name, text)
    out = io.BytesIO()
    Image.fromarray(numpy.arange(192, dtype=numpy.uint8).reshape(8, 8, 3)).save(out, "PNG", pnginfo=info)
    return out.getvalue()


def test_texts_are_changed_and_pixels_are_not():
    before = png(parameters=("猫 <lora:old:1>", "itxt"), plain=("old", "text"), packed=("old", "zip"))
    after = with_other_text(before, lambda text: text.replace("old", "another name"))
    one, other = (Image.open(io.BytesIO(content)) for content in (before, after))
    assert other.info["parameters"] == "猫 <lora:another name:1>"
    assert (other.info["plain"], other.info["packed"]) == ("another name", "old")
    assert numpy.array_equal(numpy.asarray(one), numpy.asarray(other))


def test_what_needs_no_change_stays_byte_for_byte():
    content = png(parameters=("x", "itxt"), plain=("y", "text"))
    for given in (content, content[:-7], content[:50], b"", b"no picture"):
        assert with_other_text(given, lambda text: text) == given
