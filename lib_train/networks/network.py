"""The trained network: low-rank updates on many layers, put on by replacing the forward of instances."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from lib_train.config.network import NetworkConfig
from lib_train.networks.attention import attention_forward
from lib_train.networks.contents import ALPHA, DOWN, UP, fitted, matrices_in, reject_gaps, reject_strangers
from lib_train.networks.dropout import Dropout
from lib_train.networks.lora import LoraLayer
from lib_train.networks.targets import Target, targets_of

_ABSENT = object()


class Network:
    """LoRA on linear layers and 1x1 convolutions, LoCon on 3x3 convolutions."""

    def __init__(self, targets: Sequence[Target], config: NetworkConfig, seed: int) -> None:
        """A fresh network, which changes nothing until it is trained.

        Args:
            seed: of the first matrices; the same layer gets the same ones whichever others there are.
        """
        self.layers: dict[str, LoraLayer] = {}
        self.multiplier = 1.0
        """Strength of all updates; at 0 the base model's output is bit-equal to that without a network."""
        self.dropout = Dropout(config)
        self._attached: list[tuple[nn.Module, Any, Callable[..., Any]]] = []
        for target in targets:
            layer = LoraLayer(target, *_size(target, config))
            layer.draw(seed)
            self.layers[target.name] = layer

    @classmethod
    def from_tensors(
        cls, tensors: Mapping[str, Tensor], family: str, unet: nn.Module, text_encoders: Sequence[nn.Module]
    ) -> "Network":
        """The network of a file, with each layer's own rank and alpha.

        Raises:
            ModelFileError: it is no LoRA with kohya's names, or does not fit this base model.
        """
        found = matrices_in(tensors)
        everything = targets_of(family, unet, text_encoders, conv=True, parts=("unet", "text_encoder"))
        known = {target.name: target for target in everything}
        reject_strangers(found, known)
        network = cls((), NetworkConfig(), seed=0)
        network.layers = {name: LoraLayer(known[name], m.down.shape[0], m.alpha) for name, m in found.items()}
        network.load(tensors)
        return network

    def parameters(self, part: str) -> list[nn.Parameter]:
        """Trained matrices of "unet" or "text_encoder", float32, in the order of the file."""
        layers = [layer for layer in self.layers.values() if layer.target.part == part]
        return [matrix for layer in layers for matrix in (layer.down, layer.up)]

    def begin_step(self, seed: int) -> None:
        """Seed the dropouts of all layers for the forward passes until the next call."""
        self.dropout.begin_step(seed)

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
        was_on = bool(self._attached)
        self._take_off()
        try:
            yield
        finally:
            if was_on:
                self._put_on()

    def _put_on(self) -> None:
        forwards: list[tuple[nn.Module, Callable[..., Any]]] = []
        shares: dict[nn.Module, dict[str, LoraLayer]] = {}
        for layer in self.layers.values():
            if layer.target.share:
                shares.setdefault(layer.target.module, {})[layer.target.share] = layer
            else:
                forwards.append((layer.target.module, layer.forward_for(self)))
        forwards += [(module, attention_forward(module, layers, self)) for module, layers in shares.items()]
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

    def tensors(self) -> dict[str, Tensor]:
        """Live float32 tensors under their names in a file; alphas are 0-dim."""
        out: dict[str, Tensor] = {}
        for name, layer in self.layers.items():
            ones = (1, 1) if layer.target.stored_as_conv else ()
            out[f"{name}.{DOWN}"] = layer.down.detach().view(*layer.down.shape, *ones)
            out[f"{name}.{UP}"] = layer.up.detach().view(*layer.up.shape, *ones)
            out[f"{name}.{ALPHA}"] = torch.tensor(layer.alpha)
        return out

    @torch.no_grad()
    def load(self, tensors: Mapping[str, Tensor]) -> None:
        """Take matrices and alphas of a file or a state; its layers and ranks must be the network's.

        Raises:
            ModelFileError: they are not; nothing was taken then.
        """
        found = matrices_in(tensors)
        reject_strangers(found, self.layers)
        reject_gaps(found, self.layers)
        pairs = []
        for name, layer in self.layers.items():
            pairs.append((layer.down, fitted(f"{name}.{DOWN}", found[name].down, tuple(layer.down.shape))))
            pairs.append((layer.up, fitted(f"{name}.{UP}", found[name].up, tuple(layer.up.shape))))
        for matrix, value in pairs:
            matrix.copy_(value)
        for name, layer in self.layers.items():
            layer.alpha = found[name].alpha


def _size(target: Target, config: NetworkConfig) -> tuple[int, float]:
    """Rank and alpha: 3x3 convolutions have their own, everything else follows network_dim."""
    if target.kind != "conv3x3":
        return config.network_dim, config.network_alpha
    assert config.conv_dim is not None, "targets_of(conv=True) is for networks with conv_dim"
    return config.conv_dim, 1.0 if config.conv_alpha is None else config.conv_alpha
