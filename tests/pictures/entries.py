"""Entries of captions that lie in no file."""

from pathlib import Path

from lib_train.pictures.entry import Entry


def entries_of(*captions, folder="10_mochi"):
    """One for each caption; None is a picture without a caption file."""
    found = []
    for number, caption in enumerate(captions):
        path = Path(folder, f"{number}.png")
        file = None if caption is None else path.with_suffix(".txt")
        found.append(Entry(id=number, path=path, folder=folder, repeats=10, caption=caption or "", caption_file=file))
    return found
