"""Metadata of a network file: kohya's ``ss_*`` and Stability's ``modelspec.*`` keys, all strings."""

import json
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from lib_train.config.blocks import block_args
from lib_train.config.fields import options_of
from lib_train.config.run import SECTIONS, RunConfig
from lib_train.networks.kinds import main_kind

ARCHITECTURES = {
    ("sd1", "epsilon"): ("sd_v1", "stable-diffusion-v1/lora"),
    ("sd1", "v"): ("sd_v1_v", "stable-diffusion-v1/lora"),
    ("sd2", "epsilon"): ("sd_v2", "stable-diffusion-v2-512/lora"),
    ("sd2", "v"): ("sd_v2_v", "stable-diffusion-v2-768-v/lora"),
    ("sdxl", "epsilon"): ("sdxl_base_v1-0", "stable-diffusion-xl-v1-base/lora"),
    ("sdxl", "v"): ("sdxl_base_v1-0", "stable-diffusion-xl-v1-base/lora"),
}
"""(family, prediction) -> ss_base_model_version and modelspec.architecture."""
AVERAGE_KEY = "ss_is_ema"
"""Key of files that hold the average of the weights, beside other files of the same step."""


@dataclass(frozen=True, kw_only=True)
class Subset:
    """One picture folder, for the file's statistics."""

    name: str
    """The folder's own name, without its path."""
    repeats: int
    captions: tuple[str, ...]
    is_reg: bool = False


@dataclass(frozen=True, kw_only=True)
class RunFacts:
    """What only the run knows of itself."""

    family: str
    prediction_type: str
    zero_terminal_snr: bool
    base_title: str
    base_hashes: tuple[str, str]
    """Legacy hash and sha256; empty where unknown."""
    vae_title: str
    vae_hashes: tuple[str, str]
    session_id: int
    started_at: float
    """Seconds since 1970."""
    subsets: tuple[Subset, ...]
    buckets: Mapping[tuple[int, int], int]
    """Uses in an epoch by bucket (width, height)."""
    train_uses: int
    reg_uses: int
    held_out: int = 0
    """Pictures that are measured and not trained on."""
    batches_per_epoch: int
    epochs: int
    total_steps: int
    warmup_steps: int
    mixed_precision: str
    optimizer: str
    """Class with its module, such as "torch.optim.adamw.AdamW"."""
    ratio_error: float
    """Mean difference of a picture's width / height to its bucket's."""
    version: str
    """Of Train Tools."""


def network_metadata(
    config: RunConfig, facts: RunFacts, *, stem: str, step: int, epoch: int, now: float | None = None
) -> dict[str, str]:
    """All entries of one checkpoint; hashes of the tensors are added when it is written.

    Args:
        stem: the file's name without its ending; becomes ss_output_name, by which the WebUI calls it.
        now: seconds since 1970; None is the present.
    """
    now = time.time() if now is None else now
    values = _NOT_OFFERED | _settings(config) | _run(config, facts) | _dataset(config, facts) | _models(facts)
    if config.network.network_init != "default":  # what the file holds
        values |= {key: 2 * values[key] for key in ("ss_network_dim", "ss_network_alpha")}
    values |= {
        "ss_output_name": stem,
        "ss_training_finished_at": now,
        "ss_steps": step,
        "ss_epoch": epoch,
    }
    texts = {key: _text(value) for key, value in values.items()}
    return dict(sorted((texts | _modelspec(config, facts, stem, now)).items()))


