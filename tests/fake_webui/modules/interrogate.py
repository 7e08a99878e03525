"""BLIP as the WebUI holds it."""

from pathlib import Path
from typing import Any

import torch
from modules import devices, paths
from PIL import Image
from torch import nn


class InterrogateModels:
    blip_model: Any = None
    clip_model: Any = None
    dtype: Any = None
    running_on_cpu = True

    def load_blip_model(self) -> nn.Module:
        files = sorted(Path(paths.models_path, "BLIP").rglob("*.pth"))
        model = nn.Linear(3, 1)
        model.load_state_dict(torch.load(files[0], map_location="cpu", weights_only=True))
        return model.eval()

    def generate_caption(self, picture: Image.Image) -> str:
        red, green, blue = picture.resize((1, 1)).getpixel((0, 0))
        pixel = torch.tensor([[red, green, blue]]).type(self.dtype).to(devices.device_interrogate)
        return f"a picture of {'light' if self.blip_model(pixel).item() > 128 else 'darkness'} "


def write_tiny(models: Path) -> Path:
    """A file that loads."""
    file = models / "BLIP" / "model_base_caption_capfilt_large.pth"
    file.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"weight": torch.full((1, 3), 1 / 3), "bias": torch.zeros(1)}, file)
    return file
