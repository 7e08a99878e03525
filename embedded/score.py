"""Share of pictures of one object whose colour and shape are what the prompt says: ``python -m embedded.score``."""

import argparse
import sys
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from lib_train.demo.reader import read
from lib_train.demo.world import COLOURS, SHAPES, SIDE
from lib_train.host.protocol import PictureRequest
from lib_train.host.standalone.host import StandaloneHost


def requests(count: int, steps: int = 20) -> list[tuple[str, str, PictureRequest]]:
    """Colour, shape and request, walking through all pairs of them; half of the prompts name the background too."""
    colours, out = list(COLOURS), []
    for i in range(count):
        colour, shape = colours[i % len(colours)], SHAPES[(i + i // len(colours)) % len(SHAPES)]
        ground = "black" if colour == "white" else "white"
        prompt = f"{colour} {shape}, medium" if i % 2 else f"{colour} {shape}, large, center, {ground} background"
        size = {"width": SIDE, "height": SIDE}
        out.append((colour, shape, PictureRequest(prompt=prompt, seed=1000 + i, steps=steps, cfg_scale=5.0, **size)))  # type: ignore[arg-type]
    return out


class Score(NamedTuple):
    """Counts over ``pictures`` prompts of one object; ``backgrounds`` over the half of them that name one."""

    pictures: int
    both: int
    colours: int
    shapes: int
    backgrounds: int

    def __str__(self) -> str:
        return (
            f"colour and shape right: {self.both} of {self.pictures}; colour {self.colours}, shape {self.shapes}; "
            f"background {self.backgrounds} of {-(-self.pictures // 2)}"
        )


def measured(count: int, steps: int = 20) -> tuple[Score, list[Image.Image]]:
    """How well the shipped model follows ``count`` prompts, and its pictures."""
    host, asked = StandaloneHost(), requests(count, steps)
    with host.borrow(host.find("")) as model:
        pictures = [picture for picture, _ in host.render(model, [request for _, _, request in asked])]
    pairs = [(read(picture), *wanted) for picture, wanted in zip(pictures, asked, strict=True)]
    score = Score(
        pictures=count,
        both=sum((r.colour, r.shape) == (colour, shape) for r, colour, shape, _ in pairs),
        colours=sum(r.colour == colour for r, colour, _, _ in pairs),
        shapes=sum(r.shape == shape for r, _, shape, _ in pairs),
        backgrounds=sum(f"{r.background} background" in request.prompt for r, _, _, request in pairs),
    )
    return score, pictures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=120)
    parser.add_argument("--sheet", type=Path, help="write all pictures into this PNG")
    options = parser.parse_args()
    score, pictures = measured(options.count)
    sys.stdout.write(f"{score}\n")
    if options.sheet:
        sheet = Image.new("RGB", (12 * SIDE, -(-len(pictures) // 12) * SIDE))
        for i, picture in enumerate(pictures):
            sheet.paste(picture, (i % 12 * SIDE, i // 12 * SIDE))
        sheet.save(options.sheet)


if __name__ == "__main__":
    main()