def _text(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
    return text.encode("utf-8", "replace").decode()  # folder names need not be Unicode


_NOT_OFFERED: dict[str, Any] = {
    "ss_full_fp16": False,
    "ss_lowram": False,
    "ss_sd_scripts_commit_hash": None,
    "ss_face_crop_aug_range": None,
    "ss_fp8_base": False,
    "ss_fp8_base_unet": False,
    "ss_resize_interpolation": None,
}
"""What sd-scripts writes into every file for settings that do not exist here: their values where they are off."""


_PLUS = ("loraplus_lr_ratio", "loraplus_unet_lr_ratio", "loraplus_text_encoder_lr_ratio")


def _settings(config: RunConfig) -> dict[str, Any]:
    """Values of the settings that declare a key."""
    found = {}
    for section, kind in SECTIONS.items():
        for declared in options_of(kind):
            value = getattr(getattr(config, section), declared.name)
            if declared.key and not (declared.key_sparse and value == declared.default):
                found[declared.key] = None if value == declared.key_none else value
    return found


def _run(config: RunConfig, facts: RunFacts) -> dict[str, Any]:
    training = config.training
    args = ",".join(f"{key}={value}" for key, value in training.optimizer_options.items())
    kind, texts = main_kind(config.network), training.text_encoder_rates
    file, background = config.network.network_weights, config.network.background
    return {
        "ss_session_id": facts.session_id,
        "ss_training_started_at": facts.started_at,
        "ss_text_encoder_lr": list(texts) if len(set(texts)) > 1 and facts.family == "sdxl" else texts[0],
        "ss_unet_lr": training.rates.get("unet", 0.0),
        "ss_num_train_images": facts.train_uses,
        "ss_num_reg_images": facts.reg_uses,
        "ss_num_validation_images": facts.held_out,
        "ss_num_batches_per_epoch": facts.batches_per_epoch,
        "ss_num_epochs": facts.epochs,
        "ss_max_train_steps": facts.total_steps,
        "ss_lr_warmup_steps": facts.warmup_steps,
        "ss_mixed_precision": facts.mixed_precision,
        "ss_v2": facts.family == "sd2",
        "ss_base_model_version": ARCHITECTURES[facts.family, facts.prediction_type][0],
        "ss_zero_terminal_snr": facts.zero_terminal_snr,
        "ss_optimizer": facts.optimizer + (f"({args})" if args else ""),
        "ss_network_module": kind.module,
        "ss_network_args": kind.args(config.network) | block_args(training) | _plus_args(training),
        **({"ss_network_weights": Path(file).name} if file else {}),
        **({"ss_base_weights": {Path(name).name: strength for name, strength in background}} if background else {}),
    }


def _plus_args(training: Any) -> dict[str, float]:
    """LoRA+ as sd-scripts' network_args have it."""
    return {name: ratio for name in _PLUS if (ratio := getattr(training, name))}


def _dataset(config: RunConfig, facts: RunFacts) -> dict[str, Any]:
    data, training = config.dataset, config.training
    low, high = data.bucket_limits if data.enable_bucket else (None, None)
    buckets = {
        str(place): {"resolution": list(size), "count": count}
        for place, (size, count) in enumerate(sorted(facts.buckets.items()))
    }
    return {
        "ss_total_batch_size": training.train_batch_size * training.gradient_accumulation_steps,
        "ss_resolution": str(data.size),
        "ss_min_bucket_reso": low,
        "ss_max_bucket_reso": high,
        "ss_dataset_dirs": _folders(subset for subset in facts.subsets if not subset.is_reg),
        "ss_reg_dataset_dirs": _folders(subset for subset in facts.subsets if subset.is_reg),
        "ss_tag_frequency": _tag_counts(facts.subsets, data.caption_separator.strip()),
        "ss_bucket_info": {"buckets": buckets, "mean_img_ar_error": facts.ratio_error} if data.enable_bucket else None,
    }


def _folders(subsets: Iterable[Subset]) -> dict[str, Any]:
    """Repeats and pictures by folder name; folders of one name in several places count together."""
    found: dict[str, Any] = {}
    for subset in subsets:
        before = found.get(subset.name, {"img_count": 0})["img_count"]
        found[subset.name] = {"n_repeats": subset.repeats, "img_count": before + len(subset.captions)}
    return found


def _tag_counts(subsets: Iterable[Subset], separator: str) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = {}
    for subset in subsets:
        tags = (tag.strip().lower() for caption in subset.captions for tag in caption.split(separator or None))
        found.setdefault(subset.name, Counter()).update(tag for tag in tags if tag)
    return {name: dict(counts) for name, counts in found.items()}


def _models(facts: RunFacts) -> dict[str, Any]:
    found: dict[str, Any] = {"ss_sd_model_name": facts.base_title}
    if facts.base_hashes[1]:
        found |= {"ss_sd_model_hash": facts.base_hashes[0], "ss_new_sd_model_hash": facts.base_hashes[1]}
    if facts.vae_title:
        found["ss_vae_name"] = facts.vae_title
        if facts.vae_hashes[1]:
            found |= {"ss_vae_hash": facts.vae_hashes[0], "ss_new_vae_hash": facts.vae_hashes[1]}
    return found


def _modelspec(config: RunConfig, facts: RunFacts, stem: str, now: float) -> dict[str, str]:
    width, height = config.dataset.size
    sgm = "https://github.com/Stability-AI/generative-models"
    spec = {
        "sai_model_spec": "1.0.1",
        "architecture": ARCHITECTURES[facts.family, facts.prediction_type][1],
        "implementation": sgm if facts.family == "sdxl" else "diffusers",
        "implementation_version": f"train-tools/{facts.version}",
        "title": stem,
        "resolution": f"{width}x{height}",
        "date": datetime.fromtimestamp(int(now)).isoformat(),
        "prediction_type": facts.prediction_type,
    }
    training = config.training
    if (training.min_timestep, training.max_timestep) != (0, 1000):
        spec["timestep_range"] = f"{training.min_timestep},{training.max_timestep}"
    if training.clip_skip > 1:
        spec["encoder_layer"] = str(training.clip_skip)
    if config.dataset.caption_prefix.strip(" ,"):
        spec["trigger_phrase"] = config.dataset.caption_prefix.strip(" ,")
    return {f"modelspec.{key}": value for key, value in spec.items()}
