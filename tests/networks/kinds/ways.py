"""How each kind of network is chosen, and what the WebUI's reader adds to a weight for it, by a formula of its own."""

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from lib_train.config.network import NetworkConfig
from lib_train.networks.kinds import KINDS
from lib_train.networks.network import Network
from lib_train.networks.targets import Target
from lib_train.networks.update import Update

WAYS: dict[str, dict[str, Any]] = {
    "LoRA": {},
    "DoRA": {"dora_wd": True},
    "LoHa": {"network_type": "loha"},
    "LoHa with DoRA": {"network_type": "loha", "dora_wd": True},
    "LoHa, of many ranks": {"network_type": "loha", "network_dim": 6, "conv_dim": 6},
    "LoCon (Tucker)": {"use_tucker": True},
    "DoRA (Tucker)": {"use_tucker": True, "dora_wd": True},
    "LoHa (Tucker)": {"network_type": "loha", "use_tucker": True},
    "LoHa with DoRA (Tucker)": {"network_type": "loha", "use_tucker": True, "dora_wd": True},
    "LoKr": {"network_type": "lokr"},
    "LoKr, decomposed twice": {"network_type": "lokr", "decompose_both": True, "network_dim": 1, "conv_dim": 1},
    "LoKr, of whole matrices": {"network_type": "lokr", "network_dim": 9, "conv_dim": 9},
    "LoKr, of unequal factors": {"network_type": "lokr", "factor": 2},
    "LoKr with DoRA": {"network_type": "lokr", "dora_wd": True},
    "LoKr (Tucker)": {"network_type": "lokr", "use_tucker": True},
    "LoKr with DoRA (Tucker)": {"network_type": "lokr", "use_tucker": True, "dora_wd": True},
    "Full": {"network_type": "full"},
    "IA3": {"network_type": "ia3", "network_preset": "full"},
}
"""Settings that train a kind of ``KINDS``, and behind a comma others that do so with other parts or by another way."""
LYCORIS: dict[str, tuple[str, dict[str, Any]]] = {
    "LoRA": ("LoConModule", {}),
    "LoHa": ("LohaModule", {}),
    "LoHa, of many ranks": ("LohaModule", {}),
    "LoCon (Tucker)": ("LoConModule", {"use_tucker": True}),
    "LoHa (Tucker)": ("LohaModule", {"use_tucker": True}),
    "LoKr": ("LokrModule", {}),
    "LoKr, decomposed twice": ("LokrModule", {"decompose_both": True}),
    "LoKr, of whole matrices": ("LokrModule", {}),
    "LoKr, of unequal factors": ("LokrModule", {"factor": 2}),
    "LoKr (Tucker)": ("LokrModule", {"use_tucker": True}),
}
"""LyCORIS's module of the same kind, where it computes what the WebUI does, and its settings beside the sizes."""
LAYERS = {
    "linear": lambda: nn.Linear(24, 40),
    "linear without bias": lambda: nn.Linear(24, 40, bias=False),
    "conv1x1": lambda: nn.Conv2d(24, 40, 1),
    "conv3x3": lambda: nn.Conv2d(24, 40, 3, padding=1),
    "conv3x3 stride 2": lambda: nn.Conv2d(24, 40, 3, stride=2, padding=1, bias=False),
}
_SIZES = {"network_dim": 2, "network_alpha": 1.5, "conv_dim": 2, "conv_alpha": 0.7}


def config_of(way: str, **settings: Any) -> NetworkConfig:
    return NetworkConfig(**{**_SIZES, **WAYS[way], **settings})


