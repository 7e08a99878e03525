"""Declare a setting once: form, command line, HTTP API, saved file and README table read it here."""

import dataclasses
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

BASIC, ADVANCED = "basic", "advanced"


SET = "set"
"""In ``UsedWhen``: any value but empty, 0 and off."""


class UsedWhen(NamedTuple):
    """When a setting changes anything: in at least one of these ways."""

    otherwise: str
    """Why it changes nothing elsewhere."""
    ways: tuple[Mapping[str, Any], ...]
    """Each: other settings, or fields of ``Circumstances``, with the values that they must have, or ``SET``."""


def used_when(otherwise: str, *ways: Mapping[str, Any]) -> UsedWhen:
    """See ``UsedWhen``."""
    return UsedWhen(otherwise, ways)


class BlockRow(NamedTuple):
    """How a page draws a list of a number for each block: as a row of sliders beside the text."""

    names: Mapping[str, Sequence[str]]
    """Blocks by family, in the order of the list; "" for those that nothing is trained in."""
    presets: Mapping[str, Mapping[str, Sequence[float]]]
    """By family: names of presets with a number for each block, as multiples of ``base``."""
    base: str
    """Setting whose value each block has where the list is empty; "" for none."""
    otherwise: float
    """What each block has then."""
    slider: tuple[float, float, float]
    """Lowest and highest value to slide between, and the step."""
    written: bool = False
    """Whether a preset's name may stand in place of its numbers, with an addition such as +0.25."""


class Option(NamedTuple):
    """One declared setting, as forms and tables need it."""

    name: str
    kind: type
    """bool, int, float, str, tuple (of ``item``) or dict."""
    item: type | None
    optional: bool
    default: Any
    help: str
    low: float | None
    high: float | None
    choices: tuple[str, ...]
    level: str
    group: str
    separator: str
    label: str
    """Label in the form; made from the name where none is declared."""
    off: float | None
    """A number that means the same as empty; None where there is none."""
    key: str
    """Key of its value in the metadata of a LoRA file; "" where there is none."""
    told_in: str
    """Key of an entry that tells its value in another form or among others, as network_args do; "" where none does."""
    no_key: str
    """Why no entry tells it; one of ``key``, ``told_in`` and this is there."""
    key_none: Any
    """Value that the metadata has as "None"."""
    key_sparse: bool
    """Whether the metadata has it only where it is not the default: sd-scripts has no such key."""
    used_when: UsedWhen | None
    slider: tuple[float, float, float] | None
    """Lowest and highest value that people slide between, and the step; others can be typed. None is no slider."""
    step: float | None
    """What arrows of a number field add; None is 1 for whole numbers, and whatever fits elsewhere."""
    blocks: BlockRow | None


def option(
    default: Any,
    help: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: Sequence[str] = (),
    level: str = ADVANCED,
    group: str = "",
    separator: str = ",",
    label: str = "",
    off: float | None = None,
    key: str = "",
    told_in: str = "",
    no_key: str = "",
    key_none: Any = None,
    key_sparse: bool = False,
    used_when: UsedWhen | None = None,
    slider: tuple[float, float, float] | None = None,
    step: float | None = None,
    blocks: BlockRow | None = None,
) -> Any:
    """Declare one setting.

    ``low`` and ``high`` are inclusive, in the setting's own unit, also for each item of a tuple. ``separator`` stands
    between the items of a tuple that is given as one text. ``off`` is a number that means the same as empty, whatever
    the limits are. ``key`` names its value in the metadata of a LoRA file, which has ``key_none`` as "None"
    and a ``key_sparse`` default not at all. ``told_in`` names the entry that tells it in another way, ``no_key`` says
    why none does.
    ``used_when`` says beside which other settings it changes anything; None is always. ``slider``, ``step`` and
    ``blocks``: see ``Option``.
    """
    metadata: dict[str, Any] = {
        "help": help,
        "low": low,
        "high": high,
        "choices": tuple(choices),
        "level": level,
        "group": group,
    }
    metadata |= {
        "separator": separator,
        "label": label,
        "off": off,
        "key": key,
        "told_in": told_in,
        "no_key": no_key,
        "key_none": key_none,
        "key_sparse": key_sparse,
        "used_when": used_when,
        "slider": slider,
        "step": step,
        "blocks": blocks,
    }
    if isinstance(default, dict):
        return dataclasses.field(default_factory=lambda: dict(default), metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def options_of(config_class: type) -> Iterator[Option]:
    """The declared settings of a class, in declared order: its own, then those of its bases."""
    yield from _declared(config_class)


@cache
def _declared(config_class: type) -> tuple[Option, ...]:
    """See ``options_of``; hints are slow to resolve, and every reading of settings asks for them."""
    hints = typing.get_type_hints(config_class)
    found = []
    own = config_class.__dict__.get("__annotations__", {})
    for field in sorted(dataclasses.fields(config_class), key=lambda field: field.name not in own):
        if field.metadata:
            kind, item, optional = _kind_of(hints[field.name])
            default = field.default_factory() if callable(field.default_factory) else field.default
            found.append(Option(field.name, kind, item, optional, default, **field.metadata))
    return tuple(found)


def _kind_of(hint: Any) -> tuple[type, type | None, bool]:
    optional = False
    if isinstance(hint, types.UnionType):
        hint = next(part for part in typing.get_args(hint) if part is not type(None))
        optional = True
    origin = typing.get_origin(hint)
    if origin is tuple:
        return tuple, typing.get_args(hint)[0], optional
    return (origin or hint), None, optional
