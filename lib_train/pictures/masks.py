"""Loss masks beside pictures: grey, 255 is learned and 0 is not, of their picture's proportions.

They lie in ``places.masks/<folder>/<name>.png``, those of regularisation pictures in ``masks/reg/<folder>``.
"""

import io
import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy
from PIL import Image, ImageChops

from lib_train.errors import ConfigError, DatasetError, PictureError, Problem, reason
from lib_train.names import child, composed, is_picture
from lib_train.pictures.changes import Change
from lib_train.pictures.crops import Box
from lib_train.pictures.entry import Entry
from lib_train.pictures.images import open_layers, open_picture
from lib_train.pictures.layers import eight_bits, flattened
from lib_train.pictures.places import Places
from lib_train.pictures.records import Picture, Scan
from lib_train.pictures.retouch import resized
from lib_train.texts import say

_MOST_BYTES = 2**25
_ALIKE = 0.02
"""By how much the proportions of mask and picture may differ."""


def mask_path(places: Places, folder: str, is_reg: bool, stem: str) -> Path:
    """Where the mask of a picture lies, or would lie."""
    kind = places.masks / "reg" if is_reg else places.masks
    return child(child(kind, folder), f"{stem}.png")


def with_masks(entries: Iterable[Entry], places: Places) -> set[int]:
    """Ids of the pictures that have a mask. Lists each folder of masks once, opens none."""
    names: dict[Path, set[str]] = {}
    found = set()
    for entry in entries:
        folder = mask_path(places, entry.folder, entry.is_reg, "-").parent
        if folder not in names:
            names[folder] = {composed(name) for name in listed(folder)}
        if composed(f"{entry.path.stem}.png") in names[folder]:
            found.add(entry.id)
    return found


def mask_of(entry: Entry, places: Places) -> Image.Image | None:
    """A picture's mask in the picture's size; None where it has none.

    Raises:
        PictureError: the file is damaged.
    """
    path = mask_path(places, entry.folder, entry.is_reg, entry.path.stem)
    if not path.is_file():
        return None
    mask = open_picture(path).convert("L")
    size = entry.width or mask.width, entry.height or mask.height
    return resized(mask, size)


def masked(found: Scan, places: Sequence[Places]) -> Scan:
    """The same pictures with their mask files: each has that of the first place which holds one. Opens none."""
    names: dict[Path, set[str]] = {}

    def mask_file(picture: Picture) -> Path | None:
        for one in places:
            path = mask_path(one, picture.folder, picture.is_reg, picture.path.stem)
            if path.parent not in names:
                names[path.parent] = {composed(name) for name in listed(path.parent)}
            if composed(path.name) in names[path.parent]:
                return path
        return None

    def each(pictures: Iterable[Picture]) -> tuple[Picture, ...]:
        return tuple(replace(picture, mask=mask_file(picture)) for picture in pictures)

    return replace(found, pictures=each(found.pictures), held_out=each(found.held_out))


def listed(folder: Path) -> list[str]:
    """Names in a folder; none where there is no folder."""
    return os.listdir(folder) if folder.is_dir() else []


def learned_part(picture: Picture, *, files: bool, alpha: bool) -> Image.Image | None:
    """What of a picture is learned, in its size; None is all of it.

    Args:
        files: whether its mask file counts.
        alpha: whether its transparency counts, where no mask does.

    Raises:
        PictureError: the file is damaged.
    """
    mask = open_picture(picture.mask).convert("L") if files and picture.mask else None
    if mask is None and alpha:
        mask = from_alpha(picture.path)
    return None if mask is None else resized(mask, (picture.width, picture.height))


def from_alpha(path: Path) -> Image.Image | None:
    """The mask that a picture's transparency is; None where every pixel is opaque.

    Raises:
        PictureError: the picture is damaged.
    """
    picture = open_layers(path)
    if picture.mode not in ("LA", "RGBA"):
        return None
    alpha = picture.getchannel("A")
    return None if numpy.asarray(alpha).min() == 255 else alpha


def from_boxes(size: tuple[int, int], boxes: Iterable[Box], outside: int = 0) -> Image.Image:
    """A mask that is 255 in the boxes.

    Args:
        outside: its level elsewhere, 0 to 255.
    """
    mask = Image.new("L", size, outside)
    for box in boxes:
        mask.paste(255, box.pixels(size))
    return mask


def inverted(mask: Image.Image) -> Image.Image:
    return ImageChops.invert(mask)


def from_bytes(content: bytes, size: tuple[int, int]) -> Image.Image:
    """A mask that somebody painted, from a picture file of any format, in a picture's size.

    Transparent pixels count as 0, so that a layer of strokes may be sent as it is.

    Raises:
        DatasetError: it is no picture, too large, or of other proportions.
    """
    if len(content) > _MOST_BYTES:
        raise DatasetError(say("mask: is larger than {size} MiB; save it as a grey PNG", size=_MOST_BYTES // 2**20))
    try:
        mask = open_layers(Path("mask"), io.BytesIO(content))
    except PictureError as error:
        raise DatasetError(say("mask: {why}", why=error.why)) from error
    if abs(mask.width * size[1] / (mask.height * size[0]) - 1) > _ALIKE:
        raise DatasetError(
            say("mask: is {mask} pixels, of other proportions than its picture of {picture}; make it of the same",
                mask=f"{mask.width} x {mask.height}", picture=f"{size[0]} x {size[1]}")
        )  # fmt: skip
    return resized(flattened(eight_bits(mask), "#000000").convert("L"), size)


def files_below(folder: Path) -> dict[tuple[str, str], Path]:
    """Picture files in a folder and in those in it: by their folder's name ("" is the folder itself) and stem.

    Raises:
        ConfigError: it is no folder, or cannot be read.
    """
    found: dict[tuple[str, str], Path] = {}
    try:
        inner = [entry for entry in sorted(folder.iterdir()) if entry.is_dir()]
        for place in (folder, *inner):
            title = "" if place == folder else composed(place.name)
            for path in sorted(place.iterdir()):
                if is_picture(path.name):
                    found.setdefault((title, composed(path.stem)), path)
    except (OSError, ValueError) as error:  # a name that no disk takes, too
        remedy = say("cannot be read ({why}); check the path", why=reason(error))
        raise ConfigError([Problem("folder", str(folder), remedy)]) from error
    return found


def png_of(mask: Image.Image) -> bytes:
    """The mask as a PNG file."""
    out = io.BytesIO()
    mask.save(out, "PNG")
    return out.getvalue()


def writing(entry: Entry, places: Places, mask: Image.Image | None) -> Change | None:
    """What writes a picture's mask over the one that it has, or takes it away; None where it stays as it is.

    Raises:
        DatasetError: the present one cannot be read.
    """
    path = mask_path(places, entry.folder, entry.is_reg, entry.path.stem)
    try:
        before = path.read_bytes() if path.is_file() else None
    except OSError as error:
        why = reason(error)
        raise DatasetError(say("{name}: cannot be read ({why}); check its permissions", name=path, why=why)) from error
    after = None if mask is None else png_of(mask)
    return None if before == after else Change(path, before, after)
