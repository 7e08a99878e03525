"""One layer's low-rank update: its two matrices, and the forward that takes the layer's place."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Generator, Tensor, nn

from lib_train.networks.dropout import layer_seed
from lib_train.networks.functional import lora_linear, lora_update
from lib_train.networks.targets import Target

VOUCHED = "_train_tools_vouched"
"""Set by a host on a module: its class's forward, though patched, still computes what torch's does."""
_PLAIN_TYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


class LoraLayer:
    """Matrices of one target, float32, on its device. Bare parameters, no module: hosts patch ``nn.Linear`` itself."""

    def __init__(self, target: Target, rank: int, alpha: float) -> None:
        weight = target.weight
        ones = (1,) * (weight.dim() - 2)
        self.target, self.rank, self.alpha = target, rank, alpha
        self.down = nn.Parameter(torch.zeros(rank, *weight.shape[1:], device=weight.device))
        self.up = nn.Parameter(torch.zeros(weight.shape[0], rank, *ones, device=weight.device))

    @torch.no_grad()
    def draw(self, seed: int) -> None:
        """Begin as kohya's sd-scripts does: ``down`` kaiming_uniform with a = sqrt(5), ``up`` zero.

        The draw depends on (seed, name), not on which other layers there are or on the device.
        """
        bound = 1 / math.sqrt(self.down[0].numel())
        chance = Generator().manual_seed(layer_seed(seed, self.target.name))
        self.down.copy_(torch.empty(self.down.shape).uniform_(-bound, bound, generator=chance))
        self.up.zero_()

    @property
    def scale(self) -> float:
        """alpha / R, the factor on the update at multiplier 1."""
        return self.alpha / self.rank

    def forward_for(self, network: Any) -> Callable[[Tensor], Tensor]:
        """The target's present forward plus the update; ``network`` gives multiplier and dropouts at each call."""
        module: Any = self.target.module
        original, name = module.forward, self.target.name
        pristine, layout = _is_pristine(module), _layout(module)
        linear = self.target.kind == "linear"
        pixelwise = self.target.kind == "conv1x1" and module.stride == (1, 1) and module.padding == (0, 0)

        def forward(x: Tensor) -> Tensor:
            scale = self.scale * network.multiplier
            if scale == 0 or network.dropout.skips(name):
                result: Tensor = original(x)
                return result
            thin = network.dropout.thinning(name, -1 if linear else 1)
            if pristine and thin is None and not module.weight.requires_grad and module.weight.dtype in _PLAIN_TYPES:
                if linear:
                    return lora_linear(x, module.weight, module.bias, self.down, self.up, scale)
                if pixelwise and _is_rows_of_pixels(x):
                    return self._on_pixels(x, scale)
            out: Tensor = original(x)
            down, up = self.down.to(out.dtype), self.up.to(out.dtype)
            update = lora_update(x.to(out.dtype), down, up, scale, thin, **layout)
            return out.add_(update) if pristine else out + update  # a pristine layer's output is nobody else's yet

        return forward

    def _on_pixels(self, x: Tensor, scale: float) -> Tensor:
        module: Any = self.target.module
        down, up = self.down.flatten(1), self.up.flatten(1)
        out = lora_linear(x.permute(0, 2, 3, 1), module.weight.flatten(1), module.bias, down, up, scale)
        return out.permute(0, 3, 1, 2)


def _is_pristine(module: Any) -> bool:
    """Whether the module's forward is torch's own, patched neither on the instance nor on the class."""
    written_in = getattr(type(module).forward, "__module__", "")
    own = "forward" in module.__dict__ or not (written_in.startswith("torch.nn.modules.") or hasattr(module, VOUCHED))
    return not own and getattr(module, "groups", 1) == 1 and getattr(module, "padding_mode", "zeros") == "zeros"


def _layout(module: Any) -> dict[str, Any]:
    if not isinstance(module, nn.Conv2d):
        return {}
    return {"stride": module.stride, "padding": module.padding, "dilation": module.dilation}


def _is_rows_of_pixels(x: Tensor) -> bool:
    return x.is_contiguous(memory_format=torch.channels_last) and not x.is_contiguous()