def fresh(way: str, layer: str, dtype: torch.dtype = torch.float32, **settings: Any) -> tuple[Any, Update, Network]:
    """A frozen layer, its update as it begins, and a network of these alone."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        module = LAYERS[layer]().requires_grad_(False).to(dtype)
    target = Target("lora_unet_x", module, "unet", "IN04", layer.split()[0])
    config = config_of(way, **settings)
    network = Network((), config, seed=0)
    update = KINDS[way.partition(",")[0]].create(target, config, 0)
    network.layers = {target.name: update}
    return module, update, network


def trained(way: str, layer: str, dtype: torch.dtype = torch.float32, **settings: Any) -> Any:
    """As ``fresh``, with numbers in all parts, module and parts in ``dtype``."""
    module, update, network = fresh(way, layer, **settings)
    drawn(network)
    for parameter in update.parameters().values():
        parameter.data = parameter.data.to(dtype)
    return module.to(dtype), update, network


@torch.no_grad()
def drawn(network: Network, seed: int = 0, std: float = 0.4) -> Network:
    chance = torch.Generator().manual_seed(seed)
    for update in network.layers.values():
        for parameter in update.parameters().values():
            parameter.normal_(0, std, generator=chance)
    return network


def subject(layer: str, dtype: torch.dtype = torch.float32, seed: int = 5, batch: int = 2) -> Tensor:
    shape = (batch, 24, 6, 5) if "conv" in layer else (batch, 7, 24)
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(dtype)


def pairs() -> list[tuple[str, str]]:
    """Each way with each layer that it trains."""
    found = []
    for way in WAYS:
        for layer, make in LAYERS.items():
            target = Target("lora_unet_x", make(), "unet", "IN04", layer.split()[0])
            if KINDS[way.partition(",")[0]].size(target.layer, config_of(way)):
                found.append((way, layer))
    return found


def parts_of(network: Network, name: str = "lora_unet_x") -> dict[str, Tensor]:
    found = {key.partition("."): tensor for key, tensor in network.tensors().items()}
    return {part: tensor.double() for (layer, _, part), tensor in found.items() if layer == name}


def webui_delta(parts: Mapping[str, Tensor], weight: Tensor) -> Tensor:
    """What the reader of stable-diffusion-webui 1.10 adds at weight 1, by sums over every index, float64."""
    p = {name: tensor.double() for name, tensor in parts.items()}
    rank, delta = None, torch.zeros(())
    if "lora_up.weight" in p:
        up, down = p["lora_up.weight"].flatten(1), p["lora_down.weight"]
        rank, delta = len(down), _product(up, down.flatten(1))
        if "lora_mid.weight" in p:
            delta = torch.einsum("op,pqkl,qi->oikl", up, p["lora_mid.weight"], down.flatten(1))
    if "hada_w1_a" in p:
        rank = len(p["hada_w1_b"])
        delta = _half(p, "hada_w1", "hada_t1") * _half(p, "hada_w2", "hada_t2")
    if "lokr_w1" in p or "lokr_w1_a" in p:
        first, second = (p[w] if w in p else _half(p, w, "lokr_t2") for w in ("lokr_w1", "lokr_w2"))
        rank = next((len(p[part]) for part in ("lokr_w2_b", "lokr_w1_b") if part in p), None)
        kernel = math.prod(weight.shape[2:])
        second = second.reshape(len(second), -1, kernel)
        delta = torch.einsum("om,pqk->opmqk", first, second)
    delta = p.get("diff", delta)
    if "oft_blocks" in p:
        return _rotated(p, weight.double()) - weight.double()
    if "a1.weight" in p:
        own = torch.einsum("oj...,jr,ri->oi...", weight.double(), p["a1.weight"].flatten(1), p["a2.weight"].flatten(1))
        rank, delta = (
            p["a1.weight"].shape[1],
            own + _product(p["b1.weight"].flatten(1), p["b2.weight"].flatten(1)).view(own.shape),
        )
    if "on_input" in p:
        side = "i" if p["on_input"] else "o"
        delta = torch.einsum(f"oi...,{side}->oi...", weight.double(), p["weight"].flatten())
    scale = float(p["alpha"]) / rank if rank and "alpha" in p else 1.0
    delta, whole = (delta * scale).reshape(weight.shape), weight.double()
    if "dora_scale" in p:
        lengths = (whole + delta).transpose(0, 1).flatten(1).norm(dim=1).view(1, -1, *[1] * (weight.dim() - 2))
        delta = (whole + delta) * (p["dora_scale"] / lengths) - whole
    return delta


def _rotated(p: Mapping[str, Tensor], weight: Tensor) -> Tensor:
    """By one matrix for all outputs at once, or several in a row, of blocks that stand on the diagonal."""
    blocks, out = p["oft_blocks"], weight.flatten(1)
    skew, one = blocks - blocks.transpose(-1, -2), torch.eye(blocks.shape[-1], dtype=torch.float64)
    limit = float(p.get("alpha", 0)) * len(weight)
    if limit:
        skew = skew * min(1.0, limit / float(skew.norm()))
    turns = (one + skew) @ torch.linalg.inv(one - skew)
    for level, turn in enumerate(turns if blocks.dim() == 4 else [turns.transpose(1, 2)]):
        whole, order = torch.block_diag(*turn), torch.arange(len(out))
        if blocks.dim() == 4:
            apart = 2**level * blocks.shape[-1] // 2
            order = torch.cat([begin + torch.tensor([side * apart + place for place in range(apart) for side in (0, 1)])
                               for begin in range(0, len(out), 2 * apart)])  # fmt: skip
        turned = torch.empty_like(out)
        turned[order] = whole @ out[order]
        out = turned
    return out.view(weight.shape) * p.get("rescale", torch.ones(len(out))).view(-1, *[1] * (weight.dim() - 1))


def _half(p: Mapping[str, Tensor], name: str, core: str) -> Tensor:
    if core in p and name != "lokr_w1":
        return torch.einsum("po,pqkl,qi->oikl", p[f"{name}_a"], p[core], p[f"{name}_b"])
    return _product(p[f"{name}_a"], p[f"{name}_b"])


def _product(up: Tensor, down: Tensor) -> Tensor:
    return torch.einsum("or,ri->oi", up, down)
