"""Where the things of one set of pictures lie."""

from dataclasses import dataclass
from pathlib import Path

_HIDDEN = ".train_tools"
"""In a folder that is no version's: hidden, so that no trainer takes what lies in it for pictures."""


@dataclass(frozen=True)
class Places:
    """Folders and files beside the pictures, whether they are there or not."""

    base: Path
    """What lies in it is named relative to it, so that it may be renamed."""
    journal: Path
    """Every edit, for undo."""
    left_out: Path
    """Pictures taken out by hand, with their captions, below their folders' names."""
    masks: Path
    """Loss masks, below their pictures' folders' names."""
    origin: Path
    """Files that were converted on the way in, as they were."""
    undone: Path
    """Pictures that an edit had made and its undo took away."""
    cache: Path
    """What can be made anew: catalog and thumbnails."""

    @classmethod
    def of_version(cls, folder: Path) -> "Places":
        """Those of a version's folder."""
        return cls._at(folder, folder, folder / "dataset")

    @classmethod
    def of_folder(cls, folder: Path) -> "Places":
        """Those of a folder that the command line names with ``--train_data_dir``."""
        return cls._at(folder, folder / _HIDDEN, folder / _HIDDEN)

    @classmethod
    def _at(cls, base: Path, own: Path, dataset: Path) -> "Places":
        return cls(
            base=base,
            journal=own / "edits.jsonl",
            left_out=dataset / "left_out",
            masks=dataset / "masks",
            origin=dataset / "origin",
            undone=dataset / "undone",
            cache=own / "cache",
        )
