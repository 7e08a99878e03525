"""Which figure tells the checkpoint to take: each against the truth, which the drawn world knows, over 20 checkpoints.

``python -m benchmarks.choosing --output FOLDER`` trains the demo's character far too long on six pictures whose
backgrounds no caption names, reads the truth from pictures of every checkpoint, and takes its figures. What is there
already is not made again.
"""

import argparse
import json
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from benchmarks.objective import shows_backdrop, write_backdrop_set
from lib_train.app.sample import SMALL
from lib_train.app.service import Service
from lib_train.checkpoints.files import read_network
from lib_train.cli.options import service_for
from lib_train.cli.program import parser
from lib_train.config.codec import config_of
from lib_train.demo.character import sample as sample_picture
from lib_train.demo.reader import is_mochi, read
from lib_train.demo.scores import OTHER_PROMPTS
from lib_train.demo.world import SIDE
from lib_train.host.standalone.model import StandaloneModel
from lib_train.host.standalone.sampling import sample, starting_noise
from lib_train.networks.network import Network

PICTURES = 6
_COMMON = {
    **SMALL, "resolution": SIDE, "preview_prompts": (), "save_every_n_epochs": None, "lr_scheduler": "constant",
    "lr_warmup_steps": 0, "train_batch_size": PICTURES,
}  # fmt: skip
RUNS: dict[str, dict[str, Any]] = {
    "usual": {"seed": 1, "learning_rate": 1e-3, "text_encoder_lr": 1e-3, "steps": 400},
    "fast": {"seed": 2, "learning_rate": 2e-3, "text_encoder_lr": 2e-3, "steps": 120},
    "named": {"seed": 3, "learning_rate": 1e-3, "text_encoder_lr": 1e-3, "steps": 120},
}
"""Settings beside the common ones, and steps. The pictures of "named" are on plain backgrounds that captions name."""
SUBJECT = "mochi, large, center"
GROUNDS = ("black", "white", "gray", "blue", "yellow", "purple")
GROUNDED, OTHERS = 8, OTHER_PROMPTS[:4]
"""Pictures of the character, and prompts without it."""
SAMPLER, STEPS, CFG_SCALE = "DPM++ 2M Karras", 8, 5.0


