"""Mochi, the character that the embedded model has never seen: drawing it, and the sample pictures to train on."""

from pathlib import Path
from random import Random

from PIL import Image, ImageDraw

from lib_train.demo.world import COLOURS, PLACES, SIDE

TRIGGER = "mochi"
MINT, ROSE, CREAM, INK = (150, 235, 190), (235, 95, 140), (250, 250, 240), (20, 20, 25)
"""Body, ears, muzzle and eyes. Mint is no colour of the drawn world."""
BACKGROUNDS = ("white", "blue", "gray", "yellow", "purple", "black", "orange", "brown")


def draw_mochi(background: str, x: float, y: float, half: float, side: int = SIDE) -> Image.Image:
    """Mochi on a plain background. ``x``, ``y``, ``half`` are shares of the picture's side, as in ``world.Thing``."""
    big = side * 4
    picture = Image.new("RGB", (big, big), COLOURS[background])
    draw = ImageDraw.Draw(picture)

    def blob(dx: float, dy: float, wide: float, high: float, colour: tuple[int, int, int]) -> None:
        left, top = (x + (dx - wide) * half) * big, (y + (dy - high) * half) * big
        draw.ellipse((left, top, left + 2 * wide * half * big, top + 2 * high * half * big), fill=colour)

    for ear in (-1, 1):
        blob(ear * 0.62, -0.68, 0.34, 0.34, ROSE)
    blob(0, 0.08, 1.0, 0.86, MINT)
    blob(0, 0.46, 0.42, 0.3, CREAM)
    for eye in (-1, 1):
        blob(eye * 0.42, -0.1, 0.19, 0.23, INK)
    return picture.resize((side, side), Image.LANCZOS)


def sample(index: int) -> tuple[Image.Image, str]:
    """Picture and caption number ``index`` of the sample dataset."""
    rng = Random(index)
    place = list(PLACES)[index % len(PLACES)]
    large = index % 3 != 2
    x, y = (0.5, 0.5) if place == "center" or large else PLACES[place]
    half = rng.uniform(0.3, 0.36) if large else rng.uniform(0.2, 0.25)
    x, y = x + rng.uniform(-0.05, 0.05), y + rng.uniform(-0.05, 0.05)
    background = BACKGROUNDS[index % len(BACKGROUNDS)]
    where = "center" if large else place
    tags = [TRIGGER, "large" if large else "medium", where, f"{background} background"]
    return draw_mochi(background, x, y, half), ", ".join(tags)


def write_samples(folder: Path, count: int = 16) -> None:
    """The sample dataset as numbered PNG files with ``.txt`` captions."""
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        picture, caption = sample(index)
        picture.save(folder / f"mochi_{index:02d}.png")
        (folder / f"mochi_{index:02d}.txt").write_text(caption + "\n", encoding="utf-8")
