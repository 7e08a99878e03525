"""Caption files beside pictures: which belongs to which, and what is in them."""

import codecs
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from lib_train import files
from lib_train.errors import DatasetError, reason
from lib_train.marks import Mark
from lib_train.names import composed
from lib_train.texts import either, say

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins with the mark of UTF-16, so it is asked for first
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_GUESSES = (
    ("Shift-JIS", "cp932"), ("GBK", "gb18030"), ("Big5", "big5"), ("EUC-JP", "euc_jp"), ("EUC-KR", "cp949"),
    ("Windows-1251", "cp1251"), ("KOI8-R", "koi8_r"), ("Windows-1252", "cp1252"), ("UTF-16", "utf-16-le"),
)  # fmt: skip
_NO_LETTERS = ("Cc", "Cn", "Co", "Cs")
"""Kinds of characters that no caption has: controls, and what Unicode knows nothing of."""
_MOST_BYTES = 2**20


class Captions:
    """The caption files among the files of one folder, by the stem of the picture that they belong to.

    Of several for one stem the one of the first ending counts, in any case. A stem is one name in whatever Unicode
    form, but the very same form comes first.
    """

    def __init__(self, files: Iterable[Path], endings: Sequence[str]) -> None:
        found: dict[str, tuple[int, bool, Path]] = {}
        for file in files:
            for rank, ending in enumerate(endings):
                if not file.name.lower().endswith(ending.lower()):
                    continue
                stem = file.name[: -len(ending)]
                this = (rank, not file.name.endswith(ending), file)
                found[stem] = min(found.get(stem, this), this)
        self._files = {stem: file for stem, (_, _, file) in found.items()}
        self._composed = {composed(stem): file for stem, file in self._files.items()}

    def of(self, picture: Path) -> Path | None:
        """The caption file of a picture."""
        stem = picture.stem
        return self._files.get(stem) or self._composed.get(composed(stem))


class Words(NamedTuple):
    """A caption file as it was when it was read."""

    text: str = ""
    """All lines."""
    problem: str = ""
    """Why it cannot be read; empty when it can."""
    mark: Mark | None = None


def read_words(file: Path, mark: Mark | None = None) -> Words:
    """What is in a caption file, or why it cannot be read."""
    try:
        return Words(read_whole(file), "", mark)
    except DatasetError as error:
        return Words("", str(error), mark)


def read_whole(file: Path) -> str:
    """All lines of a caption file, without space around them.

    UTF-8, or what a byte order mark says: UTF-16 and UTF-32.

    Raises:
        DatasetError: it is not such text; says what it might be and the way out.
    """
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise DatasetError(
                say(
                    "{name} holds more than {size} MiB and is no caption; remove it",
                    name=file.name,
                    size=_MOST_BYTES // 2**20,
                )
            )
        content = file.read_bytes()
    except OSError as error:
        raise DatasetError(
            say("{name} cannot be read ({why}); check its permissions", name=file.name, why=reason(error))
        ) from error
    return tidied(text_in(file.name, content))


def text_in(name: str, content: bytes) -> str:
    """The text that the bytes of a caption file are, letter by letter.

    Raises:
        DatasetError: as ``read_whole``.
    """
    text = _decoded(name, content)
    if "\0" in text:
        raise DatasetError(
            say(
                "{name} holds NUL characters, as UTF-16 without its mark or damaged files do; save it as UTF-8",
                name=name,
            )
        )
    return text


def tidied(text: str) -> str:
    """The text with line feeds as line ends, without surrounding space."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def write_whole(file: Path, text: str) -> None:
    """Write a caption file as UTF-8, whole or not at all. A link is replaced, not followed.

    Raises:
        DatasetError: it is no text that a caption file can hold, or the folder cannot be written to.
    """
    content = bytes_of(file.name, tidied(text))
    try:
        files.write_whole(file, content)
    except OSError as error:
        raise DatasetError(
            say(
                "{name} cannot be written ({why}); make room or check the folder's permissions",
                name=file.name,
                why=reason(error),
            )
        ) from error


def bytes_of(name: str, text: str, encoding: str = "utf-8") -> bytes:
    """A caption as the bytes of a file.

    Raises:
        DatasetError: it is no text that a caption file can hold.
    """
    try:
        content = text.encode(encoding)
    except UnicodeEncodeError:
        raise DatasetError(say("{name}: the caption holds half of a character; type it anew", name=name)) from None
    if "\0" in text or len(content) > _MOST_BYTES:
        raise DatasetError(
            say(
                "{name}: the caption is longer than {size} MiB or holds NUL characters; shorten it",
                name=name,
                size=_MOST_BYTES // 2**20,
            )
        )
    return content


def _decoded(name: str, content: bytes) -> str:
    encoding = next((known for mark, known in _MARKS if content.startswith(mark)), "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        usual_name = encoding.removesuffix("-sig").upper()
        remedy = say("save it as UTF-8")
        if guess := _guess(content) if encoding == "utf-8" else "":
            remedy = say("it reads {guess}: open it in the encoding that looks right and save it as UTF-8", guess=guess)
        raise DatasetError(
            say("{name} cannot be read as {encoding} text ({why} at byte {place}); {remedy}",
                name=name, encoding=usual_name, why=error.reason, place=error.start, remedy=remedy)
        ) from error  # fmt: skip


def _guess(content: bytes) -> str:
    """How the text reads in the encodings that fit: the person sees which one is right."""
    read = []
    for name, codec in _GUESSES:
        try:
            text = content.decode(codec).strip().partition("\n")[0].strip()
        except UnicodeDecodeError:
            continue
        if text and not any(unicodedata.category(letter) in _NO_LETTERS for letter in text.replace("\t", " ")):
            read.append(say("{text!r} in {encoding}", text=text[:24], encoding=name))
    return either(read) if read else ""
