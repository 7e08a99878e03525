"""Upscalers as the WebUI lists them."""

from dataclasses import dataclass
from typing import Any

from PIL import Image


class Upscaler:
    scale = 1
    model_download_path = user_path = model_path = None
    model_name = "unknown"
    model_url: Any = None

    def do_upscale(self, picture: Image.Image, path: Any) -> Image.Image:
        return picture


class Lanczos(Upscaler):
    def do_upscale(self, picture: Image.Image, path: Any) -> Image.Image:
        size = int(picture.width * self.scale), int(picture.height * self.scale)
        return picture.resize(size, Image.Resampling.LANCZOS)


class Doubling(Upscaler):
    """Twice as large each time, whatever was asked for."""

    def do_upscale(self, picture: Image.Image, path: Any) -> Image.Image:
        return picture.resize((2 * picture.width, 2 * picture.height), Image.Resampling.NEAREST)


@dataclass
class UpscalerData:
    name: str
    data_path: str | None
    scaler: Any

    @property
    def local_data_path(self) -> str | None:
        return self.data_path


def builtin() -> list[UpscalerData]:
    return [UpscalerData("None", None, Upscaler()), UpscalerData("Lanczos", None, Lanczos()),
            UpscalerData("Doubling", None, Doubling())]  # fmt: skip
