"""Which network is trained, and how large it is."""

from collections.abc import Iterator
from dataclasses import dataclass

from lib_train.config import network_checks as checks
from lib_train.config.blocks import (
    CAN_HAVE_CONVS,
    CONVOLVED,
    RANKED,
    RANKED_KINDS,
    WITH_CONVS,
    BlockSizes,
    problem_in_sizes,
)  # fmt: skip
from lib_train.config.checking import checked
from lib_train.config.fields import BASIC, SET, option, used_when
from lib_train.config.layers import LayerChoice
from lib_train.texts import say

NETWORK_TYPES = ("lora", "locon", "dora", "loha", "lokr", "full", "ia3")
_KRON = used_when(say("only lokr reads it"), {"network_type": ("lokr",)})
LARGEST_RANK = 1024
_LARGEST = 65504  # what a number in an fp16 file can be
_SHARE = 0, 0.99, 0.01
_HAS_ACTIVATIONS = used_when(
    say("this kind of network has no activations of ranks"),
    {"network_type": ("lora", "locon"), "dora_wd": (False,)},
)
_CONVOLVED_WITH_RANKS = used_when(CONVOLVED.otherwise, {"network_preset": CAN_HAVE_CONVS, "network_type": RANKED_KINDS})
_OF_TLORA = used_when(
    say("tlora is off, or this kind of network has none"),
    {"tlora": (True,), "network_type": ("lora", "locon"), "dora_wd": (False,)},
)