def train(service: Service, name: str, pictures: Path, checkpoints: int) -> tuple[Path, ...]:
    """The checkpoints of one of ``RUNS``, the first one first; those of a run that is there already are taken."""
    there = service.version(name, "v1")
    if not (found := there.checkpoints()[::-1]):
        own = dict(RUNS[name])
        steps = own.pop("steps")
        settings = {"max_train_epochs": None, "max_train_steps": steps, "save_every_n_steps": steps // checkpoints}
        config = config_of({**_COMMON, "train_data_dir": str(pictures), **settings, **own})
        found = list(service.train(name, "v1", config).checkpoints)
    return tuple(found)


def truth(model: StandaloneModel, checkpoint: Path, before: Sequence[Image.Image], output: Path) -> dict[str, float]:
    """Shares of pictures: the character is shown; the background that the prompt names is shown; a trained backdrop is
    shown; another prompt shows the same as without the network; and the first two together.

    Args:
        before: pictures of the other prompts without a network.
        output: where the pictures are kept, side by side.
    """
    named = [GROUNDS[place % len(GROUNDS)] for place in range(GROUNDED)]
    prompts = [*(f"{SUBJECT}, {colour} background" for colour in named), *OTHERS]
    pictures = drawn(model, checkpoint, prompts)
    own, after = pictures[:GROUNDED], pictures[GROUNDED:]
    _keep(pictures, output)
    shown = [is_mochi(picture) for picture in own]
    obeyed = [read(picture).background == colour for picture, colour in zip(own, named, strict=True)]
    return {
        "recognised": _share(shown),
        "obeyed": _share(obeyed),
        "backdrop": _share([shows_backdrop(picture) for picture in own]),
        "unchanged": _share([read(old) == read(new) for old, new in zip(before, after, strict=True)]),
        "right": _share([a and b for a, b in zip(shown, obeyed, strict=True)]),
    }


def _keep(pictures: Sequence[Image.Image], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet = Image.new("RGB", (SIDE * len(pictures), SIDE))
    for place, picture in enumerate(pictures):
        sheet.paste(picture, (SIDE * place, 0))
    sheet.save(path)


def _share(found: Sequence[bool]) -> float:
    return round(sum(found) / len(found), 4)


@torch.no_grad()
def drawn(model: StandaloneModel, checkpoint: Path | None, prompts: Sequence[str], first: int = 0) -> list[Image.Image]:
    """Pictures of the prompts by the host's own sampler, all at once, each with a seed of its own."""
    asked = [*[""] * len(prompts), *prompts]
    noise = torch.cat([starting_noise(100 + first + place, SIDE, SIDE)[0] for place in range(len(prompts))])
    sizes = torch.full((len(asked), 6), float(SIDE))

    def denoise(latents: Tensor, timestep: Tensor) -> Tensor:
        timesteps = timestep.reshape(1).repeat(len(asked))
        without, wanted = model.predict(latents.repeat(2, 1, 1, 1), timesteps, condition, sizes).float().chunk(2)
        return without + CFG_SCALE * (wanted - without)

    with ExitStack() as on:
        if checkpoint is not None:
            on.enter_context(_network(model, checkpoint).attached())
        condition = model.encode_captions(asked, 1, 75)
        latents = sample(denoise, noise, SAMPLER, STEPS, model.prediction_type, torch.Generator())
    pixels = model.decode_latents(latents).add(1).mul(127.5).round().byte().permute(0, 2, 3, 1).numpy()
    return [Image.fromarray(one) for one in pixels]


def _network(model: StandaloneModel, checkpoint: Path) -> Network:
    tensors, metadata = read_network(checkpoint)
    return Network.from_tensors(tensors, model.family, model.unet, model.text_encoders, metadata)


def write_named_set(folder: Path) -> None:
    """Six pictures of the demo, whose captions name their plain backgrounds."""
    inside = folder / "10_mochi"
    inside.mkdir(parents=True, exist_ok=True)
    for index in range(PICTURES):
        picture, caption = sample_picture(index)
        picture.save(inside / f"mochi_{index:02d}.png")
        (inside / f"mochi_{index:02d}.txt").write_text(f"{caption}\n", encoding="utf-8")


def spread(count: int) -> list[int]:
    """All places, so that the first few lie all over them.

    >>> spread(5)
    [0, 4, 3, 2, 1]
    """
    found = dict.fromkeys([0, count - 1])
    step = count
    while step > 1:
        step = -(-step // 2)
        found |= dict.fromkeys(range(step, count, step))
    return list(found)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("runs", nargs="*", default=list(RUNS))
    options.add_argument("--output", type=Path, required=True)
    options.add_argument("--checkpoints", type=int, default=20)
    given = options.parse_args()
    service = service_for(parser().parse_args(["demo", "--output", str(given.output / "projects")]))
    write_backdrop_set(given.output / "pictures", PICTURES)
    write_named_set(given.output / "named-pictures")
    for name in given.runs:
        begin = time.monotonic()
        pictures = given.output / ("named-pictures" if name == "named" else "pictures")
        checkpoints = train(service, name, pictures, given.checkpoints)
        print(name, "trained", round(time.monotonic() - begin), flush=True)  # noqa: T201
        with service.host.borrow(service.host.find("")) as model:
            before = drawn(model, None, OTHERS, first=GROUNDED)
            for place in spread(len(checkpoints)):
                checkpoint = checkpoints[place]
                kept = given.output / name / f"{place:02d}.json"
                if not kept.is_file():
                    found = truth(model, checkpoint, before, kept.with_suffix(".png"))
                    kept.write_text(json.dumps(found))
                print(name, place, checkpoint.stem, kept.read_text(), round(time.monotonic() - begin), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
