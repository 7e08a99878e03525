"""Pictures and captions that come in: each whole or not at all, beside what is there, nothing written over.

Where they come from (a browser, an archive, a folder) is not known here: they are paths and streams.
"""

import errno
import io
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from itertools import count
from pathlib import Path
from typing import IO

from lib_train.errors import PictureError, TrainToolsError, reason
from lib_train.files import written
from lib_train.names import child, composed, is_picture
from lib_train.pictures.archives import Source
from lib_train.pictures.arrivals import Arrival, Belongs, Ground, Taken, apart, grouped, is_caption
from lib_train.pictures.changes import digest_of
from lib_train.pictures.coming import Coming
from lib_train.pictures.conversion import CONVERTED, as_png
from lib_train.pictures.doubles import Doubles, same
from lib_train.pictures.images import look_at
from lib_train.pictures.prompts import caption_of, infotext_of
from lib_train.texts import joined, say

GoOn = Callable[[int, int], bool]
"""Told (files done, all files); False cancels."""
_LONGEST_CAPTION = 2**20
_TRIES = 20
_FREE, _SAME, _OTHER = "free", "same", "other"


def take_in(
    ground: Ground,
    default: str,
    sources: Iterable[Source],
    *,
    captions_from_prompts: bool = False,
    dry_run: bool = False,
    go_on: GoOn = lambda done, total: True,
    coming: Coming | None = None,
) -> Taken:
    """Write files below their ``<repeats>_<name>`` folders, each whole or not at all.

    A picture whose name another one has gets a number, and its captions with it. Of formats that are not trained on a
    PNG is made, and the file itself kept in ``ground.places.origin``. When it is cancelled, or ends by an error that
    is of no file, all that it wrote is gone again.

    Args:
        default: name of the folder for files that come from no such folder.
        captions_from_prompts: whether a picture without a caption gets the prompt that it was made with as one.
        dry_run: whether nothing is written: only counted.
        coming: is told of each file before it has its name; an error of it takes everything back.
    """
    taken = Taken()
    groups = grouped(sources, default, taken)
    taking = _Taking(ground, taken, captions_from_prompts, dry_run, coming)
    total, done = sum(map(len, groups.values())), 0
    try:
        for belongs, files in groups.items():
            if not go_on(done, total):
                taken.cancelled = True
                break
            taking.take(belongs, files)
            done += len(files)
        else:
            go_on(done, total)
            taken.edit = coming.end(set(taken.made)) if coming else 0
    except BaseException:
        taking.take_back()
        raise
    if taken.cancelled:
        taking.take_back()
        return Taken(cancelled=True)
    return taken


