"""What the older extension of the same name left in a version: settings of its last clicks, its checkpoints.

Its projects and versions are folders as ours are, so that they open below ``OLDER_ROOT``; its files are never changed.
"""

import re
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lib_train.config.codec import from_json, section_of
from lib_train.config.run import RunConfig
from lib_train.errors import ConfigError, ProjectError
from lib_train.store.json_files import read_json
from lib_train.store.layout import folders_in, newest_first
from lib_train.texts import say

OLDER_FILES = ("train_config.json", "preview_config.json", "dataset_config.json")
"""Beside them lie `dataset/processed` and `trains`."""
_ENDINGS = (".safetensors", ".ckpt", ".pt", ".checkpoint")
_FIXED: dict[str, Any] = {
    "resolution": 512, "min_bucket_reso": 320, "max_bucket_reso": 960, "seed": 23, "max_token_length": 150,
    "caption_extension": ".txt",
}  # fmt: skip
"""Fixed values of that extension: it trained with these whatever its form showed."""
_OVERRULED = ("resolution", "optimizer_args", "network_module", "network_args", "max_train_steps")
"""Arguments that it took and did not heed."""
_DEFAULTS: dict[str, Any] = {
    "train_batch_size": 1, "train_num_epochs": 20, "train_save_every_n_epochs": 2, "train_learning_rate": "0.0001",
    "train_optimizer_type": ["Lion"], "train_net_dim": 128, "train_alpha": 64, "train_clip_skip": 2,
    "train_mixed_precision": "fp16", "preview_txt2img_negative_prompt": "low quality",
    "preview_txt2img_prompt": "best quality,Amazing,finely detail,extremely detailed CG unity 8k wallpaper",
    "preview_sampling_method": ["Euler a"], "preview_sampling_steps": "28", "preview_cfg_scale": "10",
    "preview_seed": "-1", "preview_lora_multiplier": "0.6,0.7,0.8,1", "preview_width": 512, "preview_height": 512,
}  # fmt: skip
_RENAMED = {
    "train_batch_size": "train_batch_size", "train_num_epochs": "max_train_epochs", "train_net_dim": "network_dim",
    "train_alpha": "network_alpha", "train_save_every_n_epochs": "save_every_n_epochs", "train_clip_skip": "clip_skip",
    "train_finish_generate_all_checkpoint_preview": "preview_after_training",
    "train_mixed_precision": "mixed_precision", "train_unet_lr": "unet_lr", "train_text_encoder_lr": "text_encoder_lr",
    "train_scheduler": "lr_scheduler", "train_cosine_restarts": "lr_scheduler_num_cycles",
    "train_polynomial_power": "lr_scheduler_power",
    "preview_txt2img_negative_prompt": "preview_negative_prompt", "preview_seed": "preview_seeds",
    "preview_lora_multiplier": "preview_weights", "preview_width": "preview_width", "preview_height": "preview_height",
    "preview_sampling_method": "preview_sampler", "preview_sampling_steps": "preview_steps",
    "preview_cfg_scale": "preview_cfg_scale",
}  # fmt: skip
_DECAY, _BETAS = {"weight_decay": 0.1}, {"betas": [0.9, 0.99]}
_OPTIMIZERS: dict[str, tuple[str, dict[str, Any]]] = {
    "Adam": ("AdamW", _DECAY | _BETAS),
    "AdamW": ("AdamW", _DECAY | _BETAS),
    "AdamW8bit": ("AdamW8bit", _DECAY | _BETAS),
    "Lion": ("Lion", _DECAY | _BETAS),
    "SGDNesterov": ("SGD", _DECAY | {"momentum": 0.9, "nesterov": True}),
    "SGDNesterov8bit": ("SGD", _DECAY | {"momentum": 0.9, "nesterov": True}),
    "DAdaptation": ("DAdaptAdam", _DECAY | _BETAS | {"decouple": True}),
    "AdaFactor": ("Adafactor", _DECAY),
}


def older_settings(version: Path) -> tuple[RunConfig, list[str]] | None:
    """Settings of a version's folder as far as there are ours, and notes on the rest; None without a file of theirs."""
    if not any((version / name).exists() for name in OLDER_FILES):
        return None
    notes: list[str] = []
    given = _FIXED | _ours(_read(version, notes), notes)
    while True:
        try:
            return from_json({"schema": 1, **given})[0], notes
        except ConfigError as error:
            wrong = [problem for problem in error.problems if problem.setting in given]
            if not wrong:
                raise
            for problem in wrong:
                del given[problem.setting]
                notes.append(say("{problem}; left out", problem=problem))


def older_checkpoints(version: Path) -> list[Path]:
    """Checkpoint files of all its trainings, those of the newest training first, those of the oldest layout last."""
    names = folders_in(version / "trains")
    trainings = [version / "trains" / name for name in sorted(names, key=_changed(version / "trains"), reverse=True)]
    return [path for training in (*trainings, version / "checkpoint") for path in newest_first(training, *_ENDINGS)]


def _changed(folder: Path) -> Callable[[str], tuple[int, str]]:
    def changed(name: str) -> tuple[int, str]:
        try:
            return (folder / name).stat().st_mtime_ns, name
        except OSError:  # moved away meanwhile
            return 0, name

    return changed


def _read(version: Path, notes: list[str]) -> dict[str, Any]:
    found = dict(_DEFAULTS)
    for name in ("train_config.json", "preview_config.json"):
        try:
            found |= {_prefixed(key): value for key, value in read_json(version / name).items()}
        except ProjectError as error:
            notes.append(str(error))
    return found


def _prefixed(key: str) -> str:
    return f"train_{key}" if key in ("batch_size", "num_epochs", "save_every_n_epochs") else key


def _ours(theirs: Mapping[str, Any], notes: list[str]) -> dict[str, Any]:
    """Flat settings of ours from theirs."""
    given = {ours: theirs[key] for key, ours in _RENAMED.items() if theirs.get(key) is not None}
    given["learning_rate"] = _first("train_learning_rate", theirs["train_learning_rate"], notes)
    name = str(_first("train_optimizer_type", theirs["train_optimizer_type"], notes) or "AdamW")
    given["optimizer_type"], given["optimizer_args"] = _OPTIMIZERS.get(name, (name, {}))
    given["preview_prompts"] = [theirs["preview_txt2img_prompt"]]
    title = re.sub(r" \[[0-9a-f]+\]$", "", str(theirs.get("train_base_model") or ""))
    return given | {"base_model": title} | _of_arguments(str(theirs.get("sd_script_args") or ""), notes)


def _first(key: str, value: Any, notes: list[str]) -> Any:
    values = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else [value]
    if len(values) > 1:
        notes.append(say("{key} = {value!r}: only the first is taken over", key=key, value=value))
    return values[0] if values else None


def _of_arguments(text: str, notes: list[str]) -> dict[str, Any]:
    """Settings from the box of further arguments, ``--name=value`` or ``--name value``."""
    try:
        words = shlex.split(text)
    except ValueError:  # a quote that is never closed
        words = text.split()
    found: dict[str, Any] = {}
    waiting = ""
    for word in words:
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            found[name] = value if equals else True
            waiting = "" if equals else name
        elif waiting:
            found[waiting], waiting = word, ""
    known = section_of()
    notes += [say("sd_script_args: {name} is not known, left out", name=name) for name in found if name not in known]
    notes += [say("sd_script_args: {name} had no effect, left out", name=name) for name in found if name in _OVERRULED]
    return {name: value for name, value in found.items() if name in known and name not in _OVERRULED}
