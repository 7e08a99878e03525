"""The WebUI's upscalers, as far as their files are there: the WebUI would begin to download others."""

import os
from pathlib import Path
from typing import Any

from modules import shared
from PIL import Image

from lib_train.errors import ConfigError, HostModelError, ModelFileError, Problem
from lib_train.texts import say

_NONE = "None"
_MOST_TIMES = 3
_ENDINGS = (".ckpt", ".pth", ".pt", ".safetensors")


def upscaler_names() -> list[str]:
    """Upscalers that can be used as things are."""
    return [one.name for one in shared.sd_upscalers if one.name != _NONE and not _missing(one)]


def upscaler_named(name: str) -> Any:
    """The WebUI's entry of this name.

    Raises:
        ConfigError: there is none.
        ModelFileError: its file is missing.
    """
    found = next((one for one in shared.sd_upscalers if one.name == name != _NONE), None)
    if found is None:
        remedy = say("choose one of {known}", known=", ".join(upscaler_names()))
        raise ConfigError([Problem("upscaler", name, remedy)])
    if _missing(found):
        url, folder = found.data_path or found.scaler.model_url, next(iter(_folders(found)), shared.models_path)
        raise ModelFileError(
            say("upscaler = {name!r}: its file is missing; get {url} and put it into {folder}",
                name=name, url=url, folder=folder)
        )  # fmt: skip
    return found


def larger(found: Any, picture: Image.Image, scale: float) -> Image.Image:
    """What an upscaler makes of a picture, of at least ``scale`` times its size where it can.

    Raises:
        HostModelError: nothing: the WebUI reports its errors on the console alone, and gives the picture back.
    """
    scaler, drawn = found.scaler, picture
    before = scaler.scale
    scaler.scale = scale
    try:
        for _ in range(_MOST_TIMES):
            if drawn.width >= int(picture.width * scale) and drawn.height >= int(picture.height * scale):
                break
            size, drawn = drawn.size, scaler.do_upscale(drawn, found.data_path)
            if drawn.size == size:
                break
    finally:
        scaler.scale = before
    if drawn.size == picture.size:
        raise HostModelError(
            say("upscaler = {name!r}: the WebUI gave the picture back as it was; its console says why", name=found.name)
        )
    return drawn


def _missing(found: Any) -> bool:
    """Whether its file would have to be downloaded."""
    address = str(getattr(found, "local_data_path", None) or found.data_path or "")
    if not address and getattr(found.scaler, "model_url", None):  # LDSR looks for its file when it is used
        return not any(path.suffix in _ENDINGS for folder in _folders(found) for path in folder.rglob("*"))
    if not address.startswith("http"):
        return bool(address) and not os.path.exists(address)
    names = {address.rpartition("/")[2].partition("?")[0], f"{getattr(found.scaler, 'model_name', '')}.pth"}
    return not any((folder / name).is_file() for folder in _folders(found) for name in names)


def _folders(found: Any) -> list[Path]:
    """Where the WebUI looks for its file, and would put it."""
    named = (getattr(found.scaler, name, None) for name in ("model_download_path", "user_path", "model_path"))
    return [Path(folder) for folder in dict.fromkeys(named) if folder]
