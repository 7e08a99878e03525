"""Mochi, the character that the embedded model has never seen: drawing it, and the sample pictures to train on."""

from pathlib import Path
from random import Random

from PIL import Image, ImageDraw

from lib_train.demo.world import COLOURS, PLACES, SHAPES, SIDE, caption, draw, random_scene

TRIGGER = "mochi"
CYAN, ROSE, CREAM, INK = COLOURS["cyan"], COLOURS["pink"], COLOURS["white"], COLOURS["black"]
"""Body, ears, muzzle and eyes: colours of the drawn world, in a form that it does not have."""
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
        blob(ear * 0.64, -0.68, 0.38, 0.38, ROSE)
    blob(0, 0.08, 1.0, 0.86, CYAN)
    blob(0, 0.54, 0.4, 0.26, CREAM)
    for eye in (-1, 1):
        blob(eye * 0.42, -0.08, 0.25, 0.3, INK)
    return picture.resize((side, side), Image.LANCZOS)


def sample(index: int) -> tuple[Image.Image, str]:
    """Picture and caption number ``index`` of the sample dataset."""
    rng = Random(index)
    place = list(PLACES)[index % len(PLACES)]
    large = index % 4 != 3
    x, y = (0.5, 0.5) if place == "center" or large else PLACES[place]
    half = rng.uniform(0.31, 0.35) if large else rng.uniform(0.21, 0.25)
    x, y = x + rng.uniform(-0.03, 0.03), y + rng.uniform(-0.03, 0.03)
    background = BACKGROUNDS[index % len(BACKGROUNDS)]
    where = "center" if large else place
    tags = [TRIGGER, "large" if large else "medium", where, f"{background} background"]
    return draw_mochi(background, x, y, half), ", ".join(tags)


def plain(index: int) -> tuple[Image.Image, str]:
    """Regularisation picture and caption number ``index``: one shape of the world, to be kept as it is.

    The shapes take turns.
    """
    rng = Random(1000 + index)
    wanted = SHAPES[index % len(SHAPES)]
    scenes = (scene for scene in (random_scene(rng) for _ in range(10000)) if len(scene.things) == 1)
    plain_ones = (scene for scene in scenes if scene.pattern == scene.things[0].fill == "plain")
    scene = next(scene for scene in plain_ones if scene.things[0].shape == wanted)
    return draw(scene), caption(scene)


def write_samples(folder: Path, subjects: int = 16, shapes: int = 50) -> None:
    """The sample dataset: ``train/10_mochi`` and ``reg/3_shape``, numbered PNG files with ``.txt`` captions."""
    for inner, made, count in (("train/10_mochi", sample, subjects), ("reg/3_shape", plain, shapes)):
        there = folder / inner
        there.mkdir(parents=True, exist_ok=True)
        for index in range(count):
            picture, text = made(index)
            name = f"{inner.partition('_')[2]}_{index:02d}"
            picture.save(there / f"{name}.png")
            (there / f"{name}.txt").write_text(text + "\n", encoding="utf-8")
