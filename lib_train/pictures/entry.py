"""What is known of one picture file, whether or not it can be used."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lib_train.pictures.captions import tags_of


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One picture file with its caption and what was measured of it."""

    id: int
    """Stays while the file does, also when it is moved from within the program."""
    path: Path
    folder: str
    """Name of its `<repeats>_<name>` folder, without the path."""
    repeats: int
    """Times it counts in an epoch."""
    is_reg: bool = False
    left_out: bool = False
    """Taken out by hand: not trained, kept."""
    bytes: int = 0
    width: int = 0
    height: int = 0
    """Pixels after EXIF rotation; 0 where it cannot be read or was not yet."""
    animated: bool = False
    """More pictures follow the first, which alone is used."""
    damaged: bool = False
    """Some of its metadata is damaged; the pixels are whole."""
    transparent: bool = False
    """Some of its pixels are."""
    clear_edge: bool = False
    """A whole row or column at its edge is transparent."""
    tint: int = 0
    """Mean colour, as 0xRRGGBB."""
    stamp: str = ""
    """Another one when the file changes; empty where it cannot be read."""
    content: str = ""
    """Hexadecimal digest of the file's bytes; the same for the same content."""
    likeness: int = 0
    """Perceptual hash of 64 bits: similar pictures differ in few."""
    sharpness: float = 0.0
    """Variance of the Laplacian of the grey picture (0 to 255) at 512 pixels of its longer side."""
    problem: str = ""
    """Why the picture cannot be used; empty when it can."""
    caption: str = ""
    """Whole text of the caption file as it lies there, or the folder's name behind the repeats where there is none."""
    caption_file: Path | None = None
    """None where there is none."""
    caption_problem: str = ""
    """Why the caption file cannot be read; empty when it can."""
    tokens: int | None = None
    """Of the first line, without begin and end; None where no model says."""

    @cached_property
    def line(self) -> str:
        """The first line, which is trained."""
        return self.caption.partition("\n")[0].strip()

    def tags(self, separator: str = ",") -> list[str]:
        """Tags of the first line, in their order."""
        return tags_of(self.line, separator)

    @property
    def captioned(self) -> bool:
        """There is a caption file."""
        return self.caption_file is not None

    @property
    def more_lines(self) -> bool:
        """Whether the caption has more than one line."""
        return "\n" in self.caption.strip()
