"""The WebUI's BLIP, which says in a sentence what is to be seen; without CLIP, which the WebUI loads with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from modules import devices, paths, shared
from PIL import Image

from lib_train.errors import ModelFileError, reason
from lib_train.host.protocol import Tagged
from lib_train.host.webui.damage import DAMAGE
from lib_train.texts import say

FILE = "model_base_caption_capfilt_large.pth"
URL = "https://storage.googleapis.com/sfr-vision-language-research/BLIP/models/model_base_caption_capfilt_large.pth"


def folder() -> Path:
    """Where the WebUI looks for the file."""
    return Path(paths.models_path, "BLIP")


def missing() -> str:
    """Which file is not there; empty when it is. Without one the WebUI would begin to download."""
    if any(folder().rglob("*.pth")):
        return ""
    return say("{name} is missing: get {url} and put it into {folder}", name=FILE, url=URL, folder=folder())


@contextmanager
def lent() -> Iterator[Any]:
    """The WebUI's interrogator with BLIP on the device; afterwards it holds what it held, where it was.

    Raises:
        ModelFileError: its file, or the words of BERT that it takes from the hub's cache, cannot be used.
    """
    tagger: Any = shared.interrogator
    before, dtype = tagger.blip_model, tagger.dtype
    place = None if before is None else next(before.parameters()).device
    try:
        try:
            model = before or _loaded(tagger)
        except DAMAGE as error:
            raise ModelFileError(
                say("{folder}: the WebUI's BLIP cannot be loaded from it ({why}); get {url} anew, and have the WebUI "
                    "interrogate a picture by CLIP once while it is online: BLIP needs the words of bert-base-uncased",
                    folder=folder(), why=reason(error), url=URL)
            ) from error  # fmt: skip
        tagger.blip_model = model.to(devices.device_interrogate)
        tagger.dtype = next(model.parameters()).dtype
        yield tagger
    finally:
        if before is not None and place is not None:
            before.to(place)
        tagger.blip_model, tagger.dtype = before, dtype


def _loaded(tagger: Any) -> Any:
    model = tagger.load_blip_model()
    return model if shared.cmd_opts.no_half or tagger.running_on_cpu else model.half()


def said_of(tagger: Any, picture: Image.Image) -> Tagged:
    """One sentence."""
    with torch.no_grad():
        return Tagged({}, str(tagger.generate_caption(picture)).strip())
