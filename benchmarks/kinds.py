"""Time and memory of each kind of network on single layers, beside LyCORIS' module of the same kind, in turn."""

import copy
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from lib_train.config.network import NetworkConfig
from lib_train.networks.kinds import kind_for
from lib_train.networks.network import Network
from lib_train.networks.targets import Target

LAYERS: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "linear 320": (lambda: nn.Linear(320, 320), (1, 4096, 320)),
    "linear 1280": (lambda: nn.Linear(1280, 1280), (1, 256, 1280)),
    "conv3x3 640": (lambda: nn.Conv2d(640, 640, 3, padding=1), (1, 640, 32, 32)),
}
"""Layers of SD1.5, with the inputs that they have for a picture of 512 pixels."""
WAYS: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "LoRA 8": ({}, "LoConModule", {}),
    "LoCon 8, Tucker": ({"use_tucker": True}, "LoConModule", {"use_tucker": True}),
    "DoRA 8": ({"dora_wd": True}, "LoConModule", {"weight_decompose": True, "wd_on_out": False}),
    "LoHa 4": ({"network_type": "loha", "network_dim": 4}, "LohaModule", {}),
    "LoHa 16": ({"network_type": "loha", "network_dim": 16}, "LohaModule", {}),
    "LoHa 8, Tucker": ({"network_type": "loha", "use_tucker": True}, "LohaModule", {"use_tucker": True}),
    "LoKr 8": ({"network_type": "lokr"}, "LokrModule", {}),
    "LoKr whole, factor 8": ({"network_type": "lokr", "factor": 8, "full_matrix": True}, "LokrModule",
                             {"factor": 8, "full_matrix": True}),
    "LoKr 8, Tucker": ({"network_type": "lokr", "use_tucker": True}, "LokrModule", {"use_tucker": True}),
}  # fmt: skip
"""Our settings, and LyCORIS' module with its own."""


def measure(rounds: int) -> Iterator[tuple[str, str, dict[str, float]]]:
    """For each kind and layer that it trains: median seconds of a forward and a backward pass, ``ours`` and ``theirs``,
    and bytes that are kept between the two, ``ours_kept`` and ``theirs_kept``, without weights.
    """
    from lycoris import modules

    for way, (settings, name, given) in WAYS.items():
        config = NetworkConfig(**{"network_dim": 8, "network_alpha": 4.0, **settings})
        config = NetworkConfig(**{**config.__dict__, "conv_dim": config.network_dim, "conv_alpha": 4.0})
        for layer, (make, shape) in LAYERS.items():
            module = make().requires_grad_(False)
            target = Target("lora_unet_x", module, "unet", "IN04", layer.split()[0])
            if "Tucker" in way and target.kind != "conv3x3":
                continue
            theirs = copy.deepcopy(module)
            adapter = getattr(modules, name)("x", theirs, 1.0, config.network_dim, 4.0, **given)
            adapter.apply_to()
            network = Network((), config, seed=0)
            network.layers = {target.name: kind_for(target.layer, config).create(target, config, 0)}
            parameters = list(network.layers[target.name].parameters().values())
            with network.attached():
                pair = {"ours": (module, parameters), "theirs": (theirs, list(adapter.parameters()))}
                yield way, layer, _measured(pair, torch.randn(shape), rounds)


def _measured(pair: dict[str, tuple[Any, list[Any]]], x: Tensor, rounds: int) -> dict[str, float]:
    times: dict[str, list[float]] = {side: [] for side in pair}
    found: dict[str, float] = {}
    x.requires_grad_()
    for turn in range(rounds + 1):  # the first round warms up, and counts what is kept
        for side, (module, parameters) in pair.items():
            if turn:
                begun = time.perf_counter()
                torch.autograd.grad(module(x).sum(), [x, *parameters], allow_unused=True)
                times[side].append(time.perf_counter() - begun)
            else:
                found[f"{side}_kept"] = _kept(module, x)
    return found | {side: statistics.median(seconds) for side, seconds in times.items()}


def _kept(module: Any, x: Tensor) -> float:
    kept: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        module(x).sum()
    for known in (x, module.weight):
        kept.pop(known.untyped_storage().data_ptr(), None)
    return float(sum(kept.values()))
