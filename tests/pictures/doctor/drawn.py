"""Drawn sets of files with just one fault each."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter
from PIL.PngImagePlugin import PngInfo

SIDE = 256


def drawing(seed, size=(SIDE, SIDE)):
    """Sharp shapes that are like those of no other seed."""
    rng, picture = random.Random(seed), Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(picture)
    for _ in range(25):
        x, y, side = rng.randrange(size[0]), rng.randrange(size[1]), rng.randrange(size[0] // 16, size[0] // 3)
        shape = pen.ellipse if rng.random() < 0.5 else pen.rectangle
        shape((x, y, x + side, y + side), fill=f"#{rng.randrange(2**24):06x}")
    return picture


def _garbage(folder):
    (folder / "0.png").write_bytes(b"\x89PNG\r\n\x1a\n no more of it")


def _cut(folder):
    content = (folder / "0.png").read_bytes()
    (folder / "0.png").write_bytes(content[: len(content) // 2])


def _small(folder):
    drawing(0, (200, 200)).save(folder / "0.png")


def _copied(folder):
    shutil.copy(folder / "1.png", folder / "copy.png")
    shutil.copy(folder / "1.txt", folder / "copy.txt")


def _saved_anew(folder):
    drawing(1).save(folder / "jpeg.jpg", quality=60)
    shutil.copy(folder / "1.txt", folder / "jpeg.txt")


def _lighter(folder):
    ImageEnhance.Brightness(drawing(1)).enhance(1.1).filter(ImageFilter.GaussianBlur(0.5)).save(folder / "light.png")
    shutil.copy(folder / "1.txt", folder / "light.txt")


def _scaled(folder):
    drawing(1).resize((320, 320)).save(folder / "large.png")
    shutil.copy(folder / "1.txt", folder / "large.txt")


def _blurred(folder):
    drawing(0).filter(ImageFilter.GaussianBlur(4)).save(folder / "0.png")


def _long(folder):
    drawing(0, (900, 260)).save(folder / "0.png")


def _very_long(folder):
    drawing(0, (2400, 260)).save(folder / "0.png")


def _tall(folder):
    drawing(0, (260, 500)).save(folder / "0.png")


def _on_clear_ground(folder):
    picture = Image.new("RGBA", (SIDE + 40, SIDE + 40), (0, 0, 0, 0))
    picture.paste(drawing(0), (20, 20))
    picture.save(folder / "0.png")


def _with_a_hole(folder):
    picture = drawing(0).convert("RGBA")
    picture.paste((0, 0, 0, 0), (100, 100, 140, 140))
    picture.save(folder / "0.png")


def _animated(folder):
    drawing(0).save(folder / "0.png", save_all=True, append_images=[drawing(50)])


def _damaged(folder):
    text = PngInfo()
    text.add_text("Comment", "hello")
    drawing(0).save(folder / "0.png", pnginfo=text)
    content = (folder / "0.png").read_bytes()
    (folder / "0.png").write_bytes(content.replace(b"Comment\0hello", b"Comment\0jello"))  # its checksum is hello's


def _caption(content, name="0.txt"):
    def write(folder):
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())

    return write


def _uncaptioned(folder):
    (folder / "0.txt").unlink()


def _of_one_name(folder):
    drawing(60).save(folder / "0.jpg")


def _empty_class(folder):
    shutil.rmtree(folder.parents[1] / "reg")
    (folder.parents[1] / "reg" / "1_shape").mkdir(parents=True)


def _same_class(folder):
    reg = folder.parents[1] / "reg" / "1_shape"
    shutil.rmtree(reg)
    shutil.copytree(folder, reg)


FAULTS: dict[str, tuple[Callable[[Path], object], dict[str, list[str]]]] = {
    "garbage": (_garbage, {"unreadable": ["0.png"]}),
    "cut": (_cut, {"unreadable": ["0.png"]}),
    "small": (_small, {"small": ["0.png"]}),
    "copied": (_copied, {"duplicate": ["copy.png"]}),
    "saved anew": (_saved_anew, {"near_duplicate": ["jpeg.jpg"]}),
    "lighter": (_lighter, {"near_duplicate": ["light.png"]}),
    "scaled": (_scaled, {"near_duplicate": ["large.png"]}),
    "blurred": (_blurred, {"blurred": ["0.png"]}),
    "long": (_long, {"extreme_shape": ["0.png"], "lonely_bucket": ["0.png"]}),
    "very long": (_very_long, {"cropped": ["0.png"], "extreme_shape": ["0.png"], "lonely_bucket": ["0.png"]}),
    "tall": (_tall, {"lonely_bucket": ["0.png"]}),
    "clear ground": (_on_clear_ground, {"transparent_border": ["0.png"]}),
    "hole": (_with_a_hole, {"transparent": ["0.png"]}),
    "animated": (_animated, {"animated": ["0.png"]}),
    "damaged": (_damaged, {"damaged": ["0.png"]}),
    "no caption": (_uncaptioned, {"no_caption": ["0.png"]}),
    "empty": (_caption(""), {"empty_caption": ["0.png"]}),
    "commas": (_caption(" ,, , "), {"only_separators": ["0.png"]}),
    "Shift-JIS": (_caption("\u732b\u306e\u7d75".encode("shift_jis")), {"unreadable_caption": ["0.png"]}),
    "twice UTF-8": (_caption("mochi, hat, sea, caf\u00e9".encode().decode("cp1252")),
                    {"encoding": ["0.png"], "rare_tag": ["0.png"]}),
    "JSON": (_caption('{"caption": "mochi"}'), {"json": ["0.png"]}),
    "weights": (_caption("mochi, (hat:1.2), sea"), {"weights": ["0.png"], "rare_tag": ["0.png"]}),
    "escapes": (_caption("mochi, hat, sea \\(blue\\)"), {"escapes": ["0.png"], "rare_tag": ["0.png"]}),
    "lines": (_caption("mochi, hat, sea\nhat"), {"several_lines": ["0.png"]}),
    "no trigger": (_caption("hat, sea"), {"no_trigger": ["0.png"]}),
    "conflict": (_caption("mochi, hat, solo, 2girls"), {"conflicting_tags": ["0.png"], "rare_tag": ["0.png"]}),
    "twice": (_caption("mochi, hat, sea, hat"), {"tag_twice": ["0.png"]}),
    "rare": (_caption("mochi, hat, see"), {"rare_tag": ["0.png"]}),
    "one name": (_of_one_name, {"shared_caption": ["0.jpg", "0.png"]}),
    "empty class": (_empty_class, {"class_empty": []}),
    "same class": (_same_class, {"class_is_training": [f"{number}.png" for number in range(6)]}),
}  # fmt: skip
"""What spoils a sound set, and the names of the pictures that are found then."""
