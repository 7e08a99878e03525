"""Pictures that are there twice, or nearly."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy
from numpy.typing import NDArray

from lib_train.pictures.doctor.case import NOTE, WARNING, Case, Finding
from lib_train.pictures.entry import Entry
from lib_train.texts import say

NEAR = 6
"""Bits of the perceptual hash by which a picture differs from what was only scaled, saved anew or touched up."""
TINT = 40
"""Levels, of 255, by which its mean colour differs in red, green or blue: the hash is of grey pictures."""
MANY = 0.1
"""Share of the training pictures from which on those that look like another weigh in the result."""
_Bits = NDArray[numpy.uint64]


def duplicates(case: Case) -> Iterator[Finding]:
    """Files of the same content, of training pictures and of class pictures apart."""
    same: dict[tuple[str, bool], list[Entry]] = defaultdict(list)
    for entry in case.usable:
        if entry.content:
            same[entry.content, entry.is_reg].append(entry)
    groups = [_best_first(group) for group in same.values() if len(group) > 1]
    yield from _twice("duplicate", say("pictures that are there twice, byte for byte"), groups)


def near_duplicates(case: Case) -> Iterator[Finding]:
    """Training pictures that look like a sharper one; the same bytes count once. Few of them are but good to know."""
    seen: dict[str, Entry] = {}
    for entry in case.trained:
        if entry.content and entry.likeness:  # a plain picture has no likeness
            other = seen.get(entry.content)
            seen[entry.content] = min(other, entry, key=_rank) if other else entry
    what, groups = say("pictures that look nearly like another"), alike(list(seen.values()))
    few = sum(len(group) - 1 for group in groups) <= MANY * len(case.trained)
    yield from _twice("near_duplicate", what, groups, NOTE if few else WARNING)


def _twice(code: str, what: str, groups: Sequence[Sequence[Entry]], severity: str = WARNING) -> Iterator[Finding]:
    if not groups:
        return
    details: dict[int, str] = {}
    for kept, *surplus in groups:
        details |= dict.fromkeys((entry.id for entry in surplus), say("like {name}", name=kept.path.name))
    kept, one, *_ = groups[0]
    yield Finding(
        code=code, severity=severity, remedies=("take_out",),
        text=say("{what}: {count}, such as {name}, like {other}",
                 what=what, count=len(details), name=one.path.name, other=kept.path.name),
        ids=tuple(details),
        details=details,
        groups=tuple(tuple(entry.id for entry in group) for group in groups),
    )  # fmt: skip


def _rank(entry: Entry) -> tuple[float, int, bool, str]:
    """Small for what is worth keeping: sharp, large, captioned; of two that are equal the same one each time."""
    return -entry.sharpness, -entry.width * entry.height, entry.caption_file is None, str(entry.path)


def _best_first(entries: Sequence[Entry]) -> list[Entry]:
    return sorted(entries, key=_rank)


def alike(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Groups of a picture and those that look like it and are less sharp. No chains: all look like the first."""
    ordered = _best_first(entries)
    hashes = numpy.array([entry.likeness for entry in ordered], dtype=numpy.uint64)
    places = numpy.flatnonzero(_with_neighbours(hashes))
    tints = numpy.array([_rgb(ordered[place]) for place in places.tolist()], dtype=numpy.int64).reshape(-1, 3)
    hashes, free = hashes[places], numpy.ones(len(places), dtype=bool)
    groups = []
    for place in range(len(places)):
        if not free[place]:
            continue
        close = _near(hashes[place + 1 :], hashes[place]) & free[place + 1 :]
        near = place + 1 + numpy.flatnonzero(close)
        near = near[numpy.abs(tints[near] - tints[place]).max(axis=1, initial=0) <= TINT]
        if len(near):
            free[near] = False
            groups.append([ordered[one] for one in places[[place, *near]].tolist()])
    return groups


def _rgb(entry: Entry) -> tuple[int, int, int]:
    return entry.tint >> 16, entry.tint >> 8 & 255, entry.tint & 255


def _with_neighbours(hashes: _Bits) -> NDArray[numpy.bool_]:
    """Of each hash, whether another one is near.

    Two that are near have one of ``NEAR`` + 1 strips of their bits in common, so that only those are compared.
    """
    values, back, counts = numpy.unique(hashes, return_inverse=True, return_counts=True)
    found = counts > 1
    edges = numpy.linspace(0, 64, NEAR + 2).round().astype(numpy.uint64)
    for low, high in zip(edges[:-1], edges[1:], strict=True):
        strip = (values >> low) & ((numpy.uint64(1) << (high - low)) - numpy.uint64(1))
        order = numpy.argsort(strip, kind="stable")
        for step in range(1, len(values)):
            same = strip[order[step:]] == strip[order[:-step]]
            if not same.any() or found.all():
                break
            one, other = order[:-step][same], order[step:][same]
            near = _near(values[one], values[other])
            found[one[near]] = found[other[near]] = True
    return numpy.asarray(found[back])


def _near(some: _Bits, others: _Bits | numpy.uint64) -> NDArray[numpy.bool_]:
    return numpy.asarray(_ones(some ^ others) <= NEAR)


def _ones(bits: _Bits) -> _Bits:
    """How many bits of each number are set."""
    fives, threes, ones = (numpy.uint64(int(pair * 8, 16)) for pair in ("55", "33", "0f"))
    one, two, four, top = (numpy.uint64(count) for count in (1, 2, 4, 56))
    bits = bits - ((bits >> one) & fives)
    bits = (bits & threes) + ((bits >> two) & threes)
    bits = (bits + (bits >> four)) & ones
    return (bits * numpy.uint64(0x0101010101010101)) >> top
