"""What is in a LoRA file: kind, sizes, trigger words, settings."""

import json
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lib_train.checkpoints.files import read_header, read_tensors
from lib_train.errors import ModelFileError

_KINDS = {
    "dora_scale": "DoRA", "hada_w1_a": "LoHa", "lokr_w1": "LoKr", "lokr_w1_a": "LoKr", "lora_down.weight": "LoRA",
    "oft_blocks": "OFT",
}  # fmt: skip
_RANKED = ("lora_down.weight", "hada_w1_b", "lokr_w2_b", "lokr_w1_b")
_PARTS = {"unet": "U-Net", "te": "text encoder", "te1": "first text encoder", "te2": "second text encoder"}
_BASES = {768: "SD1", 1024: "SD2", 2048: "SDXL"}
"""Width of the captions' conditioning -> family."""
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
    alphas: Mapping[float, int]
    """Alpha -> number of layers that have it."""
    precision: str
    trigger: str
    """The words that call what was learned; empty where the file does not say."""
    tags: tuple[tuple[str, int], ...]
    """Most frequent tags of the training captions, with their counts."""
    settings: Mapping[str, str]


def inspected(path: Path) -> NetworkFile:
    """Facts of a network file.

    Raises:
        ModelFileError: the file cannot be read, or holds no network.
    """
    metadata, tensors = read_header(path)
    shapes = {name: shape for name, (_, shape) in tensors.items()}
    modules = {name.partition(".")[0] for name in shapes if name.startswith(("lora_", "lycoris_"))}
    if not modules:
        raise ModelFileError(f"{path}: holds no LoRA with kohya's names; choose a LoRA file")
    parts = Counter(_PARTS.get(name.split("_")[1], "other layers") for name in modules)
    ranks = {module: shapes[f"{module}.{field}"][0] for field in _RANKED for module in modules
             if len(shapes.get(f"{module}.{field}", ())) > 1}  # fmt: skip
    single = (name for name, shape in shapes.items() if name.endswith(".alpha") and math.prod(shape) == 1)
    alphas = (round(float(alpha), 6) for alpha in read_tensors(path, single).values())
    return NetworkFile(
        path=path,
        size_bytes=path.stat().st_size,
        kind=_kind(shapes),
        base=_base(metadata, shapes),
        modules=dict(sorted(parts.items())),
        dims=dict(sorted(Counter(ranks.values()).items())),
        alphas=dict(sorted(Counter(alphas).items())),
        precision=", ".join(sorted({dtype for dtype, _ in tensors.values()})),
        trigger=metadata.get("modelspec.trigger_phrase", ""),
        tags=_tags(metadata),
        settings={key: metadata[key] for key in _SETTINGS if metadata.get(key, "None") not in ("None", "{}")},
    )


def _kind(shapes: Mapping[str, tuple[int, ...]]) -> str:
    fields = {name.partition(".")[2] for name in shapes}
    kind = next((kind for field, kind in _KINDS.items() if field in fields), "unknown")
    kernels = (shape for name, shape in shapes.items() if name.endswith(".lora_down.weight"))
    return "LoCon" if kind == "LoRA" and any(len(shape) == 4 and shape[2] > 1 for shape in kernels) else kind


def _base(metadata: Mapping[str, str], shapes: Mapping[str, tuple[int, ...]]) -> str:
    version = metadata.get("ss_base_model_version", "")
    for start, base in (("sdxl", "SDXL"), ("sd_v2", "SD2"), ("sd_v1", "SD1")):
        if version.startswith(start):
            return base
    widths = (shape[1] for name, shape in shapes.items()
              if name.endswith(("attn2_to_k.lora_down.weight", "attn2_to_k.hada_w1_b")) and len(shape) > 1)  # fmt: skip
    if (width := next(widths, None)) in _BASES:
        return _BASES[width]
    return "SDXL" if any(name.startswith("lora_te2_") for name in shapes) else "unknown"


def _tags(metadata: Mapping[str, str], most: int = 20) -> tuple[tuple[str, int], ...]:
    try:
        folders = json.loads(metadata.get("ss_tag_frequency", "{}"))
        trained, extra = (json.loads(metadata.get(f"ss_{kind}dataset_dirs", "{}")) for kind in ("", "reg_"))
        counts = Counter[str]()
        for folder, tags in folders.items():
            if folder in trained or folder not in extra:
                counts.update({str(tag).strip(): int(count) for tag, count in tags.items()})
    except (ValueError, AttributeError, TypeError, ArithmeticError, RecursionError):
        return ()
    return tuple(counts.most_common(most))


def described(path: Path) -> str:
    """The facts as lines for a person."""
    found = inspected(path)
    parts = ", ".join(f"{count} in the {part}" for part, count in found.modules.items())
    lines = [
        f"file        {found.path.name}, {found.size_bytes / 2**20:.1f} MiB, {found.precision}",
        f"kind        {found.kind} for {found.base}",
        f"layers      {sum(found.modules.values())}: {parts}",
        f"dims        {_counted(found.dims)}",
        f"alphas      {_counted(found.alphas)}",
        f"trigger     {found.trigger or 'not told; try the most frequent tags'}",
    ]
    if found.tags:
        lines.append("tags        " + ", ".join(f"{tag} ({count})" for tag, count in found.tags))
    if found.settings:
        lines += ["settings", *(f"  {key.removeprefix('ss_'):24} {value}" for key, value in found.settings.items())]
    else:
        lines.append("settings    none are written in the file")
    return "\n".join("".join(letter if letter.isprintable() else "?" for letter in line) for line in lines)


def _counted(numbers: Mapping[int, int] | Mapping[float, int]) -> str:
    return (
        ", ".join(f"{number:g} ({count} {'layer' if count == 1 else 'layers'})" for number, count in numbers.items())
        or "none"
    )
