"""Folders of captions and pictures with odd names and encodings, and what lies in a folder."""

import os
import unicodedata
from pathlib import Path

NAMES = (
    "a", "B (1)", "c [x]", "it's", 'say "hi"', "\u732b \U0001f431", unicodedata.normalize("NFC", "\u00e9t\u00e9"),
    unicodedata.normalize("NFD", "\u00fcber"), "per%cent", "semi;colon", "-dash", "dot.dot", " space ", "a'b\"c",
)  # fmt: skip
CAPTIONS = (
    b"mochi, blue eyes, long hair",
    "mochi, \u5e74\u7cd5".encode("utf-8-sig"),
    "mochi, \U0001f431".encode("utf-16"),
    b"mochi,\r\nsecond line\r\n",
    b"",
    "\u8d64\u3044\u5e3d\u5b50".encode("cp932"),
    b"\xff\xfe\x00 broken \x00\xd8",
)


def made_tree(root: Path) -> Path:
    """Fill ``root/dataset/train/10_mochi`` and give that folder."""
    folder = root / "dataset" / "train" / "10_mochi"
    folder.mkdir(parents=True)
    for place, name in enumerate(NAMES):
        (folder / f"{name}.png").write_bytes(f"picture {name}".encode())
        (folder / f"{name}.txt").write_bytes(CAPTIONS[place % len(CAPTIONS)])
    return folder


def content_below(root: Path) -> dict[str, bytes]:
    """Bytes of all files below a folder but those of a journal, of what it keeps, and of a cache."""
    found = {}
    for folder, names, files in os.walk(root):
        names[:] = [name for name in names if name not in ("undone", "cache", ".train_tools")]
        for name in files:
            path = Path(folder, name)
            if "edits.jsonl" not in name:
                found[path.relative_to(root).as_posix()] = path.read_bytes()
    return found
