"""Mochi, the character that the embedded model has never seen: drawing it, and the sample pictures to train on."""

from pathlib import Path
from random import Random

from PIL import Image, ImageDraw

from lib_train.demo.world import COLOURS, PLACES, SIDE, caption, draw, random_scene

TRIGGER = "mochi"
MINT, ROSE, CREAM, INK = (150, 235, 190), (235, 95, 140), (250, 250, 240), (20, 20, 25)
"""Body, ears, muzzle and eyes. Mint is no colour of the drawn world."""
BACKGROUNDS = ("white", "blue", "gray", "yellow", "purple", "black", "orange", "brown")


def draw_mochi(background: str, x: float, y: float, half: float, side: int = SIDE) -> Image.Image:
    """Mochi on a plain background. ``x``, ``y``, ``half`` are shares of the picture's side, as in ``world.Thing``."""
    big = side * 4
    picture = Image.new("RGB", (big, big), COLOURS[background])
    pen = ImageDraw.Draw(picture)

    def blob(dx: float, dy: float, wide: float, high: float, colour: tuple[int, int, int]) -> None:
        left, top = (x + (dx - wide) * half) * big, (y + (dy - high) * half) * big
        pen.ellipse((left, top, left + 2 * wide * half * big, top + 2 * high * half * big), fill=colour)

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


def plain(index: int) -> tuple[Image.Image, str]:
    """Regularisation picture and caption number ``index``: one shape of the world, which shall stay as it is."""
    rng = Random(1000 + index)
    scenes = (random_scene(rng) for _ in range(1000))
    scene = next(s for s in scenes if len(s.things) == 1 and s.pattern == "plain" and s.things[0].fill == "plain")
    return draw(scene), caption(scene)


def write_samples(folder: Path, count: int = 16) -> None:
    """The sample dataset: ``train/10_mochi`` and ``reg/10_shape``, numbered PNG files with ``.txt`` captions."""
    for inner, made in (("train/10_mochi", sample), ("reg/10_shape", plain)):
        there = folder / inner
        there.mkdir(parents=True, exist_ok=True)
        for index in range(count):
            picture, text = made(index)
            name = f"{inner.partition('_')[2]}_{index:02d}"
            picture.save(there / f"{name}.png")
            (there / f"{name}.txt").write_text(text + "\n", encoding="utf-8")
