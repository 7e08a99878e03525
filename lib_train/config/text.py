"""What of captions is read."""

from dataclasses import dataclass

from lib_train.config.fields import BASIC, option, used_when
from lib_train.texts import say


@dataclass(frozen=True, kw_only=True)
class TextConfig:
    """How text encoders read captions."""

    clip_skip: int = option(
        1,
        "Layer of the text encoder that is used, counted from the last, which is 1; SDXL ignores it.",
        low=1,
        high=12,
        level=BASIC,
        group="captions",
        key="ss_clip_skip",
        key_none=1,
        used_when=used_when(say("SDXL has its own layers"), {"family": ("sd1", "sd2")}),
        slider=(1, 4, 1),
    )
    max_token_length: int = option(
        225,
        "Caption tokens that are used; a multiple of 75.",
        low=75,
        high=750,
        group="captions",
        key="ss_max_token_length",
        slider=(75, 750, 75),
    )
    weighted_captions: bool = option(
        False,
        "Brackets in captions weigh words as in prompts: (word), [word], (word:1.3); else they are text.",
        group="captions",
        key="ss_weighted_captions",
        key_sparse=True,
    )
