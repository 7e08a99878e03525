"""DeepBooru as the WebUI loads it: a file without an error handler, and a model that stays when its file was bad."""

from pathlib import Path
from typing import Any

import torch
from modules import devices, paths, shared
from torch import nn

TAGS = ("1girl", "blue_hair", "^_^", "rating:safe", "solo")


class DeepDanbooruModel(nn.Module):
    """One channel's mean for each tag; tags lie in the file beside the weights."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.head = nn.Linear(3, len(TAGS))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(x.mean((1, 2))).sigmoid()

    def load_state_dict(self, state: Any, **kwargs: Any) -> None:  # type: ignore[override]
        self.tags = state.get("tags", [])
        super().load_state_dict({key: value for key, value in state.items() if key != "tags"})


class DeepDanbooru:
    model: Any = None

    def load(self) -> None:
        if self.model is not None:
            return
        files = sorted(Path(paths.models_path, "torch_deepdanbooru").rglob("*.pt"))
        self.model = DeepDanbooruModel()
        self.model.load_state_dict(torch.load(files[0], map_location="cpu", weights_only=True))
        self.model.eval()
        self.model.to(devices.cpu, devices.dtype)

    def start(self) -> None:
        self.load()
        self.model.to(devices.device)

    def stop(self) -> None:
        if not shared.opts.interrogate_keep_models_in_memory:
            self.model.to(devices.cpu)


model = DeepDanbooru()


def write_tiny(models: Path) -> Path:
    """A file that loads."""
    file = models / "torch_deepdanbooru" / "model-resnet_custom_v3.pt"
    file.parent.mkdir(parents=True, exist_ok=True)
    weights = torch.linspace(-3, 3, 3 * len(TAGS)).reshape(len(TAGS), 3)
    torch.save({"tags": list(TAGS), "head.weight": weights, "head.bias": torch.zeros(len(TAGS))}, file)
    return file
