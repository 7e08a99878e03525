"""Differences between what a run was made from and what is there now, as sentences. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence

from lib_train.jobs.provenance import PictureMark, Provenance

_NAMED = 10


def changes(before: Provenance, now: Provenance) -> list[str]:
    """A sentence for each change that affects numbers; empty when there is none."""
    found = [
        f"{what}: {old} at its start, {new} now"
        for what, old, new, same in (
            ("base model", before.base_model, now.base_model, before.base_model.content == now.base_model.content),
            ("VAE", before.vae or _OWN, now.vae or _OWN, _content(before) == _content(now)),
            ("plan", _length(before), _length(now), _length(before) == _length(now)),
        )
        if not same
    ]
    found += [
        f"setting {name}: {before.settings[name]!r} at its start, {now.settings[name]!r} now"
        for name in before.settings
        if name in now.settings and before.settings[name] != now.settings[name]
    ]
    return found + picture_changes(before.pictures, now.pictures)


def model_changes(before: Provenance, now: Provenance) -> list[str]:
    """The same for values that only the loaded base model knows."""
    found = []
    if before.prediction_type not in ("", now.prediction_type):
        found.append(f"prediction_type: {before.prediction_type} at its start, {now.prediction_type} now")
    pairs = list(zip(before.schedule, now.schedule, strict=False))
    if any(abs(old - new) > 1e-4 for old, new in pairs):
        found.append(f"noise schedule: ends at {before.schedule[-1]:.4g} at its start, at {now.schedule[-1]:.4g} now")
    return found


_OWN = "the checkpoint's own"


def _content(made: Provenance) -> str:
    return made.vae.content if made.vae else ""


def _length(made: Provenance) -> str:
    return f"{made.total_steps} steps with {made.batches_per_epoch} batches an epoch"


def picture_changes(before: Sequence[PictureMark], now: Sequence[PictureMark]) -> list[str]:
    """Changed, added and removed pictures; empty where only names or folders changed."""
    if [_numbers(one) for one in before] == [_numbers(one) for one in now]:
        return []
    if not before:
        return ["pictures, captions or repeats (the list of those at its start is gone)"]
    pairs, removed, added = _paired(before, now)
    folders = Counter((_where(old), _where(new)) for old, new in pairs if _where(old) != _where(new))
    found = [_named("pictures removed", removed), _named("pictures added", added),
             _named("pictures edited", [new for old, new in pairs if old.content != new.content]),
             _named("captions changed", [new for old, new in pairs if old.caption != new.caption])]  # fmt: skip
    found += [f"folder {old} is {new} now: {count} {'picture' if count == 1 else 'pictures'}"
              for (old, new), count in folders.items()]  # fmt: skip
    repeats = Counter((_where(old), old.repeats, new.repeats) for old, new in pairs if _where(old) == _where(new))
    found += [f"repeats of {folder}: {old} at its start, {new} now" for folder, old, new in repeats if old != new]
    found = [text for text in found if text]
    return found or ["order of the pictures"]


def _numbers(one: PictureMark) -> tuple[object, ...]:
    return one.content, one.caption, one.repeats, one.reg


def _where(one: PictureMark) -> str:
    return one.folder + (" (regularisation)" if one.reg else "")


def _paired(
    before: Iterable[PictureMark], now: Iterable[PictureMark]
) -> tuple[list[tuple[PictureMark, PictureMark]], list[PictureMark], list[PictureMark]]:
    """Pictures that are the same by place, or by name and content, or by content; then those left of either side."""
    pairs: list[tuple[PictureMark, PictureMark]] = []
    old, new = list(before), list(now)
    for key in (
        lambda one: (one.reg, one.folder, one.name, one.content),
        lambda one: (one.reg, one.folder, one.name),
        lambda one: (one.name, one.content),
        lambda one: (one.content,),
    ):
        there: dict[tuple[object, ...], list[PictureMark]] = {}
        for one in new:
            there.setdefault(key(one), []).append(one)
        left = []
        for one in old:
            if others := there.get(key(one)):
                pairs.append((one, others.pop(0)))
            else:
                left.append(one)
        old, new = left, [one for others in there.values() for one in others]
    return pairs, old, new


def _named(what: str, pictures: Sequence[PictureMark]) -> str:
    """ "pictures added: 12 (3_cat/a.png, ... and 2 more)"; empty for none."""
    names = sorted(f"{one.folder}/{one.name}" for one in pictures)
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{what}: {len(names)} ({', '.join(names[:_NAMED])}{more})" if names else ""
