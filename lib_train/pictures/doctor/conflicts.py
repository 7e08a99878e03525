"""Tags that cannot all be true of one picture. The tables write them as picture boards do: ``blue_eyes``."""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from lib_train.pictures.terms import same_tag


def _tags(names: Iterable[str]) -> frozenset[str]:
    return frozenset(map(same_tag, names))


_HAIR = ("blonde", "brown", "black", "blue", "pink", "purple", "red", "green", "white", "grey", "orange", "aqua")
_EYES = ("blue", "brown", "green", "red", "purple", "yellow", "pink", "orange", "aqua", "black", "grey", "white")
_SPELLINGS = {
    same_tag(tag): same_tag(usual)
    for tag, usual in {
        "blond_hair": "blonde_hair", "gray_hair": "grey_hair", "silver_hair": "grey_hair", "gray_eyes": "grey_eyes",
        "silver_eyes": "grey_eyes", "golden_eyes": "yellow_eyes", "gold_eyes": "yellow_eyes",
    }.items()
}  # fmt: skip
"""Other words for the same."""
_MANY = ("2", "3", "4", "5", "6+")
_GIRLS, _BOYS = (_tags([f"multiple_{kind}", *(f"{many}{kind}" for many in _MANY)]) for kind in ("girls", "boys"))
_SEVERAL = _GIRLS | _BOYS | {"couple", "group", "crowd"}
_EACH_OF_THEIR_OWN = _SEVERAL | _tags(["multiple_views", "comic", "everyone"])
"""Several people, each of whom has hair, eyes and a posture."""

_OF_PERSON: tuple[tuple[frozenset[str], frozenset[str]], ...] = (
    (_tags(f"{color}_hair" for color in _HAIR),
     _tags(["multicolored_hair", "two-tone_hair", "gradient_hair", "streaked_hair", "colored_inner_hair",
            "split-color_hair", "rainbow_hair"])),
    (_tags(f"{color}_eyes" for color in _EYES), _tags(["heterochromia", "multicolored_eyes", "gradient_eyes"])),
    (_tags(["short_hair", "medium_hair", "long_hair", "bald"]), frozenset()),
    (_tags(["open_mouth", "closed_mouth"]), frozenset()),
    (_tags(["standing", "sitting"]), frozenset()),
)  # fmt: skip
"""Tags of which one person has one, and tags beside which several may be true."""
_OF_PICTURE: tuple[frozenset[str], ...] = (
    _tags(["1girl", *(f"{many}girls" for many in _MANY)]),
    _tags(["1boy", *(f"{many}boys" for many in _MANY)]),
    _tags(["portrait", "upper_body", "cowboy_shot", "full_body"]),
    _tags(["from_above", "from_below"]),
    _tags(["indoors", "outdoors"]),
    _tags(["day", "night"]),
)
"""Tags of which one picture has one."""
_AGAINST: tuple[tuple[str, frozenset[str]], ...] = (
    ("solo", _SEVERAL),
    (same_tag("no_humans"), _SEVERAL | {"1girl", "1boy"}),
    ("1girl", _tags(["multiple_girls"])),
    ("1boy", _tags(["multiple_boys"])),
)
"""A tag, and tags none of which may stand beside it."""
_TOGETHER = (_tags(["solo", "1girl", "1boy"]),)
"""Tags that are not all true, while each two may be."""
_KNOWN = frozenset().union(
    _SPELLINGS, _SEVERAL, *_OF_PICTURE, *(tags for tags, _ in _OF_PERSON), (tag for tag, _ in _AGAINST)
)
_DECIDING = _KNOWN.union(_EACH_OF_THEIR_OWN, *(beside for _, beside in _OF_PERSON))
"""All tags that have a part in this."""


def conflicts(tags: frozenset[str]) -> list[str]:
    """The tags that contradict each other, sorted; empty where all may be true.

    Args:
        tags: as ``terms.same_tag`` writes them.

    >>> conflicts(frozenset({"1girl", "solo", "2girls", "hat"}))
    ['1girl', '2girls', 'solo']
    """
    return list(_conflicts(tags & _DECIDING))


@lru_cache(maxsize=1 << 14)
def _conflicts(tags: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(set(_contradicting(tags))))


def _contradicting(tags: frozenset[str]) -> Iterator[str]:
    known = tags & _KNOWN
    meanings = {tag: _SPELLINGS.get(tag, tag) for tag in known}
    for group in _OF_PICTURE:
        yield from _several(group, meanings)
    for tag, others in _AGAINST:
        if tag in known and known & others:
            yield from {tag, *(known & others)}
    for group in _TOGETHER:
        if group <= known:
            yield from group
    if tags & _EACH_OF_THEIR_OWN or {"1girl", "1boy"} <= known:
        return
    for group, beside in _OF_PERSON:
        if not tags & beside:
            yield from _several(group, meanings)


def _several(group: frozenset[str], meanings: Mapping[str, str]) -> list[str]:
    hit = [tag for tag, meaning in meanings.items() if meaning in group]
    return hit if len({meanings[tag] for tag in hit}) > 1 else []
