"""What is in a LoRA file: kind, sizes, trigger words, settings."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lib_train.checkpoints.files import read_header
from lib_train.errors import ModelFileError

_KINDS = {"hada_w1_a": "LoHa", "lokr_w1": "LoKr", "lokr_w1_a": "LoKr", "dora_scale": "DoRA", "oft_blocks": "OFT"}
_SETTINGS = (
    "ss_network_dim", "ss_network_alpha", "ss_network_args", "ss_unet_lr", "ss_text_encoder_lr", "ss_optimizer",
    "ss_lr_scheduler", "ss_resolution", "ss_batch_size_per_device", "ss_num_train_images", "ss_num_epochs", "ss_epoch",
    "ss_steps", "ss_max_train_steps", "ss_clip_skip", "ss_seed", "ss_sd_model_name", "ss_mixed_precision",
    "ss_min_snr_gamma", "ss_noise_offset", "ss_training_comment",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class NetworkFile:
    """Facts of one file, all from its header."""

    path: Path
    size_bytes: int
    kind: str
    """"LoRA", "LoCon" (3x3 convolutions too), "LoHa", "LoKr", "DoRA", "OFT" or "unknown"."""
    base: str
    """Family of base model: "SD1", "SD2", "SDXL" or "unknown"."""
    modules: Mapping[str, int]
    """Trained layers of each part."""
    dims: Mapping[int, int]
    """Rank -> number of layers that have it."""
    precision: str
    tags: tuple[tuple[str, int], ...]
    """Most frequent tags of the captions, with their counts."""
    settings: Mapping[str, str]


def inspected(path: Path) -> NetworkFile:
    """Facts of a network file.

    Raises:
        ModelFileError: the file cannot be read, or holds no network.
    """
    metadata, shapes = read_header(path)
    modules = {name.partition(".")[0] for name in shapes if name.startswith("lora_")}
    if not modules:
        raise ModelFileError(f"{path}: holds no LoRA with kohya's names; choose a LoRA file")
    downs = [shape for name, (_, shape) in shapes.items() if name.endswith(".lora_down.weight")]
    parts = Counter("U-Net" if name.startswith("lora_unet") else "text encoder" for name in modules)
    return NetworkFile(
        path=path,
        size_bytes=path.stat().st_size,
        kind=_kind(shapes, downs),
        base=_base(metadata, shapes),
        modules=dict(parts),
        dims=dict(sorted(Counter(shape[0] for shape in downs).items())),
        precision=", ".join(sorted({dtype for dtype, _ in shapes.values()})),
        tags=_tags(metadata),
        settings={key: metadata[key] for key in _SETTINGS if metadata.get(key, "None") not in ("None", "{}")},
    )


def _kind(shapes: Mapping[str, tuple[str, tuple[int, ...]]], downs: list[tuple[int, ...]]) -> str:
    for name in shapes:
        field = name.partition(".")[2]
        if field in _KINDS:
            return _KINDS[field]
    if any(len(shape) == 4 and shape[2] > 1 for shape in downs):
        return "LoCon"
    return "LoRA" if downs else "unknown"


def _base(metadata: Mapping[str, str], shapes: Mapping[str, tuple[str, tuple[int, ...]]]) -> str:
    version = metadata.get("ss_base_model_version", "")
    if version.startswith("sdxl") or any(name.startswith("lora_te2_") for name in shapes):
        return "SDXL"
    if version.startswith("sd_v2") or metadata.get("ss_v2") == "True":
        return "SD2"
    if version.startswith("sd_v1") or any(name.startswith("lora_unet_down_blocks") for name in shapes):
        return "SD1"
    return "unknown"


def _tags(metadata: Mapping[str, str], most: int = 20) -> tuple[tuple[str, int], ...]:
    try:
        folders = json.loads(metadata.get("ss_tag_frequency", "{}"))
        counts = Counter[str]()
        for tags in folders.values():
            counts.update({str(tag).strip(): int(count) for tag, count in tags.items()})
    except (ValueError, AttributeError, TypeError):
        return ()
    return tuple(counts.most_common(most))


def described(path: Path) -> str:
    """The facts as lines for a person."""
    found = inspected(path)
    dims = ", ".join(f"{rank} ({count} layers)" for rank, count in found.dims.items())
    parts = ", ".join(f"{count} in the {part}" for part, count in sorted(found.modules.items()))
    lines = [
        f"file        {found.path.name}, {found.size_bytes / 2**20:.1f} MiB, {found.precision}",
        f"kind        {found.kind} for {found.base}",
        f"layers      {sum(found.modules.values())}: {parts}",
        f"dims        {dims or 'none'}",
    ]
    if found.tags:
        lines.append("tags        " + ", ".join(f"{tag} ({count})" for tag, count in found.tags))
    if found.settings:
        lines += ["settings", *(f"  {key.removeprefix('ss_'):24} {value}" for key, value in found.settings.items())]
    else:
        lines.append("settings    none are written in the file")
    return "\n".join(lines)
