"""Updates that are the product of a narrow and a wide matrix, and put on as such."""

from collections.abc import Callable
from typing import Any

from torch import Tensor
from torch.nn import functional as F

from lib_train.networks.frozen import is_plain, is_pristine, is_rows_of_pixels, layout_of
from lib_train.networks.functional import compute_type, lora_conv1x1, lora_delta, lora_linear, lora_update
from lib_train.networks.ranks import Ranked
from lib_train.networks.targets import Target
from lib_train.networks.update import Applied


class LowRankUpdate(Ranked):
    """The forwards of an ``Update``, from its ``matrices``: network_dropout and rank_dropout act between the two."""

    target: Target

    def matrices(self) -> tuple[Tensor, Tensor]:
        """(R, I) and (O, R), or (R, I, K, K) and (O, R, 1, 1): ``down`` and ``up``, whose product is scaled and added
        to the weight.
        """
        raise NotImplementedError

    def delta(self) -> Tensor:
        """See ``Update``."""
        down, up = self.matrices()
        return lora_delta(up, down, self.scale)

    def linear(self, x: Tensor, weight: Tensor, bias: Tensor | None, network: Applied) -> Tensor:
        """See ``Update``."""
        scale, (down, up) = self.scale * network.multiplier, self.matrices()
        thin = network.dropout.thinning(self.target.name, -1)
        if thin is None:
            return lora_linear(x, weight, bias, down, up, scale)
        kind = compute_type(x)
        return F.linear(x, weight, bias) + lora_update(x.to(kind), down.to(kind), up.to(kind), scale, thin)

    def forward_for(self, network: Applied) -> Callable[[Tensor], Tensor]:
        """See ``Update``."""
        module: Any = self.target.module
        original, name = module.forward, self.target.name
        pristine, layout = is_pristine(module), layout_of(module)
        linear = self.target.kind == "linear"
        pixelwise = self.target.kind == "conv1x1" and module.stride == (1, 1) and module.padding == (0, 0)

        def forward(x: Tensor) -> Tensor:
            scale = self.scale * network.multiplier
            if scale == 0 or network.dropout.skips(name):
                result: Tensor = original(x)
                return result
            down, up = self.matrices()
            thin = network.dropout.thinning(name, -1 if linear else 1)
            if pristine and thin is None and is_plain(module.weight):
                if linear:
                    return lora_linear(x, module.weight, module.bias, down, up, scale)
                if pixelwise and is_rows_of_pixels(x):
                    return lora_conv1x1(x, module.weight, module.bias, down, up, scale)
            out: Tensor = original(x)
            update = lora_update(x.to(out.dtype), down.to(out.dtype), up.to(out.dtype), scale, thin, **layout)
            return out.add_(update) if pristine else out + update  # a pristine layer's output is nobody else's yet

        return forward