class _Taking:
    """One import, and what it has written so far."""

    def __init__(
        self, ground: Ground, taken: Taken, captions_from_prompts: bool, dry_run: bool, coming: Coming | None
    ) -> None:
        self._ground, self._taken, self._prompts, self._dry = ground, taken, captions_from_prompts, dry_run
        self._coming = coming
        self._folders: list[Path] = []
        self._places: dict[tuple[bool, str], Path | None] = {}
        self._names: dict[Path, dict[str, set[str]]] = {}
        self._doubles = Doubles(ground.searched)

    def take(self, belongs: Belongs, files: Sequence[tuple[str, Source]]) -> None:
        """Write what belongs together, or say why not."""
        place = self._place(belongs)
        if place is None:
            return
        with ExitStack() as streams:
            arrived = (self._arrived(streams, name, source) for name, source in files)
            arrivals = sorted((one for one in arrived if one), key=lambda one: one.is_caption)
            for together in apart(arrivals):
                self._settle(place, belongs.stem, together)

    def take_back(self) -> None:
        """Delete what was written: whoever gave it has it still."""
        self._delete_from(0)
        for folder in reversed(self._folders):
            with suppress(OSError):  # somebody else put something there
                folder.rmdir()
        if self._coming:
            with suppress(TrainToolsError):  # else undo finds nothing of it
                self._coming.end(())

    def _delete_from(self, place: int) -> None:
        made = self._taken.made
        while len(made) > place:
            with suppress(OSError):
                made.pop().unlink()

    def _place(self, belongs: Belongs) -> Path | None:
        key = belongs.is_reg, belongs.folder
        if key not in self._places:
            self._places[key] = self._opened_place(*key)
        return self._places[key]

    def _opened_place(self, is_reg: bool, name: str) -> Path | None:
        shown, above = f"{'reg' if is_reg else 'train'}/{name}", self._ground.reg if is_reg else self._ground.train
        try:
            if above is None:
                raise OSError(0, say("regularisation pictures need a folder of their own: name it with reg_data_dir"))
            place = child(above, name)
            if above.is_symlink() or place.is_symlink():
                raise OSError(0, say("it is a link; put the folder itself there"))
            self._make(place)
        except OSError as error:
            why = say("the folder cannot be made ({why})", why=reason(error))
            self._taken.refused.append(joined(": ", (shown, why)))
            return None
        return place

    def _make(self, folder: Path) -> None:
        missing = [one for one in (folder, *folder.parents) if not one.is_dir()]
        for one in () if self._dry else reversed(missing):
            try:
                one.mkdir(exist_ok=True)
            except FileExistsError as error:  # a file, not another one's folder
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(one)) from error
            self._folders.append(one)

    def _arrived(self, streams: ExitStack, name: str, source: Source) -> Arrival | None:
        ending = os.path.splitext(name)[1]
        try:
            content = streams.enter_context(source.open())
            if ending.lower() in CONVERTED:
                return Arrival(name, ".png", io.BytesIO(as_png(content)), content)
            if is_caption(name) and content.seek(0, os.SEEK_END) > _LONGEST_CAPTION:
                raise OSError(0, say("it is longer than {size} MiB and no caption", size=_LONGEST_CAPTION // 2**20))
            return Arrival(name, ending, content)
        except TrainToolsError as error:
            self._taken.refused.append(joined(": ", (name, error)))
        except OSError as error:
            self._taken.refused.append(joined(": ", (name, say("cannot be read ({why})", why=reason(error)))))
        return None

    def _settle(self, place: Path, stem: str, arrivals: Sequence[Arrival]) -> None:
        """Find the first number that is free for all, and write them; again where somebody else was faster."""
        for _ in range(_TRIES):
            try:
                return self._settle_once(place, stem, arrivals)
            except FileExistsError:
                self._names.pop(place, None)
        why = say("other files get its name all the time")
        self._taken.refused += [joined(": ", (one.name, say("cannot be written ({why})", why=why))) for one in arrivals]
        return None

    def _settle_once(self, place: Path, stem: str, arrivals: Sequence[Arrival]) -> None:
        for number, numbered in _numbered(stem):
            states = [self._state(place, numbered + one.ending, one) for one in arrivals]
            if not self._fits(place, numbered, arrivals, states):
                continue
            for one, state in zip(arrivals, states, strict=True):
                self._keep(place, numbered, number, one, state)
            if self._prompts and not any(one.is_caption for one in arrivals):
                self._caption(place, numbered, arrivals[0])
            return
        raise AssertionError("numbers never end")

    def _fits(self, place: Path, stem: str, arrivals: Sequence[Arrival], states: Sequence[str]) -> bool:
        """Whether this stem is free for all of them, or theirs already."""
        pictures = [state for one, state in zip(arrivals, states, strict=True) if not one.is_caption]
        captions = [state for one, state in zip(arrivals, states, strict=True) if one.is_caption]
        if not pictures or all(state == _SAME for state in pictures):
            return True
        own = {composed(stem + one.ending) for one in arrivals}
        strangers = any(is_picture(name) and composed(name) not in own for name in self._named(place, stem))
        return not (strangers or _OTHER in pictures or _OTHER in captions)

    def _named(self, place: Path, stem: str) -> set[str]:
        """Names of the files in a folder that have this stem."""
        if place not in self._names:
            names = self._names[place] = {}
            with suppress(OSError):
                for name in os.listdir(place):
                    names.setdefault(composed(os.path.splitext(name)[0]), set()).add(name)
        return self._names[place].setdefault(composed(stem), set())

    @staticmethod
    def _state(place: Path, name: str, arrival: Arrival) -> str:
        path = child(place, name)
        if not os.path.lexists(path):
            return _FREE
        return _SAME if same(path, arrival.content) else _OTHER

    def _keep(self, place: Path, stem: str, number: int, arrival: Arrival, state: str) -> None:
        name, taken = stem + arrival.ending, self._taken
        if state == _OTHER:
            stays = say("a caption of other words is there already; it stays")
            taken.refused.append(joined(": ", (name, stays)))
            return
        if state == _SAME:
            taken.same += 1
            return
        path, before = child(place, name), len(taken.made)
        try:
            if arrival.original:
                self._write(self._origin(place, stem, arrival), arrival.original)
            self._write(path, arrival.content)
        except OSError as error:
            self._delete_from(before)
            if isinstance(error, FileExistsError):
                raise
            taken.refused.append(joined(": ", (arrival.name, _unwritten(error))))
            return
        self._named(place, stem).add(path.name)
        taken.kept += 1
        taken.converted += arrival.original is not None
        if not arrival.is_caption:
            taken.renamed += number > 1
            self._look_at(path, arrival)

    def _write(self, path: Path, content: IO[bytes]) -> None:
        if self._dry:
            return
        self._make(path.parent)
        content.seek(0)
        with written(path, replace=False) as partial, partial.open("wb") as file:
            shutil.copyfileobj(content, file)
            file.close()
            if self._coming:
                self._coming.add({path: digest_of(partial)})
        self._taken.made.append(path)

    def _origin(self, place: Path, stem: str, arrival: Arrival) -> Path:
        """A free name for the file as it came."""
        folder, ending = self._ground.places.origin / place.name, os.path.splitext(arrival.name)[1]
        return next(path for _, name in _numbered(stem) if not os.path.lexists(path := child(folder, name + ending)))

    def _look_at(self, path: Path, arrival: Arrival) -> None:
        """Say whether a new picture is there twice, and whether it cannot be read."""
        if other := self._doubles.add(path, arrival.content):
            where = f"{other.parent.name}/{other.name}"
            self._taken.twice.append(say("{name}: is the same picture as {other}", name=path.name, other=where))
        if self._dry:
            return
        try:
            look_at(path)
        except PictureError as error:
            self._taken.unreadable.append(joined(": ", (path.name, error.why)))

    def _caption(self, place: Path, stem: str, picture: Arrival) -> None:
        if any(map(is_caption, self._named(place, stem))):
            return
        caption = caption_of(infotext_of(picture.original or picture.content))
        path = child(place, f"{stem}.txt")
        try:
            if caption:
                self._write(path, io.BytesIO(caption.encode(errors="replace")))
        except OSError as error:
            self._taken.refused.append(joined(": ", (path.name, _unwritten(error))))
            return
        self._taken.captioned += bool(caption)


def _unwritten(error: OSError) -> str:
    return say("cannot be written ({why}); make room or check permissions", why=reason(error))


def _numbered(stem: str) -> Iterator[tuple[int, str]]:
    for number in count(1):
        yield number, stem if number == 1 else f"{stem}-{number}"
