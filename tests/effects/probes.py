"""What can be seen of a setting: each function takes settings and returns what a run or a sheet makes of them."""

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image
from safetensors.torch import load_file, save_file
from torch import nn

from lib_train.app.service import Service
from lib_train.checkpoints.files import read_metadata
from lib_train.config.axes import Known
from lib_train.config.codec import config_of
from lib_train.config.run import RunConfig
from lib_train.config.sheet_lines import parsed
from lib_train.errors import TrainToolsError
from lib_train.jobs.given import given_for
from lib_train.jobs.liking import as_txt2img, txt2img_of
from lib_train.jobs.picked import picked
from lib_train.networks.network import Network
from lib_train.networks.targets import Target
from lib_train.pictures.scan import require_usable, scan
from lib_train.previews.axis_sheets import axis_sheets
from lib_train.previews.requests import sheets
from lib_train.store.figures import FIGURES
from lib_train.training.assemble import Assembly, assemble
from lib_train.training.events import FixedLoss, StepDone, Validated
from lib_train.txt2img import Txt2img
from tests.effects.models import Whole
from tests.fakes import FakeHost, Notes

Settings = Mapping[str, Any]
Probe = Callable[["Bench", Settings], Any]
USUAL: dict[str, Any] = {
    "resolution": 64, "max_train_steps": 3, "max_train_epochs": 1, "train_batch_size": 2, "learning_rate": 1e-2,
    "network_dim": 4,
}  # fmt: skip
"""Of every run that is looked at: three quick steps that change all weights."""
LONG = " ".join(f"word{n}" for n in range(90))


class Bench:
    """Pictures, files and models to look at settings with; answers are remembered."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._pictures()
        self._runs = 0
        self.trained: Callable[[str], Any] = cache(self._trained)
        """By settings as text."""
        self.written: Callable[[str], Any] = cache(self._written)
        self._files()

    def _pictures(self) -> None:
        pictures = {"2_mochi": [(96, 96), (200, 64), (40, 48)], "1_cat": [(128, 128)]}
        captions = ["mochi, red ||| hat, (big:1.4)", f"mochi, {LONG}", "mochi; blue, hat, red", "a cat"]
        for place, (name, sizes) in enumerate((name, size) for name, found in pictures.items() for size in found):
            inner = self.folder / "data" / name
            inner.mkdir(parents=True, exist_ok=True)
            picture = Image.radial_gradient("L").resize(sizes).convert("RGB")
            picture.putpixel((0, 0), (70 * place, 9, 9))
            if place == 0:
                picture.putalpha(Image.linear_gradient("L").resize(sizes))
            picture.save(inner / f"{place}.png")
            (inner / f"{place}.txt").write_text(captions[place])
        (self.folder / "data" / "1_cat" / "3.caption").write_text("another cat")
        self._mask(self.folder / "data" / ".train_tools" / "masks" / "2_mochi" / "1.png", (200, 64))
        for name, inner in (("reg", self.folder / "reg" / "1_girl"), ("held", self.folder / "held" / "1_dog")):
            inner.mkdir(parents=True)
            Image.linear_gradient("L").resize((64, 64)).convert("RGB").save(inner / "0.png")
            (inner / "0.txt").write_text(f"mochi, {name}")
        torn = self.folder / "torn" / "1_torn"
        torn.mkdir(parents=True)
        (torn / "0.png").write_bytes(b"no picture")
        Image.new("RGB", (64, 64)).save(torn / "1.png")

    def _mask(self, path: Path, size: tuple[int, int]) -> None:
        path.parent.mkdir(parents=True)
        Image.linear_gradient("L").resize(size).save(path)

    def _files(self) -> None:
        """Two LoRA files of the model, other than those that are begun with: one of rank 4, one of 3 and 3x3."""
        for name, settings in (("four", {}), ("three", {"network_dim": 3, "conv_dim": 3})):
            run = self.assembled({"seed": 5, **settings}, Whole())
            list(run.trainer.events())
            save_file({key: one.clone() for key, one in run.network.tensors().items()}, self.file(name))

    def file(self, name: str) -> str:
        return str(self.folder / f"{name}.safetensors")

    def config(self, settings: Settings) -> RunConfig:
        """With ``USUAL`` around, and paths below the bench's folder where they begin with @."""
        found = {"train_data_dir": ("@data",), **USUAL, **settings}
        placed = {name: self._placed(value) for name, value in found.items() if not name.startswith("model_")}
        return config_of(placed)

    def _placed(self, value: Any) -> Any:
        if isinstance(value, tuple | list):
            return tuple(map(self._placed, value))
        return str(self.folder / value[1:]) if isinstance(value, str) and value.startswith("@") else value

    def assembled(self, settings: Settings, model: Whole, cache_folder: Path | None = None) -> Assembly:
        config = self.config(settings)
        found = picked(scan(config.dataset), config, None)
        require_usable(found, config.dataset)
        run = assemble(config, found, model, cache_folder, given=given_for(config, model.family, None))
        for _ in run.prepare():
            pass
        return run

    def _trained(self, text: str) -> dict[str, Any]:
        settings = json.loads(text)
        model = Whole(settings.get("model_family", "sd1"), settings.get("prediction_type", "epsilon"))
        self._runs += 1
        folder = self.folder / f"cache{self._runs}"
        run = self.assembled(settings, model, folder)
        done = list(run.trainer.events())
        digest = hashlib.sha256()
        for name, tensor in sorted(run.network.tensors().items()):
            digest.update(name.encode() + tensor.float().numpy().tobytes())
        return {
            "losses": [one.loss for one in done if isinstance(one, StepDone)],
            "pictures": [one.pictures for one in done if isinstance(one, StepDone)],
            "measured": [vars(one) for one in done if isinstance(one, Validated | FixedLoss)],
            "weights": digest.hexdigest(),
            "events": [type(one).__name__ for one in done],
            "encoded": model.pictures_encoded,
            "captions": model.captions_encoded,
            "checkpointed": model.unet.seen_checkpointed,
            "cached": sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()),
        }  # fmt: skip

    def _written(self, text: str) -> dict[str, Any]:
        self._runs += 1
        (self.folder / "A.safetensors").write_bytes(b"A" * 1000)
        service = Service(FakeHost(self.folder / "A.safetensors"), self.folder / f"out{self._runs}", Notes())
        outcome = service.train("p", "v1", self.config(json.loads(text)))
        version = outcome.run.version.folder
        files = sorted(path for path in version.rglob("*.safetensors") if "runs" not in path.parts)
        return {
            "files": [path.name for path in files if "cache" not in path.parts],
            "formats": sorted({str(one.dtype) for one in load_file(outcome.checkpoints[-1]).values()}),
            "comment": read_metadata(outcome.checkpoints[-1]).get("ss_training_comment"),
            "pictures": sorted(path.name for path in version.rglob("*.png") if not path.name.startswith("grid")),
            "grids": len(outcome.grids),
            "states": sorted(path.name for path in outcome.run.state_folder.rglob("*") if path.is_dir()),
            "averages": _digests(files),
            "judged": (version / FIGURES).is_file(),
            "events": len([path for path in version.rglob("*tfevents*") if path.is_file()]),
        }  # fmt: skip


