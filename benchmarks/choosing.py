"""Which figure tells the checkpoint to take: each against the truth, which the drawn world knows, over 20 checkpoints.

``python -m benchmarks.choosing --output FOLDER`` trains the demo's character far too long on six pictures whose
backgrounds no caption names, reads the truth from pictures of every checkpoint, and takes its figures. What is there
already is not made again.
"""

import argparse
import json
import statistics
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import fmean
from threading import Event
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from benchmarks.objective import shows_backdrop, write_backdrop_set
from lib_train.app.judged import Prepared, prepared
from lib_train.app.sample import SMALL
from lib_train.app.service import Service
from lib_train.checkpoints.files import read_metadata, read_network
from lib_train.cli.bars import Console
from lib_train.cli.options import service_for
from lib_train.cli.program import parser
from lib_train.config.codec import config_of
from lib_train.dataset.pixels import pixels_of
from lib_train.demo.character import sample as sample_picture
from lib_train.demo.reader import is_mochi, read
from lib_train.demo.scores import OTHER_PROMPTS
from lib_train.demo.world import SIDE
from lib_train.host.standalone.model import StandaloneModel
from lib_train.host.standalone.sampling import sample, starting_noise
from lib_train.jobs.judged_pictures import Latents
from lib_train.judging.figures import summary
from lib_train.judging.nearest import gaps, nearest, pooled
from lib_train.networks.network import Network
from lib_train.pictures.scan import scan
from lib_train.store.figures import judged_in
from lib_train.training.settled import settled_ratio

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


def measured(service: Service, name: str, sheets: Path) -> list[dict[str, float]]:
    """All figures of a run's checkpoints, in their order; "x@t" are those of one band. What is measured already is not
    measured again.

    Args:
        sheets: folder of the pictures that ``truth`` kept, of which "copies" tells.
    """
    version = service.version(name, "v1")
    found = prepared(service.host, version, "", scan)
    found.carry_out(service.host, Console(), Event())
    kept, rows = judged_in(version), list[dict[str, float]]()
    copies = _copies(service, found, sheets)
    for place, checkpoint in enumerate(found.checkpoints):
        one = kept[checkpoint.name]
        bands = {f"{figure}@{at}": value for figure, band in one.bands.items() for at, value in enumerate(band)}
        rows.append({**one.figures, **summary(one.bands), **copies[place], **bands})
    for place, ratio in enumerate(
        _settled([row["loss"] for row in rows], [step_of(path) for path in found.checkpoints])
    ):
        rows[place]["settled"] = ratio
    return rows


def step_of(checkpoint: Path) -> int:
    return int(read_metadata(checkpoint)["ss_steps"])


def _settled(losses: Sequence[float], steps: Sequence[int]) -> list[float]:
    """The published ratio, with the last fifth of a run's steps for its window, and 1 before there are enough."""
    window = max(steps) // 5
    return [settled_ratio(steps[: n + 1], losses[: n + 1], window) or 1.0 for n in range(len(steps))]


def _copies(service: Service, found: Prepared, sheets: Path) -> list[dict[str, float]]:
    """Of the drawn pictures of each checkpoint: the share that counts as copies, and the mean share of the distance."""
    with service.host.borrow(found.judging.ref) as model:
        latents = Latents(found.judging, model, found.version)
        list(latents.fill())
        trained = [pooled(shown.latents) for shown in latents.trained()]
        apart, rows = gaps(trained), list[dict[str, float]]()
        for place in range(len(found.checkpoints)):
            with Image.open(sheets / f"{place:02d}.png") as sheet:
                own = [sheet.crop((SIDE * n, 0, SIDE * (n + 1), SIDE)).convert("RGB") for n in range(GROUNDED)]
            means = model.encode_images(torch.stack([pixels_of(one) for one in own])).mean
            near = [nearest(pooled(one), trained, apart) for one in means]
            rows.append({
                "copies": sum(one.copied for one in near) / len(near), "nearest": fmean(one.share for one in near)
            })  # fmt: skip
    return rows


def correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Spearman's: of ranks, equal values sharing theirs; None where one of them never changes.

    >>> correlation([1, 2, 3], [10, 20, 15]), correlation([1, 1], [1, 2])
    (0.5, None)
    """
    ranks = [_ranks(values) for values in (one, other)]
    if any(len(set(some)) == 1 for some in ranks):
        return None
    return round(statistics.correlation(*ranks), 4)


def _ranks(values: Sequence[float]) -> list[float]:
    order = sorted(values)
    return [order.index(value) + (order.count(value) - 1) / 2 for value in values]


def table(figures: Sequence[Mapping[str, float]], truths: Sequence[Mapping[str, float]]) -> str:
    """The correlation of each figure, and of the step, with each truth, as a table of Markdown."""
    columns = {name: [row[name] for row in truths] for name in truths[0]}
    lines = ["| figure | " + " | ".join(columns) + " |", "|---|" + "---|" * len(columns)]
    for name in figures[0]:
        values = [row[name] for row in figures]
        found = [correlation(values, column) for column in columns.values()]
        lines.append(f"| {name} | " + " | ".join("" if one is None else f"{one:.2f}" for one in found) + " |")
    return "\n".join(lines)


def judge(service: Service, name: str, output: Path) -> None:
    """Figures and truths of a run into one file, and their correlations."""
    figures = measured(service, name, output / name)
    truths = [json.loads((output / name / f"{place:02d}.json").read_text()) for place in range(len(figures))]
    for place, row in enumerate(figures):
        row["step"] = place
    (output / f"{name}.json").write_text(json.dumps({"run": name, "figures": figures, "truths": truths}))
    print(f"{name}\n{table(figures, truths)}", flush=True)  # noqa: T201


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
            assert isinstance(model, StandaloneModel)
            before = drawn(model, None, OTHERS, first=GROUNDED)
            for place in spread(len(checkpoints)):
                checkpoint = checkpoints[place]
                kept = given.output / name / f"{place:02d}.json"
                if not kept.is_file():
                    found = truth(model, checkpoint, before, kept.with_suffix(".png"))
                    kept.write_text(json.dumps(found))
                print(name, place, checkpoint.stem, kept.read_text(), round(time.monotonic() - begin), flush=True)  # noqa: T201
        judge(service, name, given.output)


if __name__ == "__main__":
    main()
