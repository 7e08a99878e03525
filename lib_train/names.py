"""Names of files and folders as people mean them: one name in whatever Unicode form, and what programs leave behind."""

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from lib_train.vocabulary import PICTURES

_LEFT_BEHIND = frozenset({
    "__macosx", ".ds_store", "icon\r",  # macOS, and its archives
    "thumbs.db", "ehthumbs.db", "desktop.ini", "$recycle.bin", "recycler", "system volume information",  # Windows
    "lost+found", "@eadir", "@tmp", "#recycle", "#snapshot", "@__thumb", "@recycle", "__pycache__",  # Linux, and NAS
})  # fmt: skip

_PLACE = re.compile(r"(?P<step>step)?(?P<number>\d{6}|\d{8})")
"""End of a checkpoint's name: after which epoch or step of its run it was saved."""
_RUN = re.compile(rf"-{_PLACE.pattern}$")


def left_behind(name: str) -> bool:
    """Whether this is a name of system files or folders, which hold no pictures of a person.

    >>> left_behind("__MACOSX"), left_behind("._a.png"), left_behind("a.png")
    (True, True, False)
    """
    return name.startswith("._") or name.lower() in _LEFT_BEHIND


def out_of_sight(name: str) -> bool:
    """Whether a name is hidden or ``left_behind``."""
    return name.startswith(".") or left_behind(name)


def is_picture(name: str) -> bool:
    """Whether a name ends as a picture's.

    >>> is_picture("a.PNG"), is_picture("a.png.txt")
    (True, False)
    """
    return os.path.splitext(name)[1].lower() in PICTURES


def composed(name: str) -> str:
    """The name with its accents inside the letters: Macs write the letter and the accent, others one sign for both."""
    return name if name.isascii() else unicodedata.normalize("NFC", name)


def child(folder: Path, name: str) -> Path:
    """What has this name in a folder, in whatever Unicode form; the composed name where there is nothing yet."""
    path = folder / name
    if name.isascii() or os.path.lexists(path):
        return path
    wanted = composed(name)
    with suppress(OSError):
        for other in os.listdir(folder):
            if composed(other) == wanted:
                return folder / other
    return folder / wanted


def row_labels(networks: Sequence[Path]) -> list[str]:
    """Labels of checkpoints: the ends of the files' names, after the whole words that they share.

    A run's own names become "epoch 2", "step 500" and, for its end, "last"; also beside files of other names, such as
    mixes, where they are of one run alone.
    """
    stems = [path.stem for path in networks]
    if len(stems) == 1:
        return stems
    made = [_RUN.sub("", stem) for stem in stems]
    runs = [stem for stem, count in Counter(made).items() if count > 1]
    ends = _ends(stems)
    if len(runs) == 1 and not any(re.search(r"-r\d{3,}$", of) for of in made if of != runs[0]):
        ends = [stem[len(runs[0]) + 1 :] if of == runs[0] else end
                for stem, of, end in zip(stems, made, ends, strict=True)]  # fmt: skip
    return [_label(end) or "last" for end in ends]


def _ends(stems: Sequence[str]) -> list[str]:
    shared = os.path.commonprefix(stems)
    if not all(stem[len(shared) :][:1] in ("", "-") for stem in stems):
        shared = shared[: shared.rfind("-") + 1]
    return [stem[len(shared) :].removeprefix("-") for stem in stems]


def _label(end: str) -> str:
    """
    >>> _label("000002"), _label("step00000500"), _label("v5")
    ('epoch 2', 'step 500', 'v5')
    """
    found = _PLACE.fullmatch(end)
    return f"{found['step'] or 'epoch'} {int(found['number'])}" if found else end
