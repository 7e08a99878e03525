"""The WebUI's DeepBooru, with the score of every tag instead of a text by the WebUI's options."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy
import torch
from modules import deepbooru, devices, images, paths
from PIL import Image

from lib_train.errors import ModelFileError, reason
from lib_train.host.protocol import Tagged
from lib_train.host.webui.damage import DAMAGE
from lib_train.texts import say

FILE = "model-resnet_custom_v3.pt"
URL = "https://github.com/AUTOMATIC1111/TorchDeepDanbooru/releases/download/v1/model-resnet_custom_v3.pt"
_SIDE = 512


def folder() -> Path:
    """Where the WebUI looks for the file."""
    return Path(paths.models_path, "torch_deepdanbooru")


def missing() -> str:
    """Which file is not there; empty when it is. Without one the WebUI would begin to download."""
    if any(folder().rglob("*.pt")):
        return ""
    return say("{name} is missing: get {url} and put it into {folder}", name=FILE, url=URL, folder=folder())


@contextmanager
def lent() -> Iterator[Any]:
    """The WebUI's tagger, loaded and on the device; afterwards it is as it was, and where it was.

    Raises:
        ModelFileError: its file cannot be used.
    """
    tagger: Any = deepbooru.model
    before = tagger.model if getattr(tagger.model, "tags", ()) else None  # a load that failed leaves one without tags
    place = _device_of(before)
    tagger.model = before
    try:
        try:
            tagger.start()
        except DAMAGE as error:
            raise _damaged(error) from error
        if not len(tagger.model.tags):
            raise _damaged(ValueError(say("it names no tags")))
        yield tagger
    finally:
        if before is not None and place is not None:
            before.to(place)
        tagger.model = before


def said_of(tagger: Any, picture: Image.Image) -> Tagged:
    """Scores of every tag, ratings too: what ``tagger.tag_multi`` chooses from."""
    fitted = images.resize_image(2, picture, _SIDE, _SIDE, upscaler_name="None")  # its own choice may need a download
    pixels = numpy.expand_dims(numpy.array(fitted, dtype=numpy.float32), 0) / 255
    with torch.no_grad(), devices.autocast():
        found = tagger.model(torch.from_numpy(pixels).to(devices.device, devices.dtype))[0].float().cpu().tolist()
    return Tagged(dict(zip(tagger.model.tags, found, strict=True)))


def _device_of(model: Any) -> torch.device | None:
    return None if model is None else next(model.parameters()).device


def _damaged(error: Exception) -> ModelFileError:
    return ModelFileError(
        say("{folder}: the WebUI's DeepBooru cannot be loaded from it ({why}); get {url} anew",
            folder=folder(), why=reason(error), url=URL)
    )  # fmt: skip
