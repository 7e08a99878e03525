"""Edits of pictures and captions, each of which can be taken back.

What an edit is going to do is on the disk before it begins, so that after a crash every file is as it was or as it was
to be, and undo brings back all of it. Steps of one edit concern different files.
"""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from lib_train.errors import FileError, unwritten
from lib_train.files import sync_all
from lib_train.locks import held, holder_of
from lib_train.pictures.changes import (
    Change,
    Failed,
    Left,
    Made,
    Move,
    Step,
    digest_of,
    leave_no_empty,
    move,
    paths_of,
    ready,
    swap,
    told,
)
from lib_train.pictures.coming import Coming
from lib_train.pictures.edit import Edit, Undone, edit_of
from lib_train.pictures.edit_log import Record, log_at
from lib_train.pictures.log_bound import bound
from lib_train.pictures.places import Places
from lib_train.pictures.reach import Reach
from lib_train.texts import joined, say

__all__ = ["Change", "Edit", "Journal", "Made", "Move", "Step", "Undone"]

_WAIT_SECONDS = 20.0
"""For an edit of another window or process."""
_KINDS = {Change: "changed", Move: "moved", Made: "made"}


class Journal:
    """The edits of one set of pictures.

    Args:
        folders: picture folders outside of the places' base whose files may be edited too. Links that lead out of all
            of them are refused.
    """

    def __init__(self, places: Places, folders: Iterable[Path] = ()) -> None:
        self._places = places
        self._roots = [places.base, *folders]
        self._log = log_at(places.journal, places.base)
        self._lock = places.journal.with_name(f".{places.journal.name}.lock")

    def edits(self) -> list[Edit]:
        """All edits, newest first.

        Raises:
            FileError: the journal cannot be read.
        """
        return self.known()[0]

    def known(self) -> tuple[list[Edit], Edit | None]:
        """All edits, newest first, and the one that ``redo`` would do again or complete.

        Raises:
            FileError: the journal cannot be read.
        """
        (known, again), going_on = self._log.known(), holder_of(self._lock) is not None
        edits = [edit_of(record, (), going_on) for record in known]
        return edits, next((one for one in edits if one.number == again and (one.undone or one.half)), None)

    def apply(self, label: str, steps: Sequence[Step]) -> Edit:
        """Do all steps, and note how each is undone. A file that is not as a step says is left and named.

        Args:
            label: what the edit does, for people: ``say(...)``.

        Raises:
            FileError: a step leads out of the pictures' folders, or the journal cannot be written: nothing was done.
            HostBusyError: another process edits for long.
            ValueError: two steps concern one file; these are its arguments.
        """
        self._require_possible(steps)
        with self._alone():
            return self._apply(label, steps)

    def coming(self, label: Callable[[int], str], number: int = 0) -> Coming:
        """An edit of files that are written beside others from now on.

        Args:
            label: what the edit does, for people, of the number of all its files.
            number: of the edit that they belong to as well; where it is not the last one any more, they are a new one.
        """
        return Coming(self._log, self._alone, self._require_possible, label, number)

    def _require_possible(self, steps: Sequence[Step]) -> None:
        _require_different(steps)
        is_permitted = self._permission()
        for path in (path for step in steps for path in paths_of(step)):
            if not is_permitted(path):
                raise FileError(say("{path}: lies outside of the picture folders; nothing was changed", path=path))

    def _apply(self, label: str, steps: Sequence[Step]) -> Edit:
        possible, left = _prepared(steps)
        steps = [step for step, _ in possible]
        if not possible:
            return Edit(number=0, label=label, time=time.time(), counts={}, left=tuple(left))
        number = self._log.begin(label, time.time(), possible, _counts(steps))
        _, refused = self._run(enumerate(steps), self._do)
        left += [_named(steps[place], why) for place, why in refused.items()]
        if len(refused) == len(steps):
            self._log.append(number, "void")
            return Edit(number=0, label=label, time=time.time(), counts={}, left=tuple(left))
        kept = [step for place, step in enumerate(steps) if place not in refused]
        self._log.append(number, "done", sorted(refused), _counts(kept))
        self._log.refresh()
        bound(self._log)
        return edit_of(self._log.records[number], left)

    def undo(self, number: int | None = None) -> Undone:
        """Take an edit back, the last one by default. Files that somebody changed since are left and named.

        Raises:
            FileError: there is nothing to undo, or the journal cannot be read or written.
            HostBusyError: another process edits for long.
        """
        with self._alone():
            record, steps = self._to_undo(number)
            self._log.append(record.number, "undoing")
            torn, digests = record.half, dict(enumerate(digest for _, digest in steps))

            def back(place: int, step: Step) -> bool:
                return self._undo(step, self._kept(record, place, step), digests[place], torn)

            todo = [(place, step) for place, (step, _) in enumerate(steps) if place not in record.left]
            return self._finished(record, "undone", todo[::-1], back)

    def redo(self, number: int | None = None) -> Undone:
        """Do the edit again that was undone last, or complete one that was killed. A new edit ends that possibility.

        Args:
            number: of that edit; where it is another one by now, nothing is done.

        Raises:
            FileError: there is nothing to redo, or the journal cannot be read or written.
            HostBusyError: another process edits for long.
        """
        with self._alone():
            record, journal = self._log.again, self._places.journal
            if number is not None and (record is None or record.number != number):
                raise FileError(say("{path}: there is no edit {number} to redo", path=journal, number=number))
            if record is None:
                raise FileError(say("{path}: there is nothing to redo", path=journal))
            steps = self._log.steps(record)
            self._log.append(record.number, "redoing")

            def forth(place: int, step: Step) -> bool:
                if isinstance(step, Made):
                    step = Made(step.path, self._kept(record, place, step))
                return self._do(place, step, again=True)

            todo = [(place, step) for place, (step, _) in enumerate(steps) if place not in record.left]
            return self._finished(record, "redone", todo, forth)

    def _to_undo(self, number: int | None) -> tuple[Record, list[tuple[Step, str]]]:
        records = self._log.records
        if number is not None:
            if number not in records or records[number].state == "undone":
                raise FileError(
                    say("{path}: there is no edit {number} to undo", path=self._places.journal, number=number)
                )
            return records[number], self._log.steps(records[number])
        for _, record in sorted(records.items(), reverse=True):
            if record.state == "undone":
                continue
            try:
                return record, self._log.steps(record)
            except FileError:
                if record.state != "edit":  # else it was not begun either
                    raise
        raise FileError(say("{path}: there is nothing to undo", path=self._places.journal))

    def _finished(
        self, record: Record, state: str, todo: Sequence[tuple[int, Step]], act: Callable[[int, Step], bool]
    ) -> Undone:
        files, refused = self._run(todo, act)
        if not any(isinstance(why, Failed) for why in refused.values()):  # else it can be tried again
            self._log.append(record.number, state)
        self._log.refresh()
        steps = dict(todo)
        left = tuple(_named(steps[place], why) for place, why in refused.items())
        return Undone(edit=edit_of(record), files=files, left=left)

    def _run(self, steps: Iterable[tuple[int, Step]], act: Callable[[int, Step], bool]) -> tuple[int, dict[int, Left]]:
        """How many steps changed something, and those that could not be; all is on the disk then."""
        done, refused, is_permitted = [], {}, self._permission()
        for place, step in steps:
            try:
                if not all(map(is_permitted, paths_of(step))):
                    raise Left(say("lies outside of the picture folders"))
                if act(place, step):
                    done.append(step)
            except Left as why:
                refused[place] = why
        changed = [path for step in done for path in paths_of(step) if not path.is_symlink()]
        try:
            sync_all(changed)
        except OSError as error:
            raise unwritten(self._places.base, error) from error
        leave_no_empty({path.parent for path in changed}, self._roots, self._places.left_out)
        return len(done), refused

    def _do(self, place: int, step: Step, again: bool = False) -> bool:
        if isinstance(step, Change):
            return swap(step.path, step.before, step.after)
        if isinstance(step, Move):
            return move(step.source, step.target)
        return step.source is not None and move(step.source, step.path)

    def _undo(self, step: Step, kept: Path, digest: str, torn: bool) -> bool:
        if isinstance(step, Change):
            return swap(step.path, step.after, step.before, torn)
        if isinstance(step, Move):
            return move(step.target, step.source)
        with told():
            if not os.path.lexists(step.path):
                return False
            if step.path.is_symlink() or digest_of(step.path) != digest:
                raise Left(say("was changed meanwhile"))
        moved = move(step.path, kept)
        if step.path.parent not in self._roots:
            with suppress(OSError):  # something else lies there
                step.path.parent.rmdir()
        return moved

    def _kept(self, record: Record, place: int, step: Step) -> Path:
        """Where a made file lies while its edit is undone."""
        return self._places.undone / str(record.number) / f"{place}-{paths_of(step)[0].name}"

    def _permission(self) -> Callable[[Path], bool]:
        """Tells whether a path may be written to."""
        reach, own = Reach(self._roots), self._places.journal
        home = own.parent.resolve()

        def is_permitted(path: Path) -> bool:
            return reach.has_name(path) and not (path.name == own.name and path.parent.resolve() == home)

        return is_permitted

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """While no other window or process edits, and with the newest state of the log."""
        try:
            if self._lock.parent != self._places.base:  # which is not made anew where it was moved away
                self._lock.parent.mkdir(exist_ok=True)
        except OSError as error:
            raise unwritten(self._lock.parent, error) from error
        with held(self._lock, say("the editing of these pictures"), wait=_WAIT_SECONDS):
            self._log.refresh()
            yield


def _prepared(steps: Iterable[Step]) -> tuple[list[tuple[Step, str]], list[str]]:
    """Those that can be done, as ``ready`` gives them, and a sentence for each of the others."""
    possible, left = [], []
    for step in steps:
        try:
            possible.append(ready(step))
        except Left as why:
            left.append(_named(step, why))
    return possible, left


def _require_different(steps: Sequence[Step]) -> None:
    seen = Counter(os.path.abspath(path) for step in steps for path in paths_of(step))
    if twice := [path for path, count in seen.items() if count > 1]:
        raise ValueError(twice)


def _counts(steps: Iterable[Step]) -> dict[str, int]:
    return dict(Counter(_KINDS[type(step)] for step in steps))


def _named(step: Step, why: Left) -> str:
    return joined(": ", (paths_of(step)[0].name, why.args[0]))
