"""What is in a LoRA file: kind, sizes, trigger words, settings."""

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from lib_train.checkpoints.files import with_config
from lib_train.checkpoints.opened import OpenTensors, opened_tensors
from lib_train.checkpoints.reader import read_otherwise
from lib_train.errors import ModelFileError
from lib_train.network_kinds import (
    BUNDLED,
    SUPPORTED,
    Layer,
    family_of,
    foreign_family,
    kinds_of,
    layers_of,
    readable,
    spelling_of,
    split,
    strange_layers,
    unsupported,
)
from lib_train.networks.adapter_config import says_alphas
from lib_train.networks.finite import not_finite, some_of
from lib_train.networks.kinds import KINDS
from lib_train.networks.peft_kinds import told_alpha
from lib_train.networks.places import place_of
from lib_train.texts import changed, every, joined, say

_PARTS = {
    "unet": say("U-Net"), "te": say("text encoder"), "te1": say("first text encoder"),
    "te2": say("second text encoder"), "text_encoder": say("text encoder"),
    "text_encoder_2": say("second text encoder"), "transformer": say("transformer"),
    "diffusion_model": say("diffusion model"), "clip_l": say("first text encoder"),
    "clip_g": say("second text encoder"),
}  # fmt: skip
_BASES = {"sd1": "SD1", "sd2": "SD2", "sdxl": "SDXL"}
_SETTINGS = (
    "ss_network_dim", "ss_network_alpha", "ss_network_args", "ss_unet_lr", "ss_text_encoder_lr", "ss_optimizer",
    "ss_lr_scheduler", "ss_resolution", "ss_batch_size_per_device", "ss_num_train_images", "ss_num_epochs", "ss_epoch",
    "ss_steps", "ss_max_train_steps", "ss_clip_skip", "ss_seed", "ss_sd_model_name", "ss_mixed_precision",
    "ss_min_snr_gamma", "ss_noise_offset", "ss_training_comment",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class NetworkFile:
    """Facts of one file, all from its header, and PEFT's adapter_config.json beside it."""

    path: Path
    size_bytes: int
    kind: str
    """"LoRA", "LoCon" (3x3 convolutions too), "LoHa", "LoKr", "DoRA" and so on, or "unknown"; several where the file
    mixes them, the most frequent first."""
    spelling: str
    """Whose names the layers have: "kohya's", "PEFT's", "diffusers'", "old diffusers'" or "dotted"; all are read."""
    strange: tuple[str, ...]
    """Layers of another kind than most."""
    others: tuple[str, ...]
    """Tensors that belong to no layer."""
    needs_base: bool
    """Whether what a layer adds depends on the base model's weights, as of DoRA and (IA)3."""
    bundled: tuple[str, ...]
    """Embeddings that stand in the file beside the network, by name."""
    base: str
    """Family of base model: "SD1", "SD2", "SDXL", another one in words, or "unknown"."""
    modules: Mapping[str, int]
    """Trained layers of each part."""
    dims: Mapping[int, int]
    """Rank -> number of layers that have it."""
    alphas: Mapping[float, int]
    """Alpha, in a tensor or an adapter's configuration -> number of layers that have it."""
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
    with opened_tensors(path) as file:
        return _facts(file)


def _facts(file: OpenTensors) -> NetworkFile:
    path, metadata = file.path, with_config(file.path, file.metadata)
    shapes = file.shapes
    layers = layers_of(shapes)
    if not layers:
        raise ModelFileError(
            say("{path}: holds no network that is known; choose a file of {ours}", path=path, ours=readable())
        )
    bundled = [name for name in shapes if name.startswith(BUNDLED)]
    parts = Counter(_part(name) for name in layers)
    ranks = Counter(layer.dim for layer in layers.values() if layer.dim is not None)
    single = (layer.alpha for layer in layers.values() if layer.alpha and math.prod(shapes[layer.alpha]) == 1)
    alphas = [round(float(file.take(alpha)), 6) for alpha in single] + _told(path, layers, metadata)
    return NetworkFile(
        path=path,
        size_bytes=file.size,
        kind=every(kinds_of(layers)),
        spelling=spelling_of(shapes),
        strange=tuple(strange_layers(layers)),
        needs_base=any(_needs_base(layer.kind) for layer in layers.values()),
        others=tuple(name for name in shapes if name not in bundled and split(name)[0] not in layers),
        bundled=tuple(dict.fromkeys(name.split(".")[1] for name in bundled)),
        base=foreign_family(list(shapes), metadata) or _BASES.get(family_of(layers, metadata)) or say("unknown"),
        modules=dict(sorted(parts.items())),
        dims=dict(sorted(ranks.items())),
        alphas=dict(sorted(Counter(alphas).items())),
        precision=", ".join(sorted({entry.kind for entry in file.entries.values()})),
        trigger=metadata.get("modelspec.trigger_phrase", ""),
        tags=_tags(metadata),
        settings={key: metadata[key] for key in _SETTINGS if metadata.get(key, "None") not in ("None", "{}")},
    )


def _needs_base(kind: str) -> bool:
    algebra = KINDS[kind].algebra if kind in KINDS else None
    return algebra is not None and algebra.needs_weight


def _told(path: Path, layers: Mapping[str, Layer], metadata: Mapping[str, str]) -> list[float]:
    """Alphas of layers without a tensor of it, from the configuration of PEFT's or diffusers' adapter."""
    others = {name: layer for name, layer in layers.items() if not layer.alpha and "." in name}
    if not says_alphas(metadata):
        return []
    try:
        told = [told_alpha(place_of(name), layer.parts, metadata) for name, layer in others.items()]
    except ModelFileError as error:
        raise ModelFileError(joined(": ", (path, error.args[0]))) from error
    return [round(alpha, 6) for alpha in told if alpha is not None]


def _part(name: str) -> str:
    path = name.removeprefix("base_model.model.").removeprefix("lora_")
    first = path.partition(".")[0] if "." in name else name.split("_")[1]
    return _PARTS.get(first, say("other layers"))


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


def broken_layers(path: Path) -> list[str]:
    """Names of the layers that hold NaN or infinity, and can draw nothing but black.

    Raises:
        ModelFileError: the file cannot be read.
    """
    with opened_tensors(path) as file:
        return _broken((name, file.take(name)) for name in file.entries)


def broken_in(tensors: Mapping[str, Tensor]) -> list[str]:
    """The same, of tensors that are read already."""
    return _broken(tensors.items())


def _broken(tensors: Iterable[tuple[str, Tensor]]) -> list[str]:
    return list(dict.fromkeys(split(name)[0] for name in not_finite(tensors)))


def unsound(path: Path, broken: Sequence[str]) -> ModelFileError:
    """What to tell of a file with such layers."""
    return ModelFileError(
        say(
            "{path}: {count} of its layers hold NaN or infinity ({names}): its training diverged "
            "or the file is damaged; choose an earlier checkpoint or another copy",
            path=path,
            count=len(broken),
            names=some_of(broken),
        )
    )


def require_sound(paths: Iterable[Path]) -> None:
    """Raise a ModelFileError that names the file and the first few layers when one of them holds NaN or infinity."""
    for path in paths:
        if broken := broken_layers(path):
            raise unsound(path, broken)


def described(path: Path) -> str:
    """The facts as lines for a person."""
    found, broken = inspected(path), broken_layers(path)
    parts = joined(
        ", ", [say("{count} in the {part}", count=count, part=part) for part, count in found.modules.items()]
    )
    lines: list[str] = [
        say("file        {name}, {size:.1f} MiB, {precision}",
            name=found.path.name, size=found.size_bytes / 2**20, precision=found.precision),
        say("kind        {kind}", kind=_kind_text(found)),
        say("layers      {count}: {parts}", count=sum(found.modules.values()), parts=parts),
        say("dims        {dims}", dims=_counted(found.dims)),
        say("alphas      {alphas}", alphas=_counted(found.alphas)),
        say("trigger     {trigger}", trigger=found.trigger or say("not known; try the most frequent tags")),
    ]  # fmt: skip
    if found.strange:
        lines.append(say("strange     {count} layers of another kind than most: {names}",
                         count=len(found.strange), names=some_of(found.strange)))  # fmt: skip
    if found.bundled:
        lines.append(say("bundled     {count} embeddings that are not read here: {names}",
                         count=len(found.bundled), names=some_of(found.bundled)))  # fmt: skip
    if found.others:
        lines.append(say("others      {count} tensors that belong to no layer: {names}",
                         count=len(found.others), names=some_of(found.others)))  # fmt: skip
    if broken:
        lines.append(say("broken      {count} layers hold NaN or infinity: {names}",
                         count=len(broken), names=some_of(broken)))  # fmt: skip
    lines += [say("read        {note}", note=note) for note in read_otherwise(path)]
    if found.tags:
        lines.append(say("tags        {tags}", tags=", ".join(f"{tag} ({count})" for tag, count in found.tags)))
    if found.settings:
        settings = [f"  {key.removeprefix('ss_'):24} {value}" for key, value in found.settings.items()]
        lines += [say("settings"), *settings]
    else:
        lines.append(say("settings    none are written in the file"))
    return joined("\n", [changed(line, _printable) for line in lines])


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _kind_text(found: NetworkFile) -> str:
    text = say("{kind} for {base}", kind=found.kind, base=found.base)
    if found.spelling != "kohya's":
        text = say("{text}, with {spelling} names", text=text, spelling=found.spelling)
    others = [kind for kind in found.kind.split(" and ") if kind not in SUPPORTED]
    return joined("", (text, " (", unsupported(", ".join(others)), ")")) if others else text


def _counted(numbers: Mapping[int, int] | Mapping[float, int]) -> str:
    counted = [
        say("{number:g} (1 layer)", number=number)
        if count == 1
        else say("{number:g} ({count} layers)", number=number, count=count)
        for number, count in numbers.items()
    ]
    return joined(", ", counted) if counted else say("none")
