"""The Lora extension: merges the prompt's files into weights, and patches torch's own classes to do so."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import network
import torch
from modules import shared
from torch import nn

from lib_train.checkpoints.files import read_network
from lib_train.networks.targets import targets_of

available_networks: dict[str, Any] = {}
available_network_aliases: dict[str, Any] = {}
available_network_hash_lookup: dict[str, Any] = {}
networks_in_memory: dict[str, Any] = {}
loaded_networks: list[tuple[str, float]] = []
originals: Any = SimpleNamespace()  # what is behind the patches
_files: dict[str, dict[str, torch.Tensor]] = {}


def list_available_networks() -> None:
    """Every file of the folder by its name; what else was in the tables goes."""
    for table in (available_networks, available_network_aliases, available_network_hash_lookup):
        table.clear()
    if shared.cmd_opts.lora_dir:
        for path in sorted(Path(shared.cmd_opts.lora_dir).rglob("*.safetensors")):
            entry = network.NetworkOnDisk(path.stem, str(path))
            available_networks[path.stem] = available_network_aliases[path.stem] = entry


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
    """By name: what is in memory and no older than its file, else its file; what has no entry is passed over.

    Raises:
        FileNotFoundError: an entry's file is gone. The WebUI writes the traceback into its log.
    """
    if any(name not in available_network_aliases for name in names):
        list_available_networks()
    found = [name for name in names if name in available_network_aliases]
    for name in found:
        path = Path(available_network_aliases[name].filename)
        if name not in networks_in_memory or path.stat().st_mtime > networks_in_memory[name][0]:
            networks_in_memory[name] = path.stat().st_mtime, read_network(path)[0]
        _files[name] = networks_in_memory[name][1]
    multipliers = dict(zip(names, unet_multipliers or [1.0] * len(names), strict=True))
    loaded_networks[:] = [(name, multipliers[name]) for name in found]
    while len(networks_in_memory) > shared.opts.data.get("lora_in_memory_limit", 0):
        networks_in_memory.pop(next(iter(networks_in_memory)))


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
