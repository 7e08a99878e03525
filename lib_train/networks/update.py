"""What is trained for one layer, and what a kind of network is: all that other modules know of either."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from torch import Tensor, nn

from lib_train.config.network import NetworkConfig
from lib_train.layer_shapes import LayerShape
from lib_train.networks.dropout import Dropout
from lib_train.networks.targets import Target

Parts = Mapping[str, Tensor]
"""What a file holds for one layer: the names behind the layer's own -> tensors."""


class Applied(Protocol):
    """What an update reads of its network at each call."""

    multiplier: float
    dropout: Dropout


class Update(Protocol):
    """What is trained for one target. Bare parameters, no module: hosts patch ``nn.Linear`` itself."""

    target: Target

    def parameters(self) -> dict[str, nn.Parameter]:
        """What is trained, float32, on the target's device, by the names of the parts in a file and in its order."""

    def constants(self) -> dict[str, Tensor]:
        """What stands in a file behind them and is not trained, such as alpha."""

    def set_constants(self, parts: Parts) -> None:
        """Take them from what ``Kind.completed`` made of a file's parts."""

    def stored(self, tensor: Tensor) -> Tensor:
        """A view of a parameter in the shape that files have."""

    def delta(self) -> Tensor:
        """What is added to the target's weight at multiplier 1, in that weight's shape."""

    def linear(self, x: Tensor, weight: Tensor, bias: Tensor | None, network: Applied) -> Tensor:
        """(..., I) -> (..., O): the target's linear layer of these frozen (O, I) and (O,), and the update.

        An attention calls it for each share, but not at multiplier 0 or where module_dropout leaves the update out.
        """

    def forward_for(self, network: Applied) -> Callable[[Tensor], Tensor]:
        """The target's present forward and the update; it is the former, to the bit, at multiplier 0 and where
        module_dropout leaves the update out.
        """


class Algebra(NamedTuple):
    """How tools on files reckon with a kind's completed parts of a layer."""

    shape: Callable[[Parts], tuple[int, ...] | None]
    """Of the layer's weight, as far as the parts tell it: (O, I), (O, I, K, K), or (O, I K K) where they do not tell a
    kernel's sides apart; of a norm (C,). None where they tell too little.
    """
    factors: Callable[[Parts, Tensor | None], tuple[Tensor, Tensor] | None] = lambda parts, weight: None
    """(O, R) and (R, ...), the scale within: their product is the delta, exactly. None where there are no such two. It
    takes the frozen weight beside the parts, where it is known.
    """
    scaled: Callable[[Parts, float], Parts] | None = None
    """The same parts, but for those in which the delta is linear, which are multiplied; None where it is in none."""
    needs_weight: bool = False
    """Whether the delta depends on the frozen weight."""
    bias: str = ""
    """The part that is added to the layer's bias."""


class Kind(NamedTuple):
    """A kind of network: how it makes, reads and counts its updates."""

    parts: tuple[str, ...]
    """Every name that a part of it can have in a file."""
    module: str
    """Which program's network it is, for metadata: ss_network_module."""
    args: Callable[[NetworkConfig], dict[str, Any]]
    """The settings that are this kind's own, as that program's arguments: ss_network_args."""
    size: Callable[[LayerShape, NetworkConfig], int]
    """Numbers that it trains on such a layer; 0 where it leaves the layer alone."""
    create: Callable[[Target, NetworkConfig, int], Update]
    """A fresh update, which changes nothing until it is trained. Its draw depends on seed and target's name alone."""
    completed: Callable[[str, Parts], Parts]
    """Takes a layer's name and its parts in a file; gives them back checked, with what a file need not say. Raises a
    ModelFileError where they are damaged.
    """
    read: Callable[[Parts, Target], Update]
    """The update that completed parts hold, of their sizes. Raises a ModelFileError where they do not fit."""
    not_in_bf16: tuple[str, ...] = ()
    """Parts that bf16's 8 bits would ruin: a file has them in fp16 at least."""
    algebra: Algebra | None = None
    """For tools on files; None where they cannot reckon with it."""
    plus: tuple[str, ...] = ()
    """Parts that LoRA+ trains faster."""
    is_trained: bool = True
    """Or else only put on, as a file has it, and reckoned with: its size is 0."""
    product: bool = False
    """Whether the delta is a product of its parameters, so that all of them may be shortened alike to shorten it."""


def put_on_only(
    parts: tuple[str, ...], completed: Callable[[str, Parts], Parts], read: Callable[[Parts, Target], Update],
    algebra: Algebra, not_in_bf16: tuple[str, ...] = (),
) -> Kind:  # fmt: skip
    """A kind that no settings choose, and no training changes."""

    def create(target: Target, config: NetworkConfig, seed: int) -> Update:
        raise AssertionError("no settings choose it")

    return Kind(
        parts, "lycoris.kohya", lambda config: {}, lambda layer, config: 0, create, completed, read, not_in_bf16,
        algebra, is_trained=False,
    )  # fmt: skip
