"""A LoRA's card in the host: what is written beside an installed file, and which cards are of files of ours."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from lib_train.app.listing import previews_of, sample_of
from lib_train.checkpoints.files import read_metadata
from lib_train.checkpoints.inspect import inspected
from lib_train.config.codec import from_json
from lib_train.config.run import RunConfig
from lib_train.errors import TrainToolsError
from lib_train.host.protocol import Host
from lib_train.jobs.known_pictures import is_picture
from lib_train.previews.told import Told, told_by
from lib_train.store.json_files import read_json
from lib_train.store.layout import SHEET
from lib_train.store.projects import Version, projects
from lib_train.store.runs import Checkpoint, checkpoints_of, run_named
from lib_train.texts import joined, say

_TOLD = ("network_type", "network_dim", "network_alpha", "conv_dim", "conv_alpha", "resolution", "optimizer_type",
         "learning_rate", "unet_lr", "text_encoder_lr", "lr_scheduler", "train_batch_size", "noise_offset",
         "min_snr_gamma", "clip_skip", "seed")  # fmt: skip
"""Settings that the notes of a card tell, where they are set."""


def card_of(version: Version, checkpoint: Path, config: RunConfig) -> tuple[dict[str, Any], list[Path]]:
    """What the WebUI shows on a LoRA's card, in its own keys, and pictures for it: the checkpoint's row of its sheet.

    Args:
        config: of the version, for a file that no run is known of.
    """
    try:
        facts = inspected(checkpoint)
        base, tags, told = facts.base, facts.tags, read_metadata(checkpoint)
    except TrainToolsError:
        base, tags, told = "unknown", (), {}
    found = next((one for one in checkpoints_of(version) if one.path == checkpoint), Checkpoint(path=checkpoint))
    config = _of_run(version, found.run) or config
    trigger = config.dataset.caption_prefix.strip().rstrip(",") or (tags[0][0] if tags else "")
    card = {
        "description": _description(version, found, told),
        "sd version": {"unknown": "Unknown"}.get(base, base),
        "activation text": trigger,
        "preferred weight": max((weight for weight in config.preview.preview_weights if 0 < weight <= 1), default=1.0),
        "notes": _notes(config),
    }
    return card, row_of(version, checkpoint.stem)


def row_of(version: Version, stem: str) -> list[Path]:
    """A checkpoint's newest preview with those that differ from it in seed and weights alone: its row of their sheet.

    Where there are no others, its pictures of the newest sheet by axes that shows it more than once.
    """
    newest = sample_of(version, stem)
    wanted = newest and told_by(newest)
    row: dict[tuple[Any, ...], Path] = {}
    for path in previews_of(version, stem) if wanted else ():  # of two that are the same the newer one
        told = told_by(path)
        if told and wanted and _but_for_the_seed(told) == _but_for_the_seed(wanted):
            row[told.shared["seed"], told.weight, told.blocks] = path
    found = [row[place] for place in sorted(row) if is_picture(row[place])]
    return found if len(found) > 1 else _in_a_sheet(version, stem) or [newest] if newest else []


def _in_a_sheet(version: Version, stem: str) -> list[Path]:
    """The checkpoint's pictures of the newest sheet by axes that has several."""
    folder = version.inside("previews")
    for path in sorted(folder.glob(f"{SHEET}-*.json"), reverse=True):
        with suppress(TrainToolsError, TypeError, KeyError):
            files = [Path(str(cell["file"])) for sheet in read_json(path)["sheets"]
                     for cells in sheet["cells"] for cell in cells]  # fmt: skip
            found = dict.fromkeys(folder / stem / file.name for file in files if file.parent == Path(stem))
            there = [file for file in found if is_picture(file)]
            if len(there) > 1:
                return there
    return []


def _but_for_the_seed(told: Told) -> dict[str, Any]:
    return {**told.shared, "seed": None}


def _of_run(version: Version, run: str | None) -> RunConfig | None:
    """The settings that the run was begun with; the version's may have changed since."""
    if run is None:
        return None
    try:
        return from_json(run_named(version, run).settings()["config"])[0]
    except TrainToolsError:
        return None


def _description(version: Version, found: Checkpoint, told: Mapping[str, str]) -> str:
    """Project, version and run, and where in the run the checkpoint is."""
    place = " ".join(part for part in (version.project.name, version.name, found.run) if part)
    parts = []
    if found.epoch is not None and (epochs := told.get("ss_num_epochs")):
        parts.append(say("epoch {epoch} of {epochs}", epoch=found.epoch, epochs=epochs))
    if found.step is not None and (steps := told.get("ss_max_train_steps")):
        parts.append(say("step {step} of {steps}", step=found.step, steps=steps))
    if found.loss is not None:
        parts.append(say("loss {loss}", loss=f"{found.loss:.4f}"))
    return joined(": ", [place, joined(", ", parts)]) if parts else place


def _notes(config: RunConfig) -> str:
    """The training's comment, and its settings by their names, a line for each."""
    values = {name: value for part in (config.network, config.dataset, config.training)
              for name, value in vars(part).items()}  # fmt: skip
    lines = [f"{name} = {_text(values[name])}" for name in _TOLD if values[name] not in (None, (), 0.0)]
    return "\n".join([*filter(None, [config.training.training_comment]), *lines])


def _text(value: object) -> str:
    return (
        ", ".join(map(str, value))
        if isinstance(value, tuple)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )


def installed_cards(host: Host, root: Path) -> list[dict[str, str]]:
    """Of which checkpoints there are files in the host's LoRA folder, by their names there."""
    folder = host.lora_folder()
    if folder is None or not folder.is_dir():
        return []
    there = {path.name for path in folder.rglob("*.safetensors")}
    return [
        {"name": path.stem, "project": version.project.name, "version": version.name, "checkpoint": path.name}
        for project in projects(root)
        for version in project.versions()
        for path in version.checkpoints()
        if path.name in there
    ]
