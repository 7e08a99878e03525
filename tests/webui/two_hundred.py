"""200 pictures as people have them: of photographs and drawings, some twice, some small, some with captions."""

import io
import os
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

from PIL import Image

from lib_train.app.sample import SAMPLES

COUNT, TWICE, SMALL, CAPTIONED = 200, 6, 5, 20
_PHOTOS = ("astronaut", "chelsea", "coffee", "rocket", "motorcycle_left", "hubble_deep_field", "retina", "camera")
_SIDES = (256, 288, 320, 384)


def zipped(python: str) -> bytes:
    """A zip of 198 pictures and captions of 20 in 10_cat, and of two pictures beside it that are neither.

    Args:
        python: of the WebUI, whose scikit-image has the photographs.
    """
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in _files(_photographs(python)):
            archive.writestr(f"10_cat/{name}", content)
    return made.getvalue()


def _photographs(python: str) -> list[Image.Image]:
    code = "import os, skimage; print(os.path.dirname(skimage.__file__))"
    folder = Path(subprocess.check_output([python, "-c", code], text=True, env=_plain()).strip()) / "data"
    files = [next(folder.glob(f"{name}.*")) for name in _PHOTOS]
    return [Image.open(file).convert("RGB") for file in files]


def _plain() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def _files(photographs: list[Image.Image]) -> Iterator[tuple[str, bytes]]:
    random, drawings = Random(4), sorted((SAMPLES / "train" / "10_mochi").glob("*.png"))[:40]
    contents = [drawing.read_bytes() for drawing in drawings]
    names = [f"drawing-{drawing.name}" for drawing in drawings]
    for number in range(COUNT - len(drawings) - TWICE):
        photo = photographs[number % len(photographs)]
        side = 48 if number < SMALL else random.choice(_SIDES)
        width, height = min(photo.width, side), min(photo.height, round(side * random.choice((0.75, 1, 1.25))))
        left, top = random.randint(0, photo.width - width), random.randint(0, photo.height - height)
        part, saved = photo.crop((left, top, left + width, top + height)), io.BytesIO()
        part.save(saved, "JPEG" if number % 3 else "PNG", quality=92)
        contents.append(saved.getvalue())
        names.append(f"photo {number:03d}.{'jpg' if number % 3 else 'png'}")
    for number in range(TWICE):
        contents.append(contents[60 + number])
        names.append(f"again {number}{Path(names[60 + number]).suffix}")
    yield from zip(names, contents, strict=True)
    for number in range(CAPTIONED):
        yield f"{Path(names[number]).stem}.txt", b"cat, solo, smile, outdoors" if number % 4 else b"cat, solo"
