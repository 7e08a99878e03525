"""What settings a network's tensors answer to: kind, ranks and alphas of most of its layers."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar

from torch import Tensor

from lib_train.config.blocks import SIZES
from lib_train.config.network import LARGEST_RANK, NETWORK_TYPES, NetworkConfig
from lib_train.errors import ConfigError
from lib_train.network_kinds import Layer, kinds_of, layers_of
from lib_train.networks.kron import Pair, divided_of, fitting_factor
from lib_train.texts import every, say

_TUCKER = " (Tucker)"
_Number = TypeVar("_Number", int, float)
_CONV = re.compile(r"_(conv[12]?|in_layers_2|out_layers_3|op)$")
"""How names of 3x3 convolutions end, in kohya's words."""


class Sizes(NamedTuple):
    """Of one file, by its layers. None where its kind has no such number."""

    kinds: tuple[str, ...]
    """As ``network_kinds.py`` calls them, the most frequent first."""
    dim: int | None
    alpha: float | None
    """Of most linear layers and 1x1 convolutions; so is ``dim``."""
    conv_dim: int | None
    conv_alpha: float | None
    """Of most 3x3 convolutions; so is ``conv_dim``. None where there are none."""
    divided: frozenset[Pair] = frozenset()
    """LoKr: how it divides outputs and inputs."""
    halved: bool = False
    """LoKr: some of its smaller factors are products, too."""
    whole: bool = False
    """LoKr: none of its larger factors is one."""

    def __str__(self) -> str:
        kinds = every(self.kinds)
        if self.dim is None:
            return kinds
        alpha = self.dim if self.alpha is None else self.alpha
        return say("{kind} of rank {rank} with alpha {alpha:g}", kind=kinds, rank=self.dim, alpha=alpha)

    def on(self, config: NetworkConfig) -> NetworkConfig:
        """The settings, with what these sizes say: alphas as readers take them, no block with its own, LoKr's factor,
        which stays where it makes the same network. Sizes that no settings can be leave them as they are.
        """
        plain = [kind.removesuffix(_TUCKER) for kind in self.kinds] or [""]
        kind, _, decomposed = plain[0].partition(" with ")
        taken: dict[str, Any] = {}
        if kind.lower() in NETWORK_TYPES:
            taken = {"network_type": kind.lower(), "dora_wd": bool(decomposed), "use_tucker": plain != [*self.kinds]}
        if self.dim is not None and max(self.dim, self.conv_dim or 0) <= LARGEST_RANK:
            taken |= {"network_dim": self.dim, "network_alpha": self.dim if self.alpha is None else self.alpha}
            alpha = self.conv_dim if self.conv_alpha is None else self.conv_alpha
            taken |= {"conv_dim": self.conv_dim, "conv_alpha": alpha, "rs_lora": False} | dict.fromkeys(SIZES, ())
        if self.divided:
            factor = fitting_factor(self.divided, [config.factor, -1])
            taken |= {"decompose_both": self.halved, "full_matrix": self.whole}
            taken |= {} if factor is None else {"factor": factor}
        try:
            return replace(config, **taken)
        except ConfigError:  # an alpha of 0, for one
            return config


def sizes_in(tensors: Mapping[str, Tensor]) -> Sizes:
    """The sizes of a network under kohya's names."""
    layers = layers_of({key: tuple(tensor.shape) for key, tensor in tensors.items()})
    alphas = {name: float(tensors[layer.alpha]) for name, layer in layers.items() if layer.alpha}
    return sizes_of(layers, alphas)


def sizes_of(layers: Mapping[str, Layer], alphas: Mapping[str, float]) -> Sizes:
    """The sizes of layers.

    Args:
        alphas: by name of the layer.
    """
    convs = [name for name in layers if _CONV.search(name)]
    lokr = {name: layer.parts for name, layer in layers.items() if layer.kind.startswith("LoKr")}
    divided = (divided_of(parts, 9 if _CONV.search(name) else 1) for name, parts in lokr.items())
    rest = [name for name in layers if name not in set(convs)]
    return Sizes(
        tuple(kinds_of(layers)),
        _most(layers[name].dim for name in rest),
        _most(alphas.get(name) for name in rest),
        _most(layers[name].dim for name in convs),
        _most(alphas.get(name) for name in convs),
        frozenset(pair for pairs in divided for pair in pairs or ()),
        any("lokr_w1_a" in parts for parts in lokr.values()),
        all("lokr_w2" in parts for parts in lokr.values()),
    )


def _most(numbers: Iterable[_Number | None]) -> _Number | None:
    counted = Counter(number for number in numbers if number is not None)
    return counted.most_common(1)[0][0] if counted else None
