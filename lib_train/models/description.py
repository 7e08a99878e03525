"""What the tensors of a checkpoint do not tell: heads, scale, and whether it predicts epsilon or v."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lib_train.errors import ModelFileError


@dataclass(frozen=True)
class Description:
    """The sayings of a ``.yaml`` beside a checkpoint; None is nothing said."""

    scale_factor: float | None = None
    prediction_type: str | None = None
    """"epsilon" or "v"."""
    num_heads: int | None = None
    """Heads of the U-Net at every level; comes before ``num_head_channels``."""
    num_head_channels: int | None = None
    text_heads: int | None = None


NOTHING_SAID = Description()


def description_beside(path: Path) -> Description:
    """What ``<checkpoint>.yaml`` says, the file from which the WebUI builds the model.

    Its silence on ``parameterization`` means epsilon, as it does in the WebUI.

    Raises:
        ModelFileError: the file is there and is no such description.
    """
    file = path.with_suffix(".yaml")
    if not file.is_file():
        return NOTHING_SAID
    import yaml

    try:
        params = yaml.safe_load(file.read_text(encoding="utf-8"))["model"]["params"]
        unet = _inner(params, "unet_config") or _inner(params, "network_config")
        return Description(
            scale_factor=_number(params, "scale_factor", float),
            prediction_type="v" if _says_v(params) else "epsilon",
            num_heads=_number(unet, "num_heads", int),
            num_head_channels=_number(unet, "num_head_channels", int),
            text_heads=_text_heads(file.parent, _inner(params, "cond_stage_config").get("version")),
        )
    except (yaml.YAMLError, OSError, KeyError, TypeError, ValueError, AttributeError) as error:
        told = f"{type(error).__name__}: {error}".splitlines()[0]
        raise ModelFileError(f"{file}: is no model description ({told}); mend it or move it away") from error


def _inner(params: Mapping[str, Any], section: str) -> Mapping[str, Any]:
    return (params.get(section) or {}).get("params") or {}


def _number(params: Mapping[str, Any], name: str, kind: type) -> Any:
    value = params.get(name)
    if value is None or value == -1:  # ldm writes -1 for "not given"
        return None
    if not kind(value) > 0:
        raise ValueError(f"{name} is {value}")
    return kind(value)


def _says_v(params: Mapping[str, Any]) -> bool:
    scaling = str(_inner(params, "denoiser_config").get("scaling_config", ""))  # SDXL's way
    return params.get("parameterization") == "v" or "VScaling" in scaling


def _text_heads(folder: Path, version: object) -> int | None:
    """Of the text encoder's ``config.json``, where ``version`` is a folder."""
    import json

    file = folder / str(version) / "config.json"
    if version is None or not file.is_file():
        return None
    found: int | None = _number(json.loads(file.read_text(encoding="utf-8")), "num_attention_heads", int)
    return found


@torch.no_grad()
def predicts_v(unet: Any) -> bool:
    """What an SD2 U-Net does, told as the WebUI tells it: at the noisiest step a v model gives back minus its input."""
    weight: Tensor = next(unet.parameters())
    noisy = torch.full((1, 4, 8, 8), 0.5, device=weight.device, dtype=weight.dtype)
    context = torch.full((1, 2, unet.config.cross_attention_dim), 0.5, device=weight.device, dtype=weight.dtype)
    output: Tensor = unet(noisy, torch.tensor([999], device=weight.device), context, return_dict=False)[0]
    return float((output.float() - noisy.float()).mean()) < -1
