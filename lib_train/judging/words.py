"""Which captions a network is asked about: with its trigger word, without it, and in pairs that differ in one word."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from lib_train.pictures.captions import tags_of

GENERIC = (
    "a photo of a cat on a chair", "portrait of an old man with a white beard", "1girl, solo, smile, upper body",
    "1boy, standing, full body", "a landscape with mountains and a lake", "a city street at night, rain",
    "still life, fruit on a table", "a red car in front of a house", "a castle on a hill, painting",
    "two children playing football, outdoors",
)  # fmt: skip
"""Prompts about anything else."""
DRAWN = (
    "red circle, large, center, white background", "blue square, medium, left, yellow background",
    "yellow star, large, center, black background", "purple heart, small, top, white background",
    "orange triangle, large, center, black background", "green hexagon, medium, right, white background",
    "white cross, large, center, black background", "brown square, medium, bottom, white background",
    "cyan ring, large, center, white background", "black diamond, large, center, yellow background",
)  # fmt: skip
"""The same in the words of the drawn world, the only ones that the embedded model knows."""
_PAIRS = (
    ("white background", "black background"), ("outdoors", "indoors"), ("standing", "sitting"), ("day", "night"),
    ("close-up", "full body"), ("from front", "from behind"),
)  # fmt: skip
_DRAWN_PAIRS = (
    ("white background", "black background"), ("blue background", "yellow background"),
    ("gray background", "purple background"), ("left", "right"), ("top", "bottom"), ("large", "small"),
)  # fmt: skip
_OWN_CAPTIONS, _OWN_PAIRS = 2, 2


@dataclass(frozen=True, kw_only=True)
class Words:
    """Captions for one set of pictures."""

    neutral: tuple[str, ...]
    """Without the trigger word; the empty one is the first."""
    pairs: tuple[tuple[str, str], ...]
    """With the trigger word; either differs from the other in one tag."""


def words_for(trigger: str, captions: Sequence[str], *, drawn: bool = False) -> Words:
    """Captions for a set of training captions.

    Args:
        trigger: the word that calls what is trained; where it is empty, what is trained has no name to be without.
        drawn: whether the base model knows the drawn world alone.

    >>> words_for("mochi", ["mochi, hat", "mochi, hat, sea"]).neutral[:3]
    ('', 'hat', 'hat, sea')
    """
    own = [without(trigger, caption) for caption in dict.fromkeys(captions)] if trigger else []
    neutral = ("", *[caption for caption in own if caption][:_OWN_CAPTIONS], *(DRAWN if drawn else GENERIC))
    often = Counter(tag for caption in captions for tag in tags_of(without(trigger, caption)))
    tags = sorted(often, key=lambda tag: (-often[tag], tag))[: 2 * _OWN_PAIRS]
    pairs = [*(_DRAWN_PAIRS if drawn else _PAIRS), *zip(tags[::2], tags[1::2], strict=False)]
    return Words(
        neutral=tuple(dict.fromkeys(neutral)),
        pairs=tuple((_with(trigger, one), _with(trigger, other)) for one, other in pairs),
    )


def without(trigger: str, caption: str) -> str:
    """The caption without its trigger word.

    >>> without("mochi", "mochi, hat"), without("sks", "a photo of sks cat"), without("", "hat")
    ('hat', 'a photo of cat', 'hat')
    """
    if not trigger:
        return caption
    tags = tags_of(caption)
    if trigger in tags:
        return ", ".join(tag for tag in tags if tag != trigger)
    return " ".join(caption.replace(trigger, " ").split()).strip(" ,")


def _with(trigger: str, tag: str) -> str:
    return ", ".join(filter(None, (trigger, tag)))
