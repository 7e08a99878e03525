"""The Lora extension: merges the prompt's files into weights, and patches torch's own classes to do so."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import network
import torch
from modules import sd_hijack, shared
from network_names import layer_of
from safetensors.torch import load_file
from torch import nn

Modules = dict[str, dict[str, torch.Tensor]]


class Loaded(NamedTuple):
    """A file that the prompt put on."""

    name: str
    multiplier: float


available_networks: dict[str, Any] = {}
available_network_aliases: dict[str, Any] = {}
available_network_hash_lookup: dict[str, Any] = {}
networks_in_memory: dict[str, Any] = {}
loaded_networks: list[Loaded] = []
originals: Any = SimpleNamespace()  # what is behind the patches
_files: dict[str, Modules] = {}


def list_available_networks() -> None:
    """Every file of the folder by its name; what else was in the tables goes."""
    for table in (available_networks, available_network_aliases, available_network_hash_lookup):
        table.clear()
    if shared.cmd_opts.lora_dir:
        for path in sorted(Path(shared.cmd_opts.lora_dir).rglob("*.safetensors")):
            entry = network.NetworkOnDisk(path.stem, str(path))
            available_networks[path.stem] = available_network_aliases[path.stem] = entry


def assign_network_names_to_compvis_modules(sd_model: Any) -> None:
    """Layers by the checkpoint's names; SDXL's text encoders have their number before theirs."""
    if sd_model.is_sdxl:
        parts = [
            (f"{i}_", one.wrapped) for i, one in enumerate(sd_model.conditioner.embedders) if hasattr(one, "wrapped")
        ]
    else:
        parts = [("", getattr(sd_model.cond_stage_model, "wrapped", sd_model.cond_stage_model))]
    found = {
        prefix + name.replace(".", "_"): module
        for prefix, part in [*parts, ("", sd_model.model)]
        for name, module in part.named_modules()
    }
    for name, module in found.items():
        module.network_layer_name = name
    sd_model.network_layer_mapping = found


def load_networks(names: list[str], te_multipliers: Any = None, unet_multipliers: Any = None) -> None:
    """By name: what is in memory and no older than its file, else its file; what has no entry, or is of no kind that is
    known here, is passed over.

    Raises:
        FileNotFoundError: an entry's file is gone. The WebUI writes the traceback into its log.
    """
    if any(name not in available_network_aliases for name in names):
        list_available_networks()
    found = []
    for name in names:
        with suppress(AssertionError):
            if name in available_network_aliases and _read(name):
                found.append(name)
    multipliers = dict(zip(names, unet_multipliers or [1.0] * len(names), strict=True))
    loaded_networks[:] = [Loaded(name, multipliers[name]) for name in found]
    while len(networks_in_memory) > shared.opts.data.get("lora_in_memory_limit", 0):
        networks_in_memory.pop(next(iter(networks_in_memory)))


def _read(name: str) -> bool:
    path = Path(available_network_aliases[name].filename)
    if name not in networks_in_memory or path.stat().st_mtime > networks_in_memory[name][0]:
        networks_in_memory[name] = path.stat().st_mtime, _modules_of(load_file(path))
    _files[name] = networks_in_memory[name][1]
    return True


class ExtraNetworkLora:
    """What a prompt's ``<lora:...>`` tags do."""

    def activate(self, p: Any, params_list: list[Any]) -> None:
        names = [params.positional[0] for params in params_list]
        load_networks(names, None, [float(params.positional[1]) for params in params_list])
        missing = [name for name in names if name not in [one.name for one in loaded_networks]]
        if missing:
            sd_hijack.model_hijack.comments.append(f"Lora not found: {', '.join(missing)}")


extra_network_lora = ExtraNetworkLora()


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
        _merge(layer, _files[name], multiplier)
    layer.network_current_names = wanted


def _modules_of(file: dict[str, torch.Tensor]) -> Modules:
    """What a file trains, by the names that the layers have here; it is taken whole or not at all.

    Raises:
        AssertionError: a layer's parts are of no kind that is known here.
    """
    layers: dict[str, Any] = shared.sd_model.network_layer_mapping
    found: dict[str, Any] = {}
    for key, tensor in file.items():
        module, _, part = key.partition(".")
        name, layer = layer_of(module, layers)
        if layer is not None:
            found.setdefault(name, {})[part] = tensor.float()
    for name, parts in found.items():
        assert {"lora_up.weight", "lora_down.weight"} <= parts.keys(), f"{name}: {sorted(parts)}"
    return found


def _merge(layer: Any, modules: Modules, multiplier: float) -> None:
    name = layer.network_layer_name
    if name in modules and hasattr(layer, "weight"):
        layer.weight.add_(_update(modules[name], layer.weight, multiplier))
    elif isinstance(layer, nn.MultiheadAttention):
        q, k, v, out = (modules.get(f"{name}_{part}_proj") for part in ("q", "k", "v", "out"))
        if q and k and v and out:  # else it is left as it is, without a word
            for part, weight in zip((q, k, v), layer.in_proj_weight.chunk(3), strict=True):
                weight.add_(_update(part, weight, multiplier))
            layer.out_proj.weight.add_(_update(out, layer.out_proj.weight, multiplier))


def _update(parts: dict[str, torch.Tensor], weight: torch.Tensor, multiplier: float) -> torch.Tensor:
    up, down = parts["lora_up.weight"], parts["lora_down.weight"]
    scale = float(parts["alpha"]) / down.shape[0] if "alpha" in parts else 1.0
    return (up.flatten(1) @ down.flatten(1) * scale * multiplier).view(weight.shape)


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
