"""Pictures that are known again: a PNG tells a mark of its request and of all files that it was made with."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from PIL import Image, PngImagePlugin

from lib_train.host.protocol import BaseModelRef, PictureRequest
from lib_train.jobs.provenance import base_of, mark_of

_KEY = "train_tools_request"
_ODD = OSError, ValueError, SyntaxError, Image.DecompressionBombError
"""What Pillow raises where a file is no whole picture."""


def mark_of_request(ref: BaseModelRef, request: PictureRequest) -> str:
    """64 hexadecimal digits, others for each picture that is another; names and places of files do not count.

    Raises:
        ModelFileError: a file that it is made with cannot be read.
    """
    files = [mark_of(path).content for path, _ in request.networks]
    base = [mark and mark.content for mark in base_of(ref)]
    facts = request.facts()
    strengths = [strength for _, strength in request.networks]
    told = json.dumps([facts, files, strengths, base, ref.prediction_type], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def with_mark(text: Mapping[str, str], mark: str) -> dict[str, str]:
    """The texts of a PNG with the mark."""
    return {**text, _KEY: mark}


def known_in(folder: Path, key: str = _KEY) -> dict[str, Path]:
    """The pictures of a folder by their marks, or by another text of the PNG; those that have none are left out."""
    found = {}
    for path in sorted(folder.glob("[!.]*.png")):
        try:
            with PngImagePlugin.PngImageFile(path) as picture:  # reads what stands before the pixels
                if mark := picture.info.get(key):
                    found[str(mark)] = path
        except _ODD:
            continue
    return found


def is_picture(path: Path) -> bool:
    """Whether a file is there and is a whole picture."""
    try:
        with Image.open(path) as picture:
            picture.load()
    except _ODD:
        return False
    return True
