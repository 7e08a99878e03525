"""A LoRA's card in the host: what is written beside an installed file, and which cards are of files of ours."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lib_train.app.listing import sample_of
from lib_train.checkpoints.files import read_metadata
from lib_train.checkpoints.inspect import inspected
from lib_train.config.codec import from_json
from lib_train.config.run import RunConfig
from lib_train.errors import TrainToolsError
from lib_train.host.protocol import Host
from lib_train.store.projects import Version, projects
from lib_train.store.runs import Checkpoint, checkpoints_of, run_named
from lib_train.texts import joined, say

_TOLD = ("network_type", "network_dim", "network_alpha", "conv_dim", "conv_alpha", "resolution", "optimizer_type",
         "learning_rate", "unet_lr", "text_encoder_lr", "lr_scheduler", "train_batch_size", "noise_offset",
         "min_snr_gamma", "clip_skip", "seed")  # fmt: skip
"""Settings that the notes of a card tell, where they are set."""


def card_of(version: Version, checkpoint: Path, config: RunConfig) -> tuple[dict[str, Any], Path | None]:
    """What the WebUI shows on a LoRA's card, in its own keys, and a picture for it.

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
    return card, sample_of(version, checkpoint.stem)


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