@dataclass(frozen=True, kw_only=True)
class NetworkConfig(LayerChoice, BlockSizes):
    """Shape of the trained network. An instance is always valid."""

    network_type: str = option(
        "lora",
        "What is put on each layer. `locon` is `lora` with the 3x3 convolutions, whose rank is conv_dim, or "
        "network_dim where that is empty. `dora` is `lora` with dora_wd. `loha` multiplies two LoRAs with each other, "
        "number by number: twice the weights, and a rank of up to network_dim squared. `lokr` is a small matrix of "
        "copies of another one: small files. `full` trains the weights and biases themselves: large files. `ia3` "
        "trains a factor for each input or output of few layers: tiny files.",
        choices=NETWORK_TYPES,
        level=BASIC,
        label="Kind of network",
        told_in="ss_network_args",
    )
    network_dim: int = option(
        16,
        "Rank of the linear layers and 1x1 convolutions: how much can be learned.",
        low=1,
        high=LARGEST_RANK,
        level=BASIC,
        label="Network rank (dim)",
        key="ss_network_dim",
        used_when=RANKED,
        slider=(1, 128, 1),
    )
    network_alpha: float = option(
        8.0,
        "The update is scaled by network_alpha / network_dim; half of network_dim is usual.",
        low=1e-6,
        high=_LARGEST,
        level=BASIC,
        key="ss_network_alpha",
        used_when=RANKED,
        slider=(1, 128, 1),
    )
    conv_dim: int | None = option(
        None,
        "Rank of the 3x3 convolutions (LoCon); 0 or empty does not train them.",
        low=1,
        off=0,
        high=LARGEST_RANK,
        label="Convolution rank (conv dim)",
        used_when=CONVOLVED,
        slider=(0, 128, 1),
        told_in="ss_network_args",
    )
    conv_alpha: float | None = option(
        None,
        "As network_alpha, for conv_dim; empty means 1.",
        low=1e-6,
        high=_LARGEST,
        label="Convolution alpha",
        used_when=_CONVOLVED_WITH_RANKS,
        slider=(1, 128, 1),
        told_in="ss_network_args",
    )
    dora_wd: bool = option(
        False,
        "DoRA: the length of the weights behind each input of a layer is trained apart from their direction, which has "
        "the ranks. Slower.",
        label="Weight decomposition (DoRA)",
        used_when=used_when(
            say("this kind of network has no DoRA"), {"network_type": ("lora", "locon", "loha", "lokr")}
        ),
        told_in="ss_network_args",
    )
    factor: int = option(
        -1,
        "How large one of the two parts is into which LoKr divides inputs and outputs, where that divides them. -1 "
        "makes the parts as equal as can be and trains least; 8 or 4 make larger files that learn more.",
        low=-1,
        high=4096,
        label="LoKr factor",
        used_when=_KRON,
        told_in="ss_network_args",
    )
    decompose_both: bool = option(
        False,
        "The smaller matrix has the rank network_dim as well, where it is larger than twice that.",
        label="LoKr: both matrices low-rank",
        used_when=_KRON,
        told_in="ss_network_args",
    )
    full_matrix: bool = option(
        False,
        "Both matrices are whole, whatever network_dim is. Without, the larger one is whole where network_dim is half "
        "of its longer side or more.",
        label="LoKr: whole matrices",
        used_when=_KRON,
        told_in="ss_network_args",
    )
    use_tucker: bool = option(
        False,
        "3x3 convolutions are decomposed further (Tucker): fewer weights for the same rank.",
        label="Decompose convolutions further (Tucker)",
        used_when=used_when(
            say("3x3 convolutions are not trained with ranks"),
            {"conv_dim": SET, "network_preset": CAN_HAVE_CONVS, "network_type": RANKED_KINDS},
            {"conv_block_dims": SET, "network_preset": CAN_HAVE_CONVS, "network_type": RANKED_KINDS},
            {"network_preset": WITH_CONVS, "network_type": RANKED_KINDS},
            {"network_preset": CAN_HAVE_CONVS, "network_type": ("locon",)},
        ),
        told_in="ss_network_args",
    )
    network_init: str = option(
        "default",
        "What training begins with: random numbers, or what is most in the base model's weights, by singular values "
        "(pissa) or by columns (olora): it learns faster. The file has twice the rank.",
        choices=("default", "pissa", "olora"),
        label="Beginning",
        told_in="ss_network_args",
    )
    rs_lora: bool = option(
        False,
        "Rank-stabilised: the update is scaled by alpha / sqrt(rank) instead of alpha / rank, so that high ranks learn "
        "as fast as low ones.",
        label="Rank-stabilised (rsLoRA)",
        told_in="ss_network_args",
    )
    network_dropout: float = option(
        0.0,
        "Probability that a low-rank activation is set to zero at a step.",
        low=0,
        high=0.99,
        key="ss_network_dropout",
        used_when=_HAS_ACTIVATIONS,
        key_none=0,
        slider=_SHARE,
    )
    rank_dropout: float = option(
        0.0,
        "Probability that a rank is dropped, for each picture at each step; beside lora and locon that an output of "
        "the layer is left as it is, at each step.",
        low=0,
        high=0.99,
        slider=_SHARE,
        told_in="ss_network_args",
    )
    tlora: bool = option(
        False,
        "T-LoRA: at much noise few ranks are trained, so that a handful of pictures gives away less of its poses and "
        "backgrounds. The file is an ordinary LoRA.",
        label="Fewer ranks at high noise (T-LoRA)",
        used_when=_HAS_ACTIVATIONS,
        told_in="ss_network_args",
    )
    tlora_min_rank: int = option(
        1,
        "Ranks that are trained at the highest noise.",
        low=1,
        high=LARGEST_RANK,
        label="Least rank",
        used_when=_OF_TLORA,
        told_in="ss_network_args",
    )
    tlora_alpha: float = option(
        1.0,
        "Power of the way from all ranks to the least: above 1 they are lost sooner.",
        low=0.01,
        high=100,
        label="Power of the ranks",
        used_when=_OF_TLORA,
        step=0.1,
        told_in="ss_network_args",
    )
    module_dropout: float = option(
        0.0,
        "Probability that a whole layer's network is dropped at a step.",
        low=0,
        high=0.99,
        slider=_SHARE,
        told_in="ss_network_args",
    )

    network_weights: str = option(
        "",
        "LoRA file that training goes on from; empty begins anew. Its kind, sizes and layers must be those set here, "
        "unless dim_from_weights takes them from the file.",
        label="Go on from a LoRA file",
        told_in="ss_network_weights",
    )
    dim_from_weights: bool = option(
        False,
        "Kind, ranks, alphas and layers of the network are those of the file in network_weights. A part that is in the "
        "file and has no learning rate stays as it is.",
        label="Sizes from that file",
        used_when=used_when(say("network_weights is empty"), {"network_weights": SET}),
        no_key="kind and sizes that are taken are told as though they had been set",
    )

    base_weights: tuple[str, ...] = option(
        (),
        "LoRA files that are on while this one is trained and drawn, as though they were merged into the base model; "
        "nothing of them is in the saved file.",
        separator="\n",
        label="LoRA files in the background",
        told_in="ss_base_weights",
    )
    base_weights_multiplier: tuple[float, ...] = option(
        (),
        "Strength of each file in base_weights; those without a number have 1.",
        low=-10,
        high=10,
        label="Strengths of the background",
        step=0.1,
        used_when=used_when(say("base_weights is empty"), {"base_weights": SET}),
        told_in="ss_base_weights",
    )

    def __post_init__(self) -> None:
        checked(
            self, checks.stray_alpha, checks.no_factor, checks.without_alpha, problem_in_sizes, checks.stray_strength,
            checks.no_pattern, checks.begun_elsewhere,
        )  # fmt: skip

    def files(self) -> Iterator[tuple[str, str]]:
        """Settings that name files of networks, with each file."""
        if self.network_weights:
            yield "network_weights", self.network_weights
        yield from (("base_weights", file) for file in self.base_weights)

    @property
    def background(self) -> tuple[tuple[str, float], ...]:
        """Each file of base_weights with its strength."""
        strengths = (*self.base_weights_multiplier, *(1.0 for _ in self.base_weights))
        return tuple(zip(self.base_weights, strengths, strict=False))

    @property
    def has_activations(self) -> bool:
        """Whether there are activations of ranks, which network_dropout and T-LoRA leave out."""
        return self.network_type in ("lora", "locon") and not self.dora_wd

    @property
    def preset(self) -> str:
        """``network_preset``, which is (IA)3's own where nothing is chosen."""
        return "ia3" if (self.network_preset, self.network_type) == ("auto", "ia3") else self.network_preset

    @property
    def _follows(self) -> bool:
        """Whether rank and alpha of 3x3 convolutions are those of the others."""
        return self.conv_dim is None and (self.network_type == "locon" or self.network_preset in WITH_CONVS)

    @property
    def conv_rank(self) -> int | None:
        """Of 3x3 convolutions; None where they are not trained."""
        return self.network_dim if self._follows else self.conv_dim

    @property
    def trains_convs(self) -> bool:
        """Whether resnets and resamplers are trained where no preset says so."""
        return self.conv_rank is not None or any(self.conv_block_dims)

    @property
    def alpha_of_convs(self) -> float:
        """As ``conv_alpha``: 1 where that is empty beside a conv_dim."""
        if self.conv_alpha is not None:
            return self.conv_alpha
        return self.network_alpha if self._follows else 1.0
