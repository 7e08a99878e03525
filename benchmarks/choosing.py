"""Which figure tells the checkpoint to take: each against the truth, which the drawn world knows.

``python -m benchmarks.choosing --output FOLDER`` trains the demo's character far too long on six pictures, and as
people train it; reads the truth from pictures of every checkpoint, and takes its figures. What is there already is not
made again.
"""

import argparse
import json
import statistics
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from threading import Event
from typing import Any, NamedTuple

import torch
from PIL import Image

from benchmarks.drawn_truth import drawn, truth
from benchmarks.objective import write_backdrop_set
from lib_train.app.judged import Prepared, prepared
from lib_train.app.sample import SAMPLES, SMALL
from lib_train.app.service import Service
from lib_train.checkpoints.files import read_metadata
from lib_train.cli.bars import Console
from lib_train.cli.options import service_for
from lib_train.cli.program import parser
from lib_train.config.codec import config_of
from lib_train.dataset.pixels import pixels_of
from lib_train.demo.character import sample as sample_picture
from lib_train.demo.scores import OTHER_PROMPTS
from lib_train.demo.world import SIDE
from lib_train.host.standalone.model import StandaloneModel
from lib_train.jobs.judged_pictures import Latents
from lib_train.judging.figures import summary
from lib_train.judging.nearest import gaps, nearest, pooled
from lib_train.pictures.scan import scan
from lib_train.store.figures import judged_in
from lib_train.training.settled import settled_ratio

PICTURES = 6
_LONG = {
    **SMALL, "resolution": SIDE, "preview_prompts": (), "save_every_n_epochs": None, "max_train_epochs": None,
    "lr_scheduler": "constant", "lr_warmup_steps": 0, "train_batch_size": PICTURES,
}  # fmt: skip
_DEFAULTS = {**SMALL, "resolution": SIDE, "preview_prompts": (), "save_every_n_epochs": 2}
_PLAIN = {
    "resolution": SIDE, "enable_bucket": False, "preview_prompts": (), "max_train_epochs": None, "train_batch_size": 4,
    "lr_warmup_steps": 0.05, "min_snr_gamma": 5.0, "save_every_n_epochs": None, "network_dim": 16, "network_alpha": 16,
}  # fmt: skip


class Trial(NamedTuple):
    """A run whose checkpoints are judged, and how the truth of each is counted."""

    settings: dict[str, Any]
    pictures: str
    """"backdrops", "named", "alone" or "sample"; see ``folders``."""
    own: int = 24
    """Pictures of the character."""
    others: int = 8
    """Pictures of other prompts."""


def _rates(rate: float) -> dict[str, float]:
    return {"learning_rate": rate, "text_encoder_lr": rate}


def _steps(count: int, checkpoints: int = 20) -> dict[str, int]:
    return {"max_train_steps": count, "save_every_n_steps": count // checkpoints}


_FEW = {"own": 8, "others": 4}
RUNS: dict[str, Trial] = {
    "usual": Trial({**_LONG, **_rates(1e-3), "seed": 1, **_steps(400)}, "backdrops", **_FEW),
    "fast": Trial({**_LONG, **_rates(2e-3), "seed": 2, **_steps(120)}, "backdrops", **_FEW),
    "named": Trial({**_LONG, **_rates(1e-3), "seed": 3, **_steps(120)}, "named", **_FEW),
    "sample": Trial(_DEFAULTS, "sample"),
    "brisk": Trial({**_PLAIN, "learning_rate": 3e-3, "network_dim": 8, "network_alpha": 8, **_steps(240, 10)}, "alone"),
    "hot": Trial({**_LONG, **_rates(8e-3), "train_batch_size": 4, **_steps(96, 8)}, "alone"),
    "steady": Trial({**_PLAIN, **_rates(1e-3), "seed": 7, **_steps(240, 8)}, "alone"),
    "gentle": Trial({**_PLAIN, **_rates(5e-4), **_steps(320, 8)}, "alone"),
}
"""The first three go on far too long on six pictures; "sample" has the settings of the sample character; the others
have its pictures alone, at several rates."""


def train(service: Service, name: str, pictures: Mapping[str, Any]) -> tuple[Path, ...]:
    """The checkpoints of one of ``RUNS``, the first one first; those of a run that is there already are taken."""
    there = service.version(name, "v1")
    if not (found := there.checkpoints()[::-1]):
        found = list(service.train(name, "v1", config_of({**RUNS[name].settings, **pictures})).checkpoints)
    return tuple(found)


def folders(output: Path) -> dict[str, dict[str, str]]:
    """Settings that name the folders of each kind of pictures; those that are made are written below ``output``."""
    write_backdrop_set(output / "pictures", PICTURES)
    write_named_set(output / "named-pictures")
    return {
        "backdrops": {"train_data_dir": str(output / "pictures")},
        "named": {"train_data_dir": str(output / "named-pictures")},
        "alone": {"train_data_dir": str(SAMPLES / "train")},
        "sample": {"train_data_dir": str(SAMPLES / "train"), "reg_data_dir": str(SAMPLES / "reg")},
    }


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
    copies = _copies(service, found, sheets, RUNS[name].own)
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


def _copies(service: Service, found: Prepared, sheets: Path, count: int) -> list[dict[str, float]]:
    """Of the drawn pictures of each checkpoint: the share that counts as copies, and the mean share of the distance."""
    with service.host.borrow(found.judging.ref) as model:
        latents = Latents(found.judging, model, found.version)
        list(latents.fill())
        trained = [pooled(shown.latents) for shown in latents.trained()]
        apart, rows = gaps(trained), list[dict[str, float]]()
        for place in range(len(found.checkpoints)):
            with Image.open(sheets / f"{place:02d}.png") as sheet:
                own = [sheet.crop((SIDE * n, 0, SIDE * (n + 1), SIDE)).convert("RGB") for n in range(count)]
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
    given = options.parse_args()
    service = service_for(parser().parse_args(["demo", "--output", str(given.output / "projects")]))
    pictures = folders(given.output)
    for name in given.runs:
        begin, trial = time.monotonic(), RUNS[name]
        checkpoints = train(service, name, pictures[trial.pictures])
        print(name, "trained", round(time.monotonic() - begin), flush=True)  # noqa: T201
        with service.host.borrow(service.host.find("")) as model:
            assert isinstance(model, StandaloneModel)
            before = drawn(model, None, OTHER_PROMPTS[: trial.others], first=trial.own)
            for place in spread(len(checkpoints)):
                checkpoint = checkpoints[place]
                kept = given.output / name / f"{place:02d}.json"
                if not kept.is_file():
                    found = truth(model, checkpoint, trial.own, before, kept.with_suffix(".png"))
                    kept.write_text(json.dumps(found))
                print(name, place, checkpoint.stem, kept.read_text(), round(time.monotonic() - begin), flush=True)  # noqa: T201
        judge(service, name, given.output)


if __name__ == "__main__":
    main()
