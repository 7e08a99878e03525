import io
import struct

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from lib_train.pictures.prompts import caption_of, infotext_of, prompt_of

TAIL = "Negative prompt: dog, (bad:1.4)\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512"


@pytest.mark.parametrize(
    ("prompt", "caption"),
    [
        ("1girl, solo", "1girl, solo"),
        ("<lora:mochi-v1:0.8>1girl<hypernet:x:1>, <lyco:a:1:1> hat", "1girl, hat"),
        ("(cat:1.2), ((hat)), [[dark]], (a, b:0.5), c", "cat, hat, dark, a, b, c"),
        ("(red (blue:1.1) hat:.9)", "red blue hat"),
        (r"saber \(fate\), \[x\]", "saber (fate), [x]"),
        ("[cat:dog:0.5], [night:10], [rain::0.3], [a|b]", "dog, night, rain, a, b"),
        ("[from [x:y:2]:z:0.5]", "z"),
        ("a:b, 12:30, (ratio 3:2)", "a:b, 12:30, ratio 3"),
        ("cat AND dog AND bird :1.2", "cat, dog, bird"),
        ("cat BREAK dog, BRAND, SAND", "cat, dog, BRAND, SAND"),
        ("cat,, ,\n  big   hat,", "cat, big hat"),
        ("(cat, hat", "cat, hat"),
        ("smile :), >:)", "smile :), >:)"),
        ("", ""),
        ("小猫，(帽子:1.1)", "小猫，帽子"),
    ],
)  # fmt: skip
def test_caption_is_the_prompt_in_plain_words(prompt, caption):
    assert caption_of(f"{prompt}\n{TAIL}") == caption
    assert caption_of(prompt) == caption


def test_prompt_ends_before_negative_prompt_and_parameters_whatever_follows():
    assert prompt_of(f"a\nb\n{TAIL}\nTemplate: x") == "a\nb"
    assert prompt_of("a\r\nSteps: 1, Sampler: b, Seed: 2") == "a"
    assert prompt_of("a\nSteps: to the house") == "a\nSteps: to the house"
    assert prompt_of("Steps: 1, Sampler: b, Seed: 2") == ""


def saved(kind, **options):
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, kind, **options)
    return out


def exif(comment):
    made = Image.Exif()
    made[0x8769] = {0x9286: comment}
    return made


def test_infotext_is_found_in_png_jpeg_and_webp():
    info = PngInfo()
    info.add_itxt("parameters", "猫, hat")
    assert infotext_of(saved("PNG", pnginfo=info)) == "猫, hat"
    for kind in ("JPEG", "WEBP"):
        for codec in ("utf-16-be", "utf-16-le"):
            found = infotext_of(saved(kind, exif=exif(b"UNICODE\0" + "cat, 猫".encode(codec))))
            assert found == "cat, 猫"
        assert infotext_of(saved(kind, exif=exif(b"ASCII\0\0\0cat"))) == "cat"


@pytest.mark.parametrize(
    "content", [b"", b"x", b"\x89PNG\r\n\x1a\n", saved("PNG").getvalue()[:40], saved("GIF").getvalue()]
)
def test_file_without_infotext_has_none(content):
    assert infotext_of(io.BytesIO(content)) == ""


def test_prompt_is_found_in_damaged_exif_without_a_warning():
    """Tests raise warnings as errors."""
    content = saved("JPEG", exif=exif(b"ASCII\0\0\0cat")).getvalue()
    at = max(content.find(struct.pack(f"{order}HH", 0x9286, 7)) for order in "<>") + 4
    assert infotext_of(io.BytesIO(content)) == "cat"
    assert infotext_of(io.BytesIO(content[:at] + b"\xff\xff\xff\xff" + content[at + 4 :])) == ""
