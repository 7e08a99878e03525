"""What PEFT and diffusers write beside a network's tensors: ranks and alphas, as JSON in the file's metadata."""

import json
import math
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from lib_train.errors import ModelFileError
from lib_train.texts import say

PACKED, PLAIN = "lora_adapter_metadata", "adapter_config"
"""diffusers' entry, each setting behind its component's name; PEFT's adapter_config.json, put here by its reader."""


def alpha_of(metadata: Mapping[str, str], component: str, path: str, rank: int) -> float:
    """A layer's alpha in kohya's sense, such that its update is scaled by alpha / rank.

    Args:
        component, path: as in ``Place``.
        rank: what alpha is where the metadata does not say: the scale is 1 then.

    Raises:
        ModelFileError: the entry is no adapter's configuration.
    """
    try:
        packed = json.loads(metadata.get(PACKED, "{}"))
        config: dict[str, Any] = json.loads(metadata.get(PLAIN, "{}"))
        start = f"{component}."
        config |= {key.removeprefix(start): value for key, value in packed.items() if key.startswith(start)}
        patterns: dict[str, float] = config.get("alpha_pattern") or {}
        found = next((key for key in patterns if re.fullmatch(rf"(.*\.)?{key}", path)), None)
        alpha = float(config.get("lora_alpha", rank) if found is None else patterns[found])
        return alpha * math.sqrt(rank) if config.get("use_rslora") else alpha
    except (ValueError, TypeError, AttributeError, RecursionError, re.error) as error:
        raise ModelFileError(
            say("its adapter configuration ({entry}) cannot be read ({why}); take another copy",
                entry=f"{PACKED}, {PLAIN}", why=str(error))
        ) from error  # fmt: skip


def packed_config(layers: Mapping[tuple[str, str], tuple[int, float, bool]]) -> dict[str, str]:
    """Metadata from which diffusers (since 0.34) makes its adapters.

    Args:
        layers: component and path -> rank, alpha and whether its magnitude is trained (DoRA).
    """
    packed: dict[str, Any] = {}
    for component in dict.fromkeys(component for component, _ in layers):
        own = {path: size for (owner, path), size in layers.items() if owner == component}
        rank = Counter(size[0] for size in own.values()).most_common(1)[0][0]
        alpha = Counter(size[1] for size in own.values()).most_common(1)[0][0]
        config = {
            "r": rank,
            "lora_alpha": alpha,
            "rank_pattern": {path: size[0] for path, size in own.items() if size[0] != rank},
            "alpha_pattern": {path: size[1] for path, size in own.items() if size[1] != alpha},
            "target_modules": list(own),
            "use_dora": any(size[2] for size in own.values()),
        }
        packed |= {f"{component}.{key}": value for key, value in config.items()}
    return {PACKED: json.dumps(packed)}
