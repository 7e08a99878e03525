"""What the WebUI offers for making a data set: DeepBooru, BLIP and its upscalers."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from modules import paths, shared
from PIL import Image

from lib_train.errors import ConfigError, ModelFileError, Problem
from lib_train.host.protocol import Tagged, TaggerRef
from lib_train.host.shared.enlarging import enlarged
from lib_train.host.webui import blip, deepbooru
from lib_train.host.webui.block_presets import presets_file
from lib_train.host.webui.holding import Holding
from lib_train.host.webui.tag_lists import installed_lists
from lib_train.host.webui.upscalers import larger, upscaler_named, upscaler_names
from lib_train.texts import say

_TAGGERS: dict[str, tuple[str, str, Any]] = {
    "deepbooru": ("DeepBooru", "tags", deepbooru),
    "blip": ("BLIP", "sentence", blip),
}
"""Name -> title, what it makes, and the module that lends it."""
_OUTPUTS = ("samples", "txt2img_samples", "img2img_samples", "extras_samples", "save")
"""The WebUI's settings that name folders of single pictures; the first stands for all but the last where it is set."""
_FOLDERS = ("interrogators", "tagger", "TaggerOnnx", "wd14_tagger")


class DatasetTools(Holding):
    """See ``Host``."""

    def tag_lists(self) -> list[Path]:
        return installed_lists()

    def block_presets(self) -> Path | None:
        return presets_file()

    def tagger_folders(self) -> list[Path]:
        return [Path(paths.models_path, name) for name in _FOLDERS]

    def wildcard_folders(self) -> list[Path]:
        chosen = shared.opts.data.get("wildcard_dir")  # of Dynamic Prompts
        return [*([Path(chosen)] if chosen else []), *sorted(Path(paths.extensions_dir).glob("*/wildcards"))]

    def taggers(self) -> list[TaggerRef]:
        return [TaggerRef(name, title, makes, tagger.missing()) for name, (title, makes, tagger) in _TAGGERS.items()]

    def tag(self, name: str, pictures: Iterable[Image.Image]) -> Iterator[Tagged]:
        if name not in _TAGGERS:
            raise ConfigError([Problem("tagger", name, say("choose one of {known}", known=", ".join(_TAGGERS)))])
        tagger = _TAGGERS[name][2]
        if missing := tagger.missing():
            raise ModelFileError(missing)
        return self._tagged(tagger, pictures)

    def _tagged(self, tagger: Any, pictures: Iterable[Image.Image]) -> Iterator[Tagged]:
        with self.computing() as go_on, tagger.lent() as loaded:
            for done, picture in enumerate(pictures):
                if not go_on(done, -1):
                    return
                yield tagger.said_of(loaded, picture.convert("RGB"))

    def output_folders(self) -> list[Path]:
        if getattr(shared.cmd_opts, "hide_ui_dir_config", False):
            return []
        named = [getattr(shared.opts, f"outdir_{kind}", "") for kind in _OUTPUTS]
        return [Path(os.path.abspath(folder)) for folder in dict.fromkeys(filter(None, named))]

    def upscalers(self) -> list[str]:
        return upscaler_names()

    def enlarge(self, picture: Image.Image, name: str, scale: float) -> Image.Image:
        found = upscaler_named(name)

        def drawn(small: Image.Image) -> Image.Image:
            with self.computing():
                return larger(found, small, scale)

        return enlarged(picture, scale, drawn)
