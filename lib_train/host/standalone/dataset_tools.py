"""What a host without a WebUI offers for making a data set: Lanczos, and its device."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
from PIL import Image

from lib_train.errors import ConfigError, HostBusyError, Problem
from lib_train.host.protocol import GoOn, Tagged, TaggerRef
from lib_train.host.shared.enlarging import enlarged
from lib_train.texts import say

_UPSCALER = "Lanczos"


class DatasetTools:
    """See ``Host``."""

    device: torch.device

    def __init__(self) -> None:
        self._taken = threading.Lock()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if not self._taken.acquire(blocking=False):
            raise HostBusyError(say("another job of this process holds the device; wait until it ends"))
        try:
            yield
        finally:
            self._taken.release()
            if self.device.type == "cuda":
                torch.cuda.empty_cache()

    @contextmanager
    def computing(self) -> Iterator[GoOn]:
        with self._alone():
            yield lambda done, total: True

    def tag_lists(self) -> Sequence[Path]:
        return ()

    def block_presets(self) -> None:
        return None

    def tagger_folders(self) -> tuple[Path, ...]:
        return ()

    def wildcard_folders(self) -> tuple[Path, ...]:
        return ()

    def taggers(self) -> tuple[TaggerRef, ...]:
        return ()

    def tag(self, name: str, pictures: Iterable[Image.Image]) -> Iterator[Tagged]:
        remedy = say("only the WebUI brings this tagger; name a model's file instead")
        raise ConfigError([Problem("tagger", name, remedy)])

    def output_folders(self) -> tuple[Path, ...]:
        return ()

    def upscalers(self) -> tuple[str, ...]:
        return (_UPSCALER,)

    def enlarge(self, picture: Image.Image, name: str, scale: float) -> Image.Image:
        if name != _UPSCALER:
            raise ConfigError([Problem("upscaler", name, say("choose one of {known}", known=_UPSCALER))])
        return enlarged(picture, scale, lambda small: small)
