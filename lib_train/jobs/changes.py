"""Differences between what a run was made from and what is there now, as sentences. Pure."""

from collections import Counter
from collections.abc import Callable, Hashable, Sequence

from lib_train.jobs.provenance import PictureMark, Provenance
from lib_train.pictures.pairs import paired
from lib_train.texts import say

_NAMED = 10
_SAME: tuple[Callable[[PictureMark], Hashable], ...] = (
    lambda one: (one.reg, one.folder, one.name, one.content),
    lambda one: (one.reg, one.folder, one.name),
    lambda one: (one.name, one.content),
    lambda one: one.content,
)
"""What pictures that are the same have in common: their place, or name and content, or content."""


def changes(before: Provenance, now: Provenance) -> list[str]:
    """A sentence for each change that affects numbers; empty when there is none."""
    found: list[str] = [
        say("{what}: {before} at its start, {now} now", what=what, before=old, now=new)
        for what, old, new, same in (
            (say("base model"), before.base_model, now.base_model,
             before.base_model.content == now.base_model.content),
            ("VAE", before.vae or _OWN, now.vae or _OWN, _content(before) == _content(now)),
            (say("plan"), _length(before), _length(now), _length(before) == _length(now)),
        )
        if not same
    ]  # fmt: skip
    old, new = before.background, now.background
    if [one.content for one in old] != [one.content for one in new]:
        found.append(say("{what}: {before} at its start, {now} now", what="base_weights",
                         before=", ".join(map(str, old)), now=", ".join(map(str, new))))  # fmt: skip
    settings = [name for name in before.settings if name in now.settings]
    found += [
        say("setting {name}: {before!r} at its start, {now!r} now",
            name=name, before=before.settings[name], now=now.settings[name])
        for name in settings
        if before.settings[name] != now.settings[name]
    ]  # fmt: skip
    return found + picture_changes(before.pictures, now.pictures)


def model_changes(before: Provenance, now: Provenance) -> list[str]:
    """The same for values that only the loaded base model knows."""
    found: list[str] = []
    if before.prediction_type not in ("", now.prediction_type):
        found.append(say("{what}: {before} at its start, {now} now", what="prediction_type",
                         before=before.prediction_type, now=now.prediction_type))  # fmt: skip
    pairs = list(zip(before.schedule, now.schedule, strict=False))
    if any(abs(old - new) > 1e-4 for old, new in pairs):
        found.append(say("noise schedule: ends at {before:.4g} at its start, at {now:.4g} now",
                         before=before.schedule[-1], now=now.schedule[-1]))  # fmt: skip
    return found


_OWN = say("the checkpoint's own")


def _content(made: Provenance) -> str:
    return made.vae.content if made.vae else ""


def _length(made: Provenance) -> str:
    return say("{steps} steps with {batches} batches an epoch", steps=made.total_steps, batches=made.batches_per_epoch)


def picture_changes(before: Sequence[PictureMark], now: Sequence[PictureMark]) -> list[str]:
    """Changed, added and removed pictures; empty where only names or folders changed."""
    if [_numbers(one) for one in before] == [_numbers(one) for one in now]:
        return []
    if not before:
        return [say("pictures, captions or repeats (the list of those at its start is gone)")]
    pairs, removed, added = paired(before, now, _SAME)
    folders = Counter((_where(old), _where(new)) for old, new in pairs if _where(old) != _where(new))
    found = [_named(say("pictures removed"), removed), _named(say("pictures added"), added),
             _named(say("pictures edited"), [new for old, new in pairs if old.content != new.content]),
             _named(say("captions changed"), [new for old, new in pairs if old.caption != new.caption]),
             _named(say("masks changed"), [new for old, new in pairs if old.mask != new.mask])]  # fmt: skip
    found += [_moved(*both, count) for both, count in folders.items()]
    repeats = Counter((_where(old), old.repeats, new.repeats) for old, new in pairs if _where(old) == _where(new))
    found += [
        say("repeats of {folder}: {before} at its start, {now} now", folder=folder, before=old, now=new)
        for folder, old, new in repeats
        if old != new
    ]
    return [text for text in found if text] or [say("order of the pictures")]


def _moved(old: str, new: str, count: int) -> str:
    if count == 1:
        return say("folder {before} is {now} now: 1 picture", before=old, now=new)
    return say("folder {before} is {now} now: {count} pictures", before=old, now=new, count=count)


def _numbers(one: PictureMark) -> tuple[object, ...]:
    return one.content, one.caption, one.repeats, one.reg, one.mask


def _where(one: PictureMark) -> str:
    return say("{folder} (regularisation)", folder=one.folder) if one.reg else one.folder


def _named(what: str, pictures: Sequence[PictureMark]) -> str:
    """ "pictures added: 12 (3_cat/a.png, ... and 2 more)"; empty for none."""
    names = sorted(f"{one.folder}/{one.name}" for one in pictures)
    if not names:
        return ""
    listed = ", ".join(names[:_NAMED])
    if len(names) > _NAMED:
        listed = say("{names} and {count} more", names=listed, count=len(names) - _NAMED)
    return say("{what}: {count} ({names})", what=what, count=len(names), names=listed)
