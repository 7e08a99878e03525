"""Which picture is which when files come, go, move and change."""

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from lib_train.marks import Mark
from lib_train.pictures.catalog_rows import Row
from lib_train.pictures.facts import digest
from lib_train.pictures.shelves import Seen

_BITS = 48
"""Of an id: every number of JavaScript holds it."""


def identified(
    seen: Seen, rows: Mapping[str, Row], find: Callable[[Sequence[str]], Mapping[str, Row]], key: Callable[[str], str]
) -> tuple[dict[str, Row], set[str]]:
    """Rows of pictures that are new, moved or changed; and the paths that moved ones have left.

    A file that was renamed keeps its id, then one that was written anew under its name, then one whose content is that
    of a missing file. New ones get an id made of their path: it is the same for every process, and again when the
    catalog was deleted.

    Args:
        rows: by path, also of files that are missing now.
        find: asks for rows that another process may know.
        key: names a path as every process does.
    """
    files = dict.fromkeys(slot.file for slot in seen.slots)
    changed = [file for file in files if (row := rows.get(file)) is None or row.mark != seen.marks[file]]
    if not changed:
        return {}, set()
    known = {**rows, **find([file for file in changed if file not in rows])}
    changed = [file for file in changed if file not in known or known[file].mark != seen.marks[file]]
    found = {file: known[file] for file in files if file in known and file not in rows}
    moves = _Moves(changed, files, known, seen.marks)
    taken = {row.id for row in known.values()}
    for file in changed:
        mark, before, row = seen.marks[file], moves.of(file), known.get(file)
        if before is not None:
            found[file] = known[before]._replace(mark=mark)
        elif row is not None and file not in moves.left:
            found[file] = Row(row.id, mark, None, row.facts or row.before)
        else:
            found[file] = Row(_new_id(key(file), taken), mark)
            taken.add(found[file].id)
    return found, {file for file in moves.left if file not in files}


class _Moves:
    """Where files came from that are not as they were."""

    def __init__(
        self,
        changed: Sequence[str],
        files: Mapping[str, object],
        known: Mapping[str, Row],
        marks: Mapping[str, Mark | None],
    ) -> None:
        self.left: set[str] = set()
        """Paths whose file is now another one's."""
        self._came: dict[str, str] = {}
        if all(file in known for file in changed) and len(changed) < 2:
            return
        missing = [file for file in known if file not in files and not os.path.lexists(file)]
        away = [file for file in (*missing, *changed) if file in known]
        by_mark = {_same(mark): file for file in away if (mark := known[file].mark)}
        for file in changed:
            mark = marks[file]
            if mark and (before := by_mark.get(_same(mark))) and before != file:
                self._add(file, before)
        self._by_content(changed, missing, known, marks)

    def of(self, file: str) -> str | None:
        """The path that this file had; None where it was there, or nowhere."""
        return self._came.get(file)

    def _add(self, file: str, before: str) -> None:
        if before not in self.left:
            self.left.add(before)
            self._came[file] = before

    def _by_content(
        self, changed: Sequence[str], missing: Sequence[str], known: Mapping[str, Row], marks: Mapping[str, Mark | None]
    ) -> None:
        """Copies whose original was deleted. Only files of the same size are read."""
        wanted: dict[tuple[int, str], str] = {}
        for file in missing:
            row = known[file]
            facts = row.facts or row.before
            if row.mark and facts and facts.content and file not in self.left:
                wanted[row.mark[0], facts.content] = file
        sizes = {size for size, _ in wanted}
        for file in changed:
            mark = marks[file]
            if mark and mark[0] in sizes and file not in known and file not in self._came:
                with suppress(OSError):
                    if before := wanted.get((mark[0], digest(Path(file).read_bytes()))):
                        self._add(file, before)


def _same(mark: Mark) -> tuple[int, int, int]:
    """What renaming a file leaves as it is: size, time of change, and its number on the disk or its checksum."""
    return mark[0], mark[1], mark[3]


def _new_id(key: str, taken: set[int]) -> int:
    salt = 0
    while True:
        text = f"{salt}/{key}".encode("utf-8", "surrogatepass")
        found = int.from_bytes(hashlib.blake2b(text, digest_size=_BITS // 8).digest(), "big")
        if found not in taken and found:
            return found
        salt += 1
