"""A folder of pictures that gets another name, or other repeats, as steps of an edit."""

import os
from collections.abc import Sequence
from pathlib import Path

from lib_train.names import child, composed
from lib_train.pictures.binding import file_of, moved_binding
from lib_train.pictures.changes import Change, Move, Step, content_of
from lib_train.pictures.places import Places


def steps_renamed(folders: Sequence[Path], title: str, places: Places, *, is_reg: bool) -> list[Step] | None:
    """What gives folders of one name another one, with their masks and those of their pictures that were taken out.

    Args:
        folders: all of that name and kind.

    Returns:
        None where something has the new name already, so that the pictures have to be moved into it.

    Raises:
        OSError: a folder cannot be read.
    """
    old = composed(os.path.basename(os.path.abspath(folders[0])))
    moves = [Move(folder, child(folder.parent, title)) for folder in folders]
    kinds = (places.masks, places.left_out)
    moves += [Move(here, child(here.parent, title)) for kind in kinds for here in _of_name(kind, old, is_reg)]
    if any(os.path.lexists(move.target) and not _is_one(move) for move in moves):
        return None
    path = file_of(places)
    before = content_of(path)
    after = moved_binding(before, old, title) if isinstance(before, bytes) else before
    return [*moves, *([] if after == before else [Change(path, before, after)])]


def _of_name(kind: Path, title: str, is_reg: bool) -> list[Path]:
    """Folders of this name below one of ``places``, as ``taking_out`` lays them out."""
    home = kind / "reg" if is_reg else kind
    numbered = sorted(one for one in home.iterdir() if one.name.isdecimal()) if home.is_dir() else []
    return [found for folder in (home, *numbered) if (found := child(folder, title)).is_dir()]


def _is_one(move: Move) -> bool:
    """Whether both names are one folder's, as on disks that know no capitals."""
    return move.source.exists() and os.path.samefile(move.source, move.target)
