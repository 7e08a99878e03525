"""What the tools on LoRA files are told."""

from dataclasses import dataclass

from lib_train.config.checking import checked
from lib_train.config.fields import BASIC, option
from lib_train.errors import Problem
from lib_train.texts import say

KEEP = "keep"
_MEASURES = ("sv_ratio", "sv_cumulative", "sv_fro", "size_mb")
"""Settings of which one at most says how much is kept."""
_PRECISION = say("Precision of the new file; keep takes that of the first file.")
PRECISIONS = (KEEP, "fp16", "bf16", "float")


@dataclass(frozen=True, kw_only=True)
class SizeConfig:
    """How many ranks of a network are kept. An instance is always valid."""

    rank: int | None = option(
        None, "Largest rank of a layer.", low=1, high=4096, level=BASIC, label="Rank", slider=(1, 128, 1)
    )
    conv_rank: int | None = option(
        None, "The same for 3x3 convolutions; empty takes rank.", low=1, high=4096, label="Convolution rank",
        slider=(1, 128, 1),
    )  # fmt: skip
    sv_ratio: float | None = option(
        None, "Each layer keeps the singular values that are larger than its largest divided by this; 16 is usual.",
        low=1, level=BASIC, label="Ratio of singular values", slider=(1, 64, 1),
    )  # fmt: skip
    sv_cumulative: float | None = option(
        None, "Each layer keeps its largest singular values until they make up this share of their sum.", low=0,
        high=1, step=0.01, label="Share of the sum of singular values",
    )  # fmt: skip
    sv_fro: float | None = option(
        None, "Each layer keeps its largest singular values until they make up this share of its norm (Frobenius).",
        low=0, high=1, step=0.01, label="Share of the norm",
    )  # fmt: skip
    size_mb: float | None = option(
        None, "Largest size of the new file in MiB: takes the common rank or the common sv_ratio that fits, whichever "
        "loses less.", low=0.01, level=BASIC, label="Size in MiB",
    )  # fmt: skip

    def __post_init__(self) -> None:
        checked(self, _two_measures)

    @property
    def is_given(self) -> bool:
        """Whether anything is asked for."""
        return any(
            value is not None
            for value in (self.rank, self.conv_rank, self.sv_ratio, self.sv_cumulative, self.sv_fro, self.size_mb)
        )


def _two_measures(config: SizeConfig) -> Problem | None:
    given = [name for name in _MEASURES if getattr(config, name) is not None]
    if len(given) > 1:
        return Problem(given[1], getattr(config, given[1]), say("leave out this or {other}", other=given[0]))
    return None


@dataclass(frozen=True, kw_only=True)
class ResizeConfig(SizeConfig):
    """See ``train-tools resize``."""

    save_precision: str = option(KEEP, _PRECISION, choices=PRECISIONS, label="Precision")

    def __post_init__(self) -> None:
        checked(self, _two_measures, _nothing_asked)


def _nothing_asked(config: ResizeConfig) -> Problem | None:
    if config.is_given:
        return None
    return Problem("rank", None, say("give rank, or one of {others}, with its value", others=", ".join(_MEASURES)))


@dataclass(frozen=True, kw_only=True)
class BlocksConfig:
    """See ``train-tools blocks``."""

    weights: str = option(
        "", "A factor for each block: a preset (FACE, BODY, INS, OUTALL ...), one number for all, or a list "
        "of 12, 17, 20 or 26 numbers as lora-block-weight counts blocks, of 23 or 25 as sd-scripts does. Blocks that "
        "the list does not have are 0.", level=BASIC, label="Weights of the blocks",
    )  # fmt: skip
    rank: int | None = option(
        None, "Rank of the layers that must become a LoRA first, such as those of a DoRA; empty takes 64.",
        low=1, high=4096, label="Rank of what is made a LoRA",
    )  # fmt: skip
    save_precision: str = option(KEEP, _PRECISION, choices=PRECISIONS, label="Precision")

    def __post_init__(self) -> None:
        checked(self, _no_weights)


def _no_weights(config: BlocksConfig) -> Problem | None:
    if config.weights.strip():
        return None
    return Problem("weights", config.weights, say("give a preset's name or a list of numbers"))


