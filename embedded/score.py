"""Share of pictures of one object whose colour and shape are what the prompt says: ``python -m embedded.score``."""

import argparse
import sys
from pathlib import Path

from PIL import Image

from lib_train.demo.reader import read
from lib_train.demo.world import COLOURS, SHAPES, SIDE
from lib_train.host.protocol import PictureRequest
from lib_train.host.standalone import StandaloneHost


def requests(count: int) -> list[tuple[str, str, PictureRequest]]:
    """Colour, shape and request, walking through all pairs of them; half of the prompts name the background too."""
    colours, out = list(COLOURS), []
    for i in range(count):
        colour, shape = colours[i % len(colours)], SHAPES[(i + i // len(colours)) % len(SHAPES)]
        ground = "black" if colour == "white" else "white"
        prompt = f"{colour} {shape}, medium" if i % 2 else f"{colour} {shape}, large, center, {ground} background"
        size = {"width": SIDE, "height": SIDE}
        out.append((colour, shape, PictureRequest(prompt=prompt, seed=1000 + i, steps=20, cfg_scale=5.0, **size)))
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=120)
    parser.add_argument("--sheet", type=Path, help="write all pictures into this PNG")
    options = parser.parse_args()
    host, asked = StandaloneHost(), requests(options.count)
    with host.borrow(host.find("")) as model:
        pictures = [picture for picture, _ in host.render(model, [request for _, _, request in asked])]
    readings = [read(picture) for picture in pictures]
    pairs = list(zip(readings, asked, strict=True))
    both = sum((r.colour, r.shape) == (colour, shape) for r, (colour, shape, _) in pairs)
    colours, shapes = sum(r.colour == c for r, (c, _, _) in pairs), sum(r.shape == s for r, (_, s, _) in pairs)
    sys.stdout.write(f"colour and shape right: {both} of {len(pairs)}; colour {colours}, shape {shapes}\n")
    if options.sheet:
        sheet = Image.new("RGB", (12 * SIDE, -(-len(pictures) // 12) * SIDE))
        for i, picture in enumerate(pictures):
            sheet.paste(picture, (i % 12 * SIDE, i // 12 * SIDE))
        sheet.save(options.sheet)


if __name__ == "__main__":
    main()
