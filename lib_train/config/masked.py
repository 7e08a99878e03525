"""What of a picture is learned, and what of the base model is kept."""

from dataclasses import dataclass

from lib_train.config.fields import SET, option, used_when
from lib_train.config.noise import KEEPING, MASKS
from lib_train.texts import say

_MASKED = used_when(say("masked_loss and alpha_mask are off"), {"masked_loss": SET}, {"alpha_mask": SET})
_KEPT = used_when(say("prior_preservation is off"), {"prior_preservation": ("class", "empty", "both")})
_OF_CLASS = ("class", "both")
_CLASS = used_when(say("prior_preservation is neither class nor both"), {"prior_preservation": _OF_CLASS})


@dataclass(frozen=True, kw_only=True)
class MaskConfig:
    """Loss masks."""

    masked_loss: bool = option(
        False,
        "Pictures that have a mask are learned where it is white; others are learned whole.",
        group=MASKS,
        key="ss_masked_loss",
        key_sparse=True,
    )
    alpha_mask: bool = option(
        False,
        "Pictures without a mask are learned where they are not transparent.",
        group=MASKS,
        label="Transparency as mask",
        key="ss_alpha_mask",
        key_sparse=True,
    )
    unmasked_weight: float = option(
        0.0,
        "How much what is black in a mask counts all the same; 0.1 keeps a little of the surroundings.",
        low=0,
        high=1,
        group=MASKS,
        key="ss_unmasked_weight",
        key_sparse=True,
        used_when=_MASKED,
        slider=(0, 1, 0.05),
    )
    normalize_masked_area_loss: bool = option(
        False,
        "Pictures count alike however much of them is white.",
        group=MASKS,
        label="Normalise by area of mask",
        key="ss_normalize_masked_area_loss",
        key_sparse=True,
        used_when=_MASKED,
    )
    masked_prior_weight: float = option(
        0.0,
        "Keeps what is black in a mask as the base model would draw it, so strongly; 0 is off, else steps take a third "
        "longer.",
        low=0,
        high=10,
        group=MASKS,
        label="Keep the unmasked part",
        key="ss_masked_prior_weight",
        key_sparse=True,
        used_when=_MASKED,
        slider=(0, 1, 0.05),
    )


@dataclass(frozen=True, kw_only=True)
class PreservationConfig:
    """Prior preservation without pictures: other prompts keep drawing what the base model draws."""

    prior_preservation: str = option(
        "off",
        "Each step also teaches to predict what the base model does: for the caption with the class in place of the "
        "trigger word, for the empty prompt, or for each of both in half of the cases: guidance multiplies what lies "
        "between them. Steps take more than twice as long.",
        choices=("off", "class", "empty", "both"),
        group=KEEPING,
        key="ss_prior_preservation",
        key_sparse=True,
    )
    prior_preservation_weight: float = option(
        1.0,
        "How much it counts beside the pictures.",
        low=0.001,
        high=100,
        group=KEEPING,
        key="ss_prior_preservation_weight",
        key_sparse=True,
        used_when=_KEPT,
        slider=(0.1, 4, 0.1),
    )
    prior_preservation_class: str = option(
        "",
        "The class in a word, such as girl.",
        group=KEEPING,
        key="ss_prior_preservation_class",
        key_sparse=True,
        used_when=_CLASS,
    )
    prior_preservation_trigger: str = option(
        "",
        "The trigger word as captions have it; empty is caption_prefix.",
        group=KEEPING,
        key="ss_prior_preservation_trigger",
        key_sparse=True,
        used_when=_CLASS,
    )

    @property
    def preserves_class(self) -> bool:
        """Whether captions with the class in place of the trigger word are kept."""
        return self.prior_preservation in _OF_CLASS