def _digests(files: list[Path]) -> list[str]:
    return [str([float(one.double().norm()) for one in load_file(path).values()]) for path in files]


def _text(settings: Settings) -> str:
    return json.dumps(settings, sort_keys=True)


def _of_run(*names: str) -> Probe:
    return lambda bench, settings: {name: bench.trained(_text(settings))[name] for name in names}


def _of_files(*names: str) -> Probe:
    return lambda bench, settings: {name: bench.written(_text(settings))[name] for name in names}


weights = _of_run("losses", "weights")
"""Losses and weights, bit for bit."""
measured = _of_run("measured")
work = _of_run("encoded", "captions", "cached", "checkpointed")
"""What was computed and kept on the way."""
saves = _of_run("events")
files = _of_files("files", "formats", "comment", "states", "averages", "events", "judged")
drawn = _of_files("pictures", "grids")


def accepted(bench: Bench, settings: Settings) -> Any:
    """Whether a run can be made of them, and how large its network and its batches are."""
    try:
        run = bench.assembled(settings, Whole())
    except TrainToolsError as error:
        return str(error)
    return sorted((name, one.shape) for name, one in run.network.tensors().items()), run.batches.buckets


def on_wide_layer(bench: Bench, settings: Settings) -> Any:
    """What is put on a layer of 64 inputs and outputs."""
    layer = Target("lora_unet_x", nn.Linear(64, 64), "unet", "IN01", "linear")
    return sorted(
        (name, one.shape) for name, one in Network([layer], bench.config(settings).network, 1).tensors().items()
    )


def sheet(bench: Bench, settings: Settings) -> Any:
    """What previews ask for."""
    config = bench.config(settings)
    made = sheets(config.preview, [Path("a.safetensors")], config.dataset.size, config.training.clip_skip)
    return [(one.title, one.rows, one.groups, one.columns, one.cells) for one in made]


def liked(bench: Bench, settings: Settings) -> Any:
    """What previews take from txt2img."""
    host, config = FakeHost(bench.folder), bench.config(settings)
    host.made = Txt2img("key", 0.0, "a dog", "hat", "DDIM", 9, 3.0, 64, 128, 2)
    return as_txt2img(config, txt2img_of(host, config), "p-v1-").preview


def sheets_by_axes(bench: Bench, settings: Settings) -> Any:
    """What sheets by axes ask for."""
    config = bench.config(settings)
    known = Known([Path("a.safetensors")], Path)
    made = [one for text in config.preview.preview_sheets
            for one in axis_sheets(parsed(text), config.preview, known, config.dataset.size)]  # fmt: skip
    return [page.cells for one in made for page in one.pages]