@dataclass(frozen=True, kw_only=True)
class MergeConfig(SizeConfig):
    """See ``train-tools merge``."""

    weights: tuple[float, ...] = option(
        (), "A factor for each file; empty is 1 for all.", low=-100, high=100, level=BASIC, label="Weights of the files"
    )
    blocks: tuple[str, ...] = option(
        (), "Weights of blocks for each file, with ; between the files: presets, numbers or lists, as for the tool "
        "blocks; empty is 1 for all.", separator=";", level=BASIC, label="Weights of blocks",
    )  # fmt: skip
    ties: float | None = option(
        None, "Merge by TIES: of what each file adds to a layer this share counts, the largest numbers; they vote on "
        "each sign, and those that agree are averaged, so that weights count beside each other. 0.2 is usual.",
        low=0.001, high=1, step=0.05, label="TIES: share that counts",
    )  # fmt: skip
    save_precision: str = option(KEEP, _PRECISION, choices=PRECISIONS, label="Precision")

    def __post_init__(self) -> None:
        checked(self, _two_measures)


@dataclass(frozen=True, kw_only=True)
class ExtractConfig:
    """See ``train-tools extract``."""

    rank: int = option(
        32, "Rank of the linear layers and 1x1 convolutions.", low=1, high=4096, level=BASIC, label="Rank",
        slider=(1, 128, 1),
    )  # fmt: skip
    conv_rank: int | None = option(
        None, "Rank of the 3x3 convolutions; empty leaves out resnets and resamplers, as in a LoRA without conv_dim.",
        low=1, high=4096, level=BASIC, label="Convolution rank", slider=(1, 128, 1),
    )  # fmt: skip
    min_diff: float = option(
        0.0, "Layers whose weights differ nowhere by more than this are left out; a text encoder is one whole.", low=0,
        label="Least difference", step=0.001,
    )  # fmt: skip
    save_precision: str = option(
        "fp16", "Precision of the new file.", choices=PRECISIONS[1:], label="Precision"
    )  # fmt: skip

    def __post_init__(self) -> None:
        checked(self)


@dataclass(frozen=True, kw_only=True)
class ConvertConfig:
    """See ``train-tools convert``."""

    save_precision: str = option(KEEP, _PRECISION, choices=PRECISIONS, level=BASIC, label="Precision")
    names: str = option(
        "kohya", "Whose names the layers have: `kohya` is what the WebUI and most programs read, `peft` and "
        "`diffusers` are those of diffusers today and before.", choices=("kohya", "peft", "diffusers"),
        label="Names of the layers",
    )  # fmt: skip
    trigger: str = option(
        "", "Words that call what was learned, for the card and for whoever opens the file; empty keeps those of the "
        "file.", level=BASIC, label="Trigger words",
    )  # fmt: skip
    strip: bool = option(
        False, "Leave out all metadata but those that tell what the file is.", label="Without metadata"
    )  # fmt: skip
    set: tuple[str, ...] = option(
        (), "Entry of the metadata as key=value, such as modelspec.author=me; an empty value takes it away.",
        separator="\n", label="Entries of the metadata",
    )  # fmt: skip

    def __post_init__(self) -> None:
        checked(self, _odd_entry)

    @property
    def pairs(self) -> dict[str, str]:
        """The entries of ``set``."""
        return {key.strip(): text.strip() for key, _, text in (entry.partition("=") for entry in self.set)}


def _odd_entry(config: ConvertConfig) -> Problem | None:
    for entry in config.set:
        key, sign, _ = entry.partition("=")
        if not sign or not key.strip():
            return Problem("set", entry, say("write key=value"))
        if key.strip().startswith("sshs_"):
            return Problem("set", entry, say("hashes are reckoned from the file; leave it out"))
    return None


TOOLS: dict[str, type] = {
    "resize": ResizeConfig, "blocks": BlocksConfig, "merge": MergeConfig, "extract": ExtractConfig,
    "convert": ConvertConfig,
}  # fmt: skip
"""Settings of each tool, by its name."""
