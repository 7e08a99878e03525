"""Picture files on disk as entries."""

from itertools import count

from PIL import Image

from lib_train.pictures.entry import Entry

_numbers = count(1)


def entry_of(path, picture=None, caption=None, **facts):
    """An entry of a picture that is saved at ``path``, with its caption file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if picture is not None:
        picture.save(path)
    file = path.with_suffix(".txt")
    if caption is not None:
        file.write_text(caption, encoding="utf-8")
    width, height = picture.size if picture else (0, 0)
    usual = {
        "id": next(_numbers), "path": path, "folder": path.parent.name, "repeats": 1, "width": width, "height": height,
        "caption": caption or "cat", "caption_file": file if caption is not None else None,
    }  # fmt: skip
    return Entry(**{**usual, **facts})


def plain(size=(64, 48), color="red"):
    return Image.new("RGB", size, color)
