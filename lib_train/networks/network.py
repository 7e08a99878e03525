"""The trained network: updates of many layers, put on by replacing the forward of instances. Knows no kind."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from lib_train.config.network import NetworkConfig
from lib_train.layer_shapes import LayerShape
from lib_train.networks.attention import attention_forward
from lib_train.networks.contents import layers_in, reject_gaps, reject_strangers
from lib_train.networks.dropout import Dropout
from lib_train.networks.kinds import kind_for
from lib_train.networks.parts import take
from lib_train.networks.targets import Target, targets_of
from lib_train.networks.update import Update

_ABSENT = object()


class Network:
    """An update for each layer, of the kind that the settings choose or a file holds."""

    def __init__(
        self, targets: Sequence[Target], config: NetworkConfig, seed: int, below: "Network | None" = None
    ) -> None:
        """A fresh network, which changes nothing until it is trained.

        Args:
            targets: those that the kind of network leaves alone with these settings are passed over.
            seed: of the first tensors; the same layer gets the same ones whichever others there are.
            below: on whenever this one is attached, as though it were merged into the base model's weights.
        """
        self.below = below
        self.layers: dict[str, Update] = {}
        for target in _above(targets, below):
            kind = kind_for(target.layer, config)
            if kind.size(target.layer, config):
                self.layers[target.name] = kind.create(target, config, seed)
        self.multiplier = 1.0
        """Strength of all updates; at 0 the base model's output is bit-equal to that without a network."""
        self.dropout = Dropout(config)
        self._attached: list[tuple[nn.Module, Any, Callable[..., Any]]] = []

    @classmethod
    def from_tensors(
        cls,
        tensors: Mapping[str, Tensor],
        family: str,
        unet: nn.Module,
        text_encoders: Sequence[nn.Module],
        metadata: Mapping[str, str] | None = None,
        config: NetworkConfig | None = None,
        below: "Network | None" = None,
    ) -> "Network":
        """The network of a file, with each layer's own kind and sizes, whichever program named the layers.

        Args:
            metadata: of the file; some programs keep alphas there.
            config: whose dropouts it has; None has none.
            below: see ``__init__``.

        Raises:
            ModelFileError: it is of no known kind or names, or does not fit this base model.
        """
        found = layers_in(tensors, metadata, family)
        known = {target.name: target for target in _above(targets_of(family, unet, text_encoders), below)}
        reject_strangers(found, known)
        network = cls((), config or NetworkConfig(), seed=0, below=below)
        network.layers = {
            name: found[name].kind.read(found[name].parts, target) for name, target in known.items() if name in found
        }
        return network

    def train_only(self, wanted: Callable[[LayerShape], float]) -> None:
        """Freeze all layers but those that are wanted: they compute and are saved as they are."""
        for update in self.layers.values():
            for parameter in update.parameters().values():
                parameter.requires_grad_(bool(wanted(update.target.layer)))

    def parameters(self, part: str) -> list[nn.Parameter]:
        """Trained tensors of "unet" or "text_encoder", float32, in the order of the file."""
        updates = [update for update in self.layers.values() if update.target.part == part]
        return [parameter for update in updates for parameter in update.parameters().values()]

    def begin_step(self, seed: int, timesteps: Tensor | None = None) -> None:
        """Seed the dropouts of all layers for the forward passes until the next call, at these timesteps (B,)."""
        self.dropout.begin_step(seed, timesteps)

    @property
    def is_attached(self) -> bool:
        """Whether the base model computes with it now."""
        return bool(self._attached)

    @contextmanager
    def attached(self) -> Iterator[None]:
        """While entered, the base model computes with this network; afterwards its modules are as they were.

        Networks nest: the one attached last is taken off first.
        """
        assert not self._attached, "this network is attached already"
        try:
            self._put_on()
            yield
        finally:
            self._take_off()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """While entered, an attached network is off: the base model computes alone, from its own forwards."""
        was_on = self.is_attached
        self._take_off()
        try:
            yield
        finally:
            if was_on:
                self._put_on()

    @contextmanager
    def silent(self) -> Iterator[None]:
        """While entered, an attached network changes nothing, and those below it stay on: quicker than ``paused``."""
        before, self.multiplier = self.multiplier, 0.0
        try:
            yield
        finally:
            self.multiplier = before

    def _put_on(self) -> None:
        if self.below is not None:
            self.below._put_on()
        forwards: list[tuple[nn.Module, Callable[..., Any]]] = []
        shares: dict[nn.Module, dict[str, Update]] = {}
        for update in self.layers.values():
            if update.target.share:
                shares.setdefault(update.target.module, {})[update.target.share] = update
            else:
                forwards.append((update.target.module, update.forward_for(self)))
        forwards += [(module, attention_forward(module, updates, self)) for module, updates in shares.items()]
        for module, forward in forwards:
            self._attached.append((module, module.__dict__.get("forward", _ABSENT), forward))
            module.__dict__["forward"] = forward

    def _take_off(self) -> None:
        while self._attached:
            module, before, ours = self._attached.pop()
            assert module.__dict__.get("forward") is ours, "another network was attached later and is still on"
            if before is _ABSENT:
                del module.__dict__["forward"]
            else:
                module.__dict__["forward"] = before
        if self.below is not None:
            self.below._take_off()

    def tensors(self) -> dict[str, Tensor]:
        """Live float32 tensors under their names in a file; alphas and other constants are copies. Those of networks
        below are not among them.
        """
        out: dict[str, Tensor] = {}
        for name, update in self.layers.items():
            for part, parameter in update.parameters().items():
                out[f"{name}.{part}"] = update.stored(parameter.detach())
            out |= {f"{name}.{part}": constant for part, constant in update.constants().items()}
        return out

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        """Take tensors and constants of a file or a state; its layers and ranks must be the network's.

        Raises:
            ModelFileError: they are not; nothing was taken then.
        """
        found = layers_in(tensors)
        reject_strangers(found, self.layers)
        reject_gaps(found, self.layers)
        take([(update, found[name].parts) for name, update in self.layers.items()])


def _above(targets: Sequence[Target], below: Network | None) -> list[Target]:
    """The targets, whose weights are those that the networks below make."""
    under: dict[str, list[tuple[Update, Network]]] = {}
    while below is not None:
        for name, update in below.layers.items():
            under.setdefault(name, []).append((update, below))
        below = below.below
    return [replace(target, below=_added(under[target.name])) if target.name in under else target for target in targets]


def _added(updates: Sequence[tuple[Update, Network]]) -> Callable[[], Tensor]:
    def added() -> Tensor:
        return torch.stack([update.delta() * network.multiplier for update, network in updates]).sum(0)

    return added
