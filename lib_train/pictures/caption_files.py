"""Caption files as bytes: new text in the encoding, with the line ends and the surrounding space of the old one."""

import codecs
import re
from typing import NamedTuple

from lib_train.pictures.sidecars import bytes_of, text_in, tidied

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins with the mark of UTF-16, so it is asked for first
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_END = re.compile(r"\r\n|\r|\n")


class CaptionFile(NamedTuple):
    """A caption file taken apart."""

    mark: bytes
    """Its byte order mark, or nothing."""
    encoding: str
    before: str
    """Space before the first line."""
    lines: tuple[str, ...]
    ends: tuple[str, ...]
    """What follows each line but the last."""
    after: str
    """Space behind the last line."""

    @classmethod
    def read(cls, name: str, content: bytes) -> "CaptionFile":
        """Takes a file's content apart.

        Raises:
            DatasetError: it is no text that captions are read from; says why.
        """
        text = text_in(name, content)
        mark, encoding = next(((mark, known) for mark, known in _MARKS if content.startswith(mark)), (b"", "utf-8"))
        body = text.strip()
        start = text.index(body)
        ends = _END.findall(body)
        lines = tuple(_END.split(body))
        return cls(mark, encoding, text[:start], lines, tuple(ends), text[start + len(body) :])

    @property
    def text(self) -> str:
        """All lines, as ``read_whole`` gives them."""
        return tidied("\n".join(self.lines))

    def with_text(self, name: str, text: str) -> bytes:
        """The content with other text.

        Raises:
            DatasetError: the text cannot be written.
        """
        lines = text.split("\n")
        usual = self.ends[0] if self.ends else "\n"
        ends = [*self.ends[: len(lines) - 1], *[usual] * (len(lines) - 1 - len(self.ends)), ""]
        whole = "".join([self.before, *(line + end for line, end in zip(lines, ends, strict=True)), self.after])
        return self.mark + bytes_of(name, whole, self.encoding)
