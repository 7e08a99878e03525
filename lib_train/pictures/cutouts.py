"""What a picture shows, cut out of its background: by rembg, where it is installed. Nothing is ever downloaded."""

import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops

from lib_train.errors import ConfigError, DatasetError, MissingPackage, ModelFileError, Problem, reason
from lib_train.marks import mark_of
from lib_train.pictures.layers import eight_bits, flattened
from lib_train.pictures.retouch import Change, Retouch, color_of, on_color
from lib_train.texts import say

MODELS = ("u2net", "u2netp", "u2net_human_seg", "silueta", "isnet-general-use", "isnet-anime")
"""Of rembg: those that are one file, called after them."""
TRANSPARENT = "transparent"
_SOURCE = "https://github.com/danielgatis/rembg/releases/download/v0.0.0/"


def on_ground(color: str, cut: Change | None = None) -> Retouch:
    """The picture on a colour instead of what is transparent.

    Args:
        color: "transparent" leaves it so.
        cut: makes everything transparent but what the picture shows.

    Raises:
        ConfigError: it is no colour; or nothing would be done.
    """
    if cut is None:
        if color == TRANSPARENT:
            remedy = say("changes nothing unless a model cuts out what the pictures show: name one with cut_out")
            raise ConfigError([Problem("color", color, remedy)])
        return on_color(color)
    if color == TRANSPARENT:
        return Retouch("cutout", cut, lambda mask: mask, "")
    color_of(color)  # before the model works
    ground = on_color(color)
    return ground._replace(picture=lambda picture: ground.picture(cut(picture)))


def by_rembg(model: str, permitted: Callable[[str, str], Path]) -> Change:
    """Makes everything transparent but what a picture shows.

    Args:
        model: one of ``MODELS``, whose file lies where rembg keeps its models; or the path of a file called so.
        permitted: turns a path that somebody named into one that may be read.

    Raises:
        ConfigError: there is no such model.
        MissingPackage: rembg or onnxruntime is not installed.
        ModelFileError: the file is not there, or is no model.
    """
    name = model if model in MODELS else Path(model).stem
    if name not in MODELS:
        remedy = say("must be one of {known}, or a file that is called so", known=", ".join(MODELS))
        raise ConfigError([Problem("cut_out", model, remedy)])
    remove, kind = _rembg(name)
    path = _file_of(kind, name) if model == name else permitted("cut_out", model)
    if not path.is_file():
        raise ModelFileError(
            say("{path}: is not there; get {source} and put it there", path=path, source=f"{_SOURCE}{name}.onnx")
        )
    session = _session(name, path, mark_of(path))

    def cut(picture: Image.Image) -> Image.Image:
        layer = eight_bits(picture)
        try:
            mask = remove(flattened(layer), session=session, only_mask=True).convert("L")
        except Exception as error:  # of onnxruntime, numpy and Pillow alike
            raise DatasetError(say("rembg cannot cut it out ({why})", why=reason(error))) from error
        if layer.mode in ("LA", "RGBA"):
            mask = ImageChops.darker(mask, layer.getchannel("A"))
        made = layer.convert("LA" if layer.mode in ("L", "LA") else "RGBA")
        made.putalpha(mask)
        return made

    return cut


def _rembg(name: str) -> tuple[Callable[..., Any], Any]:
    """What removes, and the kind of session that the model needs."""
    for package in ("onnxruntime", "rembg"):
        try:
            __import__(package)
        except (ImportError, SystemExit) as error:  # rembg ends the program where it misses something
            missing = getattr(error, "name", None) or package  # perhaps one that it needs itself
            raise MissingPackage(missing.partition(".")[0], say("cutting out what pictures show")) from error
    from rembg import remove
    from rembg.sessions import sessions_class

    return remove, next(kind for kind in sessions_class if kind.name() == name)


def _file_of(kind: Any, name: str) -> Path:
    """Where rembg has the model's file, or would have it."""
    if hasattr(kind, "resolve_existing"):  # from 2.0.70 on, a folder for each model
        return Path(kind.resolve_existing(f"{name}.onnx") or os.path.join(kind.model_dir(), f"{name}.onnx"))
    return Path(kind.u2net_home(), f"{name}.onnx")


@lru_cache(maxsize=1)
def _session(name: str, path: Path, mark: object) -> Any:
    """``mark`` is part of the cache's key: another file of the same name is opened anew."""
    import onnxruntime

    _, kind = _rembg(name)
    local = type(kind.__name__, (kind,), {"download_models": classmethod(lambda *given, **more: str(path))})
    try:
        return local(name, onnxruntime.SessionOptions())
    except Exception as error:  # onnxruntime has a dozen kinds, none of them exported
        why = reason(error).splitlines()[0][:200]
        raise ModelFileError(say("{path}: is no model that rembg can use ({why})", path=path, why=why)) from error
