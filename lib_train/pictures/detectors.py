"""Detectors in ONNX files that a person points to, of YOLOv8's layout, such as those of anime faces and bodies.

S is the side of the square that a detector looks at, n its number of kinds, N the number of its candidates.
"""

import ast
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy
from numpy.typing import NDArray
from PIL import Image

from lib_train.errors import ConfigError, FileError, MissingPackage, Problem, reason
from lib_train.pictures.crops import Box
from lib_train.pictures.faces import Detection, Detector, as_rgb
from lib_train.texts import say

_USUAL_SIDE = 640
_GREY = 114
"""Of what is added beside a picture, as in training."""
_LEAST_SCORE, _MOST_OVERLAP = 0.3, 0.5
_KINDS = {"face": "face", "head": "head", "body": "body", "person": "body", "human": "body", "cat": "cat"}
"""Words in a detector's names -> what they are called here."""


class Letterbox(NamedTuple):
    """A picture as a detector looks at it."""

    pixels: NDArray[numpy.float32]
    """(1, 3, S, S), RGB, 0 to 1."""
    scale: float
    """Its pixels by the picture's."""
    left: int
    top: int
    """Grey pixels before the picture."""


def letterbox(picture: Image.Image, side: int) -> Letterbox:
    """The whole picture in the middle of a grey square.

    Source:
        ultralytics YOLOv8, ``LetterBox``: bilinear, 114 grey, centred; RGB / 255.
    """
    scale = side / max(picture.size)
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    left, top = (side - size[0]) // 2, (side - size[1]) // 2
    square = Image.new("RGB", (side, side), (_GREY,) * 3)
    square.paste(as_rgb(picture).resize(size, Image.Resampling.BILINEAR), (left, top))
    levels = numpy.asarray(square, numpy.float32) / numpy.float32(255)
    return Letterbox(numpy.ascontiguousarray(levels.transpose(2, 0, 1)[None]), scale, left, top)


def detections_of(
    output: NDArray[Any], box: Letterbox, size: tuple[int, int], names: Mapping[int, str], least: float = _LEAST_SCORE
) -> list[Detection]:
    """What a detector found, the likeliest first; of frames of one kind that overlap the likeliest stays.

    Args:
        output: (1, 4 + n, N): middle, width and height in pixels of the square, then a score for each kind.
        size: width and height of the picture.
        names: of the kinds.
    """
    found = numpy.asarray(output, numpy.float64)[0].T  # (N, 4 + n)
    scores = found[:, 4:]
    kinds, best = scores.argmax(1), scores.max(1)
    chosen = numpy.flatnonzero(best >= least)
    middle, half = found[chosen, :2], found[chosen, 2:4] / 2
    corners = numpy.concatenate([middle - half, middle + half], 1)
    kept = _without_overlaps(corners, best[chosen], kinds[chosen])
    shares = (corners - [box.left, box.top] * 2) / box.scale / numpy.array([*size, *size])
    shares = shares.clip(0, 1)
    kept = [place for place in kept if (shares[place, 2:] > shares[place, :2]).all()]
    known = [names[int(kind)] for kind in kinds[chosen]]
    return [Detection(known[place], Box(*map(float, shares[place])), float(best[chosen[place]])) for place in kept]


def _without_overlaps(
    corners: NDArray[numpy.float64], scores: NDArray[numpy.float64], kinds: NDArray[numpy.int64]
) -> list[int]:
    """Places of the frames that stay, by score (greedy non-maximum suppression within each kind)."""
    area = (corners[:, 2:] - corners[:, :2]).prod(1)
    kept: list[int] = []
    for place in numpy.argsort(-scores, kind="stable").tolist():
        same = [one for one in kept if kinds[one] == kinds[place]]
        if same:
            inner = numpy.minimum(corners[same, 2:], corners[place, 2:]) - numpy.maximum(
                corners[same, :2], corners[place, :2]
            )
            shared = inner.clip(0).prod(1)
            if (shared / (area[same] + area[place] - shared)).max() > _MOST_OVERLAP:
                continue
        kept.append(place)
    return kept


def by_onnx(path: Path, least: float = _LEAST_SCORE) -> Detector:
    """The detector in a file.

    Args:
        least: score that counts as found.

    Raises:
        MissingPackage: onnxruntime is not installed.
        FileError: it is no such detector.
        ConfigError: there is no such file.
    """
    if not path.is_file():
        raise ConfigError([Problem("detector", str(path), say("there is no such file; check the path"))])
    session = _session(path, path.stat().st_mtime_ns)
    given, (output, *_) = session.get_inputs()[0], session.get_outputs()
    side = given.shape[2] if isinstance(given.shape[2], int) else _USUAL_SIDE
    kinds = output.shape[1] - 4 if isinstance(output.shape[1], int) else 1
    if len(given.shape) != 4 or len(output.shape) != 3 or kinds < 1 or given.type != "tensor(float)":
        shapes = f"{given.shape} -> {output.shape}"
        raise FileError(
            say("{name}: is no detector of YOLOv8's layout ({shapes}); choose one that gives {wanted}",
                name=path.name, shapes=shapes, wanted="(1, 4+n, N)")
        )  # fmt: skip
    names = _names_of(session.get_modelmeta().custom_metadata_map.get("names", ""), kinds, path.stem)

    def detect(picture: Image.Image) -> Sequence[Detection]:
        box = letterbox(picture, side)
        (found,) = session.run([output.name], {given.name: box.pixels})
        return detections_of(found, box, picture.size, names, least)

    return detect


@lru_cache(maxsize=2)
def _session(path: Path, mark: int) -> Any:
    """``mark`` is part of the cache's key: another file of the same name is opened anew."""
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingPackage("onnxruntime", say("an ONNX detector")) from error
    try:
        return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has a dozen kinds, none of them exported
        why = reason(error).splitlines()[0][:200]
        raise FileError(say("{name}: is no ONNX model that can be run ({why})", name=path.name, why=why)) from error


def _names_of(text: str, count: int, stem: str) -> dict[int, str]:
    """What each kind is called here: by the file's own names, else by the file's."""
    try:
        told = dict(ast.literal_eval(text)) if text else {}
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        told = {}
    names = {kind: str(told.get(kind, stem if count == 1 else kind)) for kind in range(count)}
    return {kind: _kind_of(name) for kind, name in names.items()}


def _kind_of(name: str) -> str:
    return next((ours for word, ours in _KINDS.items() if word in name.lower()), name)
