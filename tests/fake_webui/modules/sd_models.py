"""Tiny single-file checkpoints loaded into ldm's classes, with the attributes that the WebUI gives a model."""

import hashlib
import json
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import networks
from ldm.modules.attention import BasicTransformerBlock
from ldm_models import SdModel, copy_of
from modules import devices, sd_vae
from safetensors import safe_open

model_data = SimpleNamespace(sd_model=None, lock=threading.Lock())


def apply_token_merging(sd_model: Any, ratio: float) -> None:
    """Attention on fewer tokens; here a hook that weakens its output, until the ratio is 0 again."""
    if getattr(sd_model, "applied_token_merged_ratio", 0) == ratio:
        return
    for block in (one for one in sd_model.modules() if isinstance(one, BasicTransformerBlock)):
        if ratio:
            block.merging = block.register_forward_hook(lambda module, inputs, output: output * (1 - ratio))
        else:
            block.merging.remove()
            del block.merging
    sd_model.applied_token_merged_ratio = ratio


def read_metadata_from_safetensors(filename: str) -> dict[str, Any]:
    """What the file says of itself; values that are objects in JSON are read."""
    with safe_open(filename, "pt") as file:
        found = file.metadata() or {}
    return {name: json.loads(text) if text.startswith("{") else text for name, text in found.items()}


checkpoints_list: dict[str, Any] = {}


class CheckpointInfo:
    """A file as the WebUI lists it."""

    def __init__(self, filename: str) -> None:
        self.filename, self.name = filename, Path(filename).name

    def register(self) -> None:
        checkpoints_list[self.name] = self


def load_model(path: Path, family: str) -> SdModel:
    """Load a checkpoint of ``tests.tiny``; it is ``shared.sd_model`` then."""
    model = copy_of(path, family)
    model.hijack()
    model.eval()
    model.sd_checkpoint_info = SimpleNamespace(filename=str(path), title=path.name)
    model.sd_model_checkpoint, model.sd_model_hash = str(path), hashlib.sha256(path.read_bytes()).hexdigest()[:10]
    model.loaded_vae_file = sd_vae.loaded_vae_file = None
    model.cond_stage_model_empty_prompt = None  # the last thing that loading adds
    model_data.sd_model = model.to(devices.device)
    networks.assign_network_names_to_compvis_modules(model)
    return model
