"""What is wrong with a set of pictures, what helps, and pictures that are taken out and put back."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from lib_train.app.picture_sets import PictureSet
from lib_train.config.dataset import DatasetConfig
from lib_train.errors import ConfigError, DatasetError, Problem, reason
from lib_train.pictures.caption_batch import changes
from lib_train.pictures.changes import Step
from lib_train.pictures.doctor.case import NOTE, Finding
from lib_train.pictures.doctor.examine import CODES
from lib_train.pictures.doctor.remedies import MENDING, mended
from lib_train.pictures.entry import Entry
from lib_train.pictures.journal import Edit
from lib_train.pictures.places import Places
from lib_train.pictures.taking_out import steps_back, steps_out
from lib_train.texts import either, joined, say

TAKE_OUT = "take_out"
REMEDIES = (TAKE_OUT, *MENDING)
"""What is done here; other remedies are those of other rooms."""
Plan = Callable[[Iterable[Entry], DatasetConfig, Places], list[Step]]


@dataclass(frozen=True, kw_only=True)
class Treated:
    """What was done, or would be."""

    label: str
    """In words; empty where there is nothing to do."""
    files: tuple[str, ...]
    """Names of the pictures, or of those whose captions change."""
    edit: Edit | None = None
    """None where nothing was written."""
    left: tuple[str, ...] = ()
    """Files that were left as they are, each with the reason."""


def finding(pictures: PictureSet, code: str) -> Finding:
    """One thing that may be wrong; without pictures where nothing is in this way.

    Raises:
        ConfigError: there is no such code.
    """
    _require_code(code)
    nothing = Finding(code=code, severity=NOTE, text="", ids=())
    return next((one for one in pictures.findings() if one.code == code), nothing)


def treat(
    pictures: PictureSet,
    code: str,
    remedy: str = "",
    ids: Collection[int] | None = None,
    *,
    among: Sequence[str] = REMEDIES,
    dry_run: bool = False,
) -> Treated:
    """Do what helps against a finding, as one edit.

    Args:
        remedy: one of the finding's; empty is the best of them.
        ids: some of its pictures; None is all.
        among: the remedies that may be chosen.

    Raises:
        ConfigError: there is no such code or remedy.
        DatasetError: a folder cannot be read; nothing was changed.
        FileError: see ``Journal.apply``.
    """
    found = finding(pictures, code)
    if not found.ids:
        return Treated(label="", files=())
    remedy = _remedy_of(found, remedy, among)
    hit = set(found.ids) if ids is None else set(found.ids) & set(ids)
    case = pictures.case(pictures.entries())
    meant = [entry for entry in case.present if entry.id in hit]
    if remedy == TAKE_OUT:
        return take_out(pictures, meant, dry_run=dry_run)
    batches = mended(remedy, case, meant)
    changed = [new for one in batches for new in one.new]
    steps, left = changes(changed, pictures.dataset)
    label = joined("; ", [one.label for one in batches if one.label])
    return applied(pictures, label, steps, [new.entry for new in changed], dry_run, left)


def take_out(pictures: PictureSet, chosen: Iterable[Entry], *, dry_run: bool = False) -> Treated:
    """Move pictures and their captions to those that were left out.

    Raises:
        DatasetError: a folder or a caption cannot be read; nothing was changed.
        FileError: see ``Journal.apply``.
    """
    meant = [entry for entry in chosen if not entry.left_out]
    label = say("took out pictures: {count}", count=len(meant))
    return applied(pictures, label, moves(steps_out, pictures, meant), meant, dry_run)


def put_back(pictures: PictureSet, chosen: Iterable[Entry], *, dry_run: bool = False) -> Treated:
    """Move pictures that were left out, and their captions, back into their folders.

    Raises:
        TrainToolsError: as ``take_out``.
    """
    meant = [entry for entry in chosen if entry.left_out]
    label = say("put back pictures: {count}", count=len(meant))
    return applied(pictures, label, moves(steps_back, pictures, meant), meant, dry_run)


def moves(plan: Plan, pictures: PictureSet, meant: Sequence[Entry]) -> list[Step]:
    """The steps of a plan.

    Raises:
        DatasetError: a folder or a caption cannot be read.
    """
    try:
        return plan(meant, pictures.dataset, pictures.places)
    except OSError as error:
        raise DatasetError(
            say("{name}: cannot be read ({why}); check its permissions", name=error.filename, why=reason(error))
        ) from error


def _require_code(code: str) -> None:
    if code not in CODES:
        raise ConfigError([Problem("code", code, say("must be one of {known}", known=", ".join(CODES)))])


def _remedy_of(found: Finding, remedy: str, among: Sequence[str]) -> str:
    known = [one for one in found.remedies if one in among]
    if not remedy and known:
        return known[0]
    if remedy in known:
        return remedy
    why = say("nothing is done against {code} here: see the pictures", code=found.code)
    if known:
        why = say("against {code} choose {known}", code=found.code, known=either(known))
    raise ConfigError([Problem("remedy", remedy, why)])


def applied(
    pictures: PictureSet,
    label: str,
    steps: Sequence[Step],
    entries: Sequence[Entry],
    dry_run: bool,
    left: Sequence[str] = (),
) -> Treated:
    """Do the steps as one edit, or say what they would do.

    Raises:
        FileError: see ``Journal.apply``.
    """
    names = tuple(entry.path.name for entry in entries)
    if dry_run or not steps:
        return Treated(label=label if steps else "", files=names if steps else (), left=tuple(left))
    edit = pictures.journal().apply(label, steps)
    return Treated(label=label, files=names, edit=edit, left=(*left, *edit.left))
