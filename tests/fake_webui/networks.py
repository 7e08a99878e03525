"""The Lora extension: merges the prompt's files into weights, and patches torch's own classes to do so."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from torch import nn

from lib_train.checkpoints.files import read_network
from lib_train.networks.targets import targets_of

available_networks: dict[str, Any] = {}
available_network_aliases: dict[str, Any] = {}
loaded_networks: list[tuple[str, float]] = []
originals: Any = SimpleNamespace()  # what is behind the patches
_files: dict[str, dict[str, torch.Tensor]] = {}


def list_available_networks() -> None:
    available_networks.clear()
    available_network_aliases.clear()


def assign_network_names_to_compvis_modules(sd_model: Any) -> None:
    sd_model.network_layer_mapping = {}
    for name, module in sd_model.named_modules():
        module.network_layer_name = name
        sd_model.network_layer_mapping[name] = module
    unet, encoders = sd_model.model.diffusion_model, sd_model.text_encoders()
    found = targets_of(sd_model.family, unet, encoders, conv=True, parts=("unet", "text_encoder"))
    for target in found:
        target.module.__dict__.setdefault("lora_targets", []).append(target)


def load_networks(names: list[str], te_multipliers: Any = None, unet_multipliers: Any = None) -> None:
    _files.update({name: read_network(Path(available_network_aliases[name].filename))[0] for name in names})
    loaded_networks[:] = list(zip(names, unet_multipliers or [1.0] * len(names), strict=True))


@torch.no_grad()
def network_apply_weights(layer: Any) -> None:
    wanted, current = tuple(loaded_networks), getattr(layer, "network_current_names", ())
    if getattr(layer, "network_layer_name", None) is None or wanted == current:
        return
    tensors = dict(layer.named_parameters())
    if not hasattr(layer, "network_weights_backup"):
        layer.network_weights_backup = {name: tensor.clone() for name, tensor in tensors.items()}
    for name, tensor in tensors.items():
        tensor.copy_(layer.network_weights_backup[name])
    for name, multiplier in wanted:
        for target in layer.__dict__.get("lora_targets", ()):
            _merge(target, _files[name], multiplier)
    layer.network_current_names = wanted


def _merge(target: Any, file: dict[str, torch.Tensor], multiplier: float) -> None:
    if f"{target.name}.alpha" not in file:
        return
    up, down = (file[f"{target.name}.lora_{part}.weight"].float().flatten(1) for part in ("up", "down"))
    update = up @ down * multiplier * float(file[f"{target.name}.alpha"]) / down.shape[0]
    target.weight.add_(update.view(target.weight.shape))


@contextmanager
def patched() -> Iterator[None]:
    """While entered, layers merge what is loaded before they compute."""
    kinds: tuple[Any, ...] = (nn.Linear, nn.Conv2d, nn.GroupNorm, nn.LayerNorm, nn.MultiheadAttention)
    before = {kind: kind.forward for kind in kinds}
    for kind in kinds:
        kind.forward = _merging(before[kind])
        setattr(originals, f"{kind.__name__}_forward", before[kind])
    try:
        yield
    finally:
        for kind in kinds:
            kind.forward = before[kind]


def _merging(forward: Callable[..., Any]) -> Callable[..., Any]:
    def merging_forward(self: Any, *args: Any, **kwargs: Any) -> Any:
        network_apply_weights(self)
        return forward(self, *args, **kwargs)

    return merging_forward
