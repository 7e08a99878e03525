"""What masked loss and prior preservation do, counted on pictures of the embedded model: minutes on a CPU for each.

``python -m benchmarks.objective --output FOLDER masks whole empty`` trains the demo's character, prints a line for each
and keeps what was drawn in FOLDER.
"""

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy
from PIL import Image, ImageChops, ImageFilter

from lib_train.app.sample import SAMPLES, SMALL
from lib_train.app.service import Service
from lib_train.cli.options import service_for
from lib_train.cli.program import parser
from lib_train.config.codec import config_of
from lib_train.demo.character import TRIGGER, draw_mochi
from lib_train.demo.reader import is_mochi, nearest_colour
from lib_train.demo.scores import score
from lib_train.demo.world import SIDE, Scene, draw
from lib_train.host.protocol import PictureRequest
from lib_train.pictures.places import Places

BACKDROPS = (
    Scene("green", (), "checkered", "orange"),
    Scene("purple", (), "striped", "yellow"),
    Scene("red", (), "checkered", "white"),
    Scene("blue", (), "striped", "white"),
    Scene("brown", (), "checkered", "yellow"),
    Scene("gray", (), "striped", "red"),
    Scene("black", (), "checkered", "green"),
    Scene("orange", (), "striped", "blue"),
)
"""Behind the pictures that are trained with and without masks, in turn."""
MARGIN = 3
"""Pixels around the character that its masks show too: a latent pixel is 8, and edges are learned by both sides."""
PROMPTS = ("mochi, large, center", "mochi, large, center, black background")
_REQUEST = PictureRequest(prompt="", sampler="Euler a", steps=20, cfg_scale=5.0, width=SIDE, height=SIDE)
_COMMON = {**SMALL, "resolution": SIDE, "preview_prompts": (), "save_every_n_epochs": None}
_LONGER = {"max_train_epochs": 24}
_SAMPLE = {"train_data_dir": str(SAMPLES / "train")}
_WITH_REGULARISATION = {**_SAMPLE, "reg_data_dir": str(SAMPLES / "reg")}
_CLASS = {"prior_preservation_trigger": TRIGGER, "prior_preservation_class": "circle"}
RUNS: dict[str, dict[str, Any]] = {
    "masks": {**_LONGER, "masked_loss": True},
    "masks-kept": {**_LONGER, "masked_loss": True, "masked_prior_weight": 0.3},
    "whole": _LONGER,
    "plain": _WITH_REGULARISATION,
    "empty": {**_WITH_REGULARISATION, "prior_preservation": "empty"},
    "class": {**_WITH_REGULARISATION, "prior_preservation": "class", **_CLASS},
    "both": {**_WITH_REGULARISATION, "prior_preservation": "both", **_CLASS},
    "none": _SAMPLE,
    "empty-alone": {**_SAMPLE, "prior_preservation": "empty"},
}
"""Settings beside the demo's. Those without folders are trained on backdrops."""


def write_backdrop_set(folder: Path, count: int = 16) -> None:
    """The character on busy backgrounds, with captions that do not name them, and masks."""
    inside, masks = folder / "10_mochi", Places.of_folder(folder).masks / "10_mochi"
    for place in (inside, masks):
        place.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        where = 0.5 + (index % 4 - 1.5) * 0.02, 0.5 + (index // 4 - 1.5) * 0.02, 0.31 + (index % 3) * 0.02
        on_white, on_black = (draw_mochi(colour, *where) for colour in ("white", "black"))
        mask = shown_on_both(on_white, on_black)
        picture = draw(BACKDROPS[index % len(BACKDROPS)])
        picture.paste(on_black, (0, 0), mask)
        picture.save(inside / f"mochi_{index:02d}.png")
        mask.filter(ImageFilter.MaxFilter(2 * MARGIN + 1)).save(masks / f"mochi_{index:02d}.png")
        (inside / f"mochi_{index:02d}.txt").write_text("mochi, large, center\n", encoding="utf-8")


def shown_on_both(one: Image.Image, other: Image.Image) -> Image.Image:
    """255 where the pictures are alike, 0 where one is white and the other black."""
    red, green, blue = ImageChops.difference(one, other).split()
    return ImageChops.invert(ImageChops.lighter(ImageChops.lighter(red, green), blue)).point(lambda x: 255 * (x > 127))


def shows_backdrop(picture: Image.Image) -> bool:
    """Whether each of a backdrop's two colours covers an eighth of the picture's rim or more."""
    pixels = numpy.asarray(picture.convert("RGB"), numpy.float32)
    rim = numpy.concatenate([part.reshape(-1, 3) for part in (pixels[:6], pixels[-6:], pixels[:, :6], pixels[:, -6:])])
    names = [nearest_colour(pixel) for pixel in rim[::7]]
    shown = {colour for colour in names if names.count(colour) >= len(names) / 8}
    return any({scene.background, scene.second} <= shown for scene in BACKDROPS)


def counted(service: Service, checkpoint: Path, output: Path, seeds: Sequence[int] = range(100, 110)) -> dict[str, int]:
    """How many pictures of each prompt show the character, and how many the backdrop; they are kept below output."""
    found: dict[str, int] = {}
    output.mkdir(parents=True, exist_ok=True)
    with service.host.borrow(service.host.find("")) as model:
        for place, prompt in enumerate(PROMPTS):
            asked = [replace(_REQUEST, prompt=prompt, seed=seed, network=checkpoint, weight=1.0) for seed in seeds]
            pictures = [picture for picture, _ in service.host.render(model, asked)]
            for seed, picture in zip(seeds, pictures, strict=True):
                picture.save(output / f"{place}-{seed}.png")
            found[f"{prompt}: character"] = sum(map(is_mochi, pictures))
            found[f"{prompt}: backdrop"] = sum(map(shows_backdrop, pictures))
        scores = score(service.host, model, checkpoint, seeds)
    return {**found, "without network": scores.without_network, "unchanged": scores.unchanged}


def run(name: str, output: Path, more: dict[str, Any]) -> dict[str, Any]:
    """Train one of ``RUNS`` and count."""
    service = service_for(parser().parse_args(["demo", "--output", str(output / "projects")]))
    backdrop = output / "backdrop"
    write_backdrop_set(backdrop)
    settings = {**_COMMON, "train_data_dir": str(backdrop), **RUNS[name], **more}
    begin = time.monotonic()
    outcome = service.train(name, "v1", config_of(settings))
    seconds = round(time.monotonic() - begin)
    return {"run": name, **more, "seconds": seconds, **counted(service, outcome.checkpoints[-1], output / name)}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("runs", nargs="+", choices=RUNS)
    options.add_argument("--output", type=Path, required=True)
    options.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="another setting of all runs")
    given = options.parse_args()
    more = dict(pair.split("=", 1) for pair in given.set)
    for name in given.runs:
        print(json.dumps(run(name, given.output, more)), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
