"""What PEFT and diffusers write beside a network's tensors: kinds, ranks and alphas, as JSON in the file's metadata."""

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from lib_train.errors import ModelFileError
from lib_train.networks.kron import Pair, factorization, fitting_factor
from lib_train.texts import say

PACKED, PLAIN = "lora_adapter_metadata", "adapter_config"
"""diffusers' entry, each setting behind its component's name; PEFT's adapter_config.json, put here by its reader."""
NAMES_OF = "train_tools.names_of"
"""Our own entry: the family whose names the layers have, "sd1" (which is sd2's, too) or "sdxl", where they alone do not
tell it."""
LORA, LOHA, LOKR, IA3 = "LORA", "LOHA", "LOKR", "IA3"
"""PEFT's words for its kinds."""


class Adapted(NamedTuple):
    """A layer as PEFT's configuration has it."""

    kind: str
    """``LORA``, ``LOHA``, ``LOKR`` or ``IA3``."""
    rank: int = 0
    alpha: float = 0.0
    switch: bool = False
    """LoRA: its magnitude is trained (DoRA). LoHa, LoKr: its convolution is decomposed further. (IA)3: the factors are
    those of the inputs."""
    halved: bool = False
    """LoKr: its first factor is a product, too."""
    divided: tuple[Pair, ...] = ()
    """LoKr: the two numbers whose products are the layer's outputs and inputs, the first factor's first."""


def alpha_of(metadata: Mapping[str, str], component: str, path: str, rank: int, kind: str = LORA) -> float:
    """A layer's alpha in kohya's sense, such that its update is scaled by alpha / rank, as PEFT 0.10 to 0.14 does.

    LoKr is not scaled by PEFT before 0.14, whose configuration has no rank_dropout_scale.

    Args:
        component, path: as in ``Place``.
        rank: what alpha is where the metadata does not say: the scale is 1 then.
        kind: ``LORA``, ``LOHA`` or ``LOKR``.

    Raises:
        ModelFileError: the entry is no adapter's configuration.
    """
    try:
        config = _settings(metadata, component)
        if kind == LOKR and "rank_dropout_scale" not in config:
            return float(rank)
        alphas: dict[str, float] = config.get("alpha_pattern") or {}
        ranks: dict[str, int] = config.get("rank_pattern") or {}
        found = _matching(alphas if kind == LORA else [*ranks, *alphas], path)
        alpha = float(alphas.get(found, config.get("lora_alpha" if kind == LORA else "alpha", rank)))
        if kind == LOKR:
            return alpha * rank / float(ranks.get(found, config.get("r", rank)))
        return alpha * math.sqrt(rank) if kind == LORA and config.get("use_rslora") else alpha
    except (ValueError, TypeError, AttributeError, ArithmeticError, RecursionError, re.error) as error:
        raise _unreadable(error) from error


def without_config(metadata: Mapping[str, str]) -> dict[str, str]:
    """The metadata of a file whose alphas stand in tensors and whose names are kohya's: that has no use for these."""
    return {key: text for key, text in metadata.items() if key not in (PACKED, PLAIN, NAMES_OF)}


def says_alphas(metadata: Mapping[str, str]) -> bool:
    """Whether there is a configuration, which may hold alphas."""
    return PACKED in metadata or PLAIN in metadata


def on_inputs(metadata: Mapping[str, str], component: str, path: str) -> bool | None:
    """Whether an (IA)3 layer's factors are those of its inputs; None where the metadata does not say.

    Raises:
        ModelFileError: the entry is no adapter's configuration.
    """
    try:
        ends = _settings(metadata, component).get("feedforward_modules")
        if ends is None:
            return None
        return bool(re.fullmatch(ends, path)) if isinstance(ends, str) else path.endswith(tuple(ends))
    except (ValueError, TypeError, AttributeError, RecursionError, re.error) as error:
        raise _unreadable(error) from error


def _settings(metadata: Mapping[str, str], component: str) -> dict[str, Any]:
    packed, start = json.loads(metadata.get(PACKED, "{}")), f"{component}."
    config: dict[str, Any] = json.loads(metadata.get(PLAIN, "{}"))
    return config | {key.removeprefix(start): value for key, value in packed.items() if key.startswith(start)}


def _matching(patterns: Iterable[str], path: str) -> str:
    return next((key for key in patterns if re.fullmatch(rf"(.*\.)?{key}", path)), path)


def _unreadable(error: Exception) -> ModelFileError:
    return ModelFileError(
        say("its adapter configuration ({entry}) cannot be read ({why}); take another copy",
            entry=f"{PACKED}, {PLAIN}", why=str(error))
    )  # fmt: skip


def packed_config(layers: Mapping[tuple[str, str], Adapted]) -> dict[str, str]:
    """Metadata from which diffusers (since 0.34) and PEFT make their adapters.

    Args:
        layers: by component and path.

    Raises:
        ModelFileError: a component's layers are of several kinds, or LoKr's of several factors: PEFT has one for all.
    """
    packed: dict[str, Any] = {}
    for component in dict.fromkeys(component for component, _ in layers):
        own = {path: layer for (owner, path), layer in layers.items() if owner == component}
        if len({layer.kind for layer in own.values()}) > 1:
            raise ModelFileError(
                say("{part}: its layers are of several kinds, of which PEFT's names have no form: one adapter is of "
                    "one kind; keep kohya's names",
                    part=component)
            )  # fmt: skip
        packed |= {f"{component}.{key}": value for key, value in _config(component, own).items()}
    return {PACKED: json.dumps(packed)}


def _config(component: str, own: Mapping[str, Adapted]) -> dict[str, Any]:
    kind = next(iter(own.values())).kind
    if kind == IA3:
        inputs = [path for path, layer in own.items() if layer.switch]
        return {"peft_type": kind, "target_modules": list(own), "feedforward_modules": inputs}
    rank = Counter(layer.rank for layer in own.values()).most_common(1)[0][0]
    alpha = Counter(layer.alpha for layer in own.values()).most_common(1)[0][0]
    config = {
        "r": rank,
        "lora_alpha" if kind == LORA else "alpha": alpha,
        "rank_pattern": {path: layer.rank for path, layer in own.items() if layer.rank != rank},
        "alpha_pattern": {path: layer.alpha for path, layer in own.items() if layer.alpha != alpha},
        "target_modules": list(own),
        "use_dora" if kind == LORA else "use_effective_conv2d": any(layer.switch for layer in own.values()),
    }
    if kind == LORA:
        return config
    if kind == LOKR:
        config["decompose_both"] = any(layer.halved for layer in own.values())
        config["decompose_factor"] = _factor(component, own)
    return {"peft_type": kind} | config


def _factor(component: str, own: Mapping[str, Adapted]) -> int:
    """The decompose_factor by which PEFT divides all of these layers as they are."""
    pairs = {pair for layer in own.values() for pair in layer.divided}
    factor = fitting_factor(pairs, [-1], _divided)
    if factor is not None:
        return factor
    raise ModelFileError(
        say("{part}: its LoKr layers are divided by several factors, PEFT has one for all of them; keep kohya's names",
            part=component)
    )  # fmt: skip


def _divided(number: int, factor: int) -> Pair:
    """As PEFT does: a factor that divides the number comes first, however large it is."""
    return (factor, number // factor) if factor > 0 and number % factor == 0 else factorization(number, factor)
