"""What the tensors of a checkpoint do not tell: heads, scale, and whether it predicts epsilon or v."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lib_train.errors import ModelFileError, reason
from lib_train.texts import say

_LARGEST = 2**20
"""Bytes; published descriptions have 2,000 to 5,000."""
_LARGEST_NUMBER = 10_000


@dataclass(frozen=True)
class Description:
    """Values read from the ``.yaml`` beside a checkpoint; None where it has none."""

    scale_factor: float | None = None
    prediction_type: str | None = None
    """"epsilon" or "v"."""
    num_heads: int | None = None
    """Heads of the U-Net at every level; comes before ``num_head_channels``."""
    num_head_channels: int | None = None
    text_heads: int | None = None
    image_size: int | None = None
    """Side of what it was trained on, in latent pixels."""


NOTHING_DECLARED = Description()


def description_beside(path: Path) -> Description:
    """The content of ``<checkpoint>.yaml``, from which the WebUI builds the model.

    Its silence on ``parameterization`` means epsilon, as it does in the WebUI.

    Raises:
        ModelFileError: the file is there and is no such description.
    """
    file = path.with_suffix(".yaml")
    if not file.is_file():
        return NOTHING_DECLARED
    try:
        params = _section(_section(_read(file), "model"), "params")
        unet = _inner(params, "unet_config") or _inner(params, "network_config")
        return Description(
            scale_factor=_number(params, "scale_factor", float),
            prediction_type="v" if _says_v(params) else "epsilon",
            num_heads=_number(unet, "num_heads", int),
            num_head_channels=_number(unet, "num_head_channels", int),
            text_heads=_text_heads(file.parent, _inner(params, "cond_stage_config").get("version")),
            image_size=params["image_size"] if isinstance(params.get("image_size"), int) else None,
        )
    except _Odd as odd:
        raise ModelFileError(
            say("{file}: is no model description ({odd}); mend it or move it away", file=file, odd=odd)
        ) from odd


class _Odd(Exception):
    """What in a description is not as it should be."""


def _read(file: Path) -> Any:
    """The file's YAML. Merge keys, by which a few lines grow without end, are in no description and are refused."""
    import yaml

    class Loader(yaml.SafeLoader):  # type: ignore[misc]
        def flatten_mapping(self, node: Any) -> None:
            if any(key.tag == "tag:yaml.org,2002:merge" for key, _ in node.value):
                raise yaml.YAMLError("merge keys")

    try:
        if file.stat().st_size > _LARGEST:
            raise _Odd(say("{size} bytes are too many for one", size=file.stat().st_size))
        return yaml.load(file.read_text(encoding="utf-8"), Loader)
    except OSError as error:
        raise _Odd(say("it cannot be read: {why}", why=reason(error))) from error
    except (
        yaml.YAMLError,
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        ArithmeticError,
        RecursionError,
    ) as error:
        mark = getattr(error, "problem_mark", None)
        if mark is None:
            raise _Odd(say("it cannot be read as YAML")) from error
        raise _Odd(say("it cannot be read as YAML, line {line}", line=mark.line + 1)) from error


def _section(found: Any, name: str) -> Mapping[str, Any]:
    inner = found.get(name) if isinstance(found, Mapping) else None
    if not isinstance(inner, Mapping):
        raise _Odd(say("it has no section {name}", name=name))
    return inner


def _inner(params: Mapping[str, Any], section: str) -> Mapping[str, Any]:
    """The ``params`` of a section; empty where there is neither."""
    if params.get(section) is None:
        return {}
    found = _section(params, section)
    return {} if found.get("params") is None else _section(found, "params")


def _number(params: Mapping[str, Any], name: str, kind: type) -> Any:
    value = params.get(name)
    if value is None or value == -1:  # ldm writes -1 for "not given"
        return None
    fits = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= _LARGEST_NUMBER
    if not fits or kind(value) != value:
        if isinstance(value, str | float | bool) or value in range(-999, 999999):
            raise _Odd(say("its {name} is {value!r}, which cannot be", name=name, value=str(value)[:40]))
        raise _Odd(say("its {name} cannot be used", name=name))
    return kind(value)


def _says_v(params: Mapping[str, Any]) -> bool:
    scaling = _inner(params, "denoiser_config").get("scaling_config")  # SDXL's way
    target = scaling.get("target") if isinstance(scaling, Mapping) else None
    return params.get("parameterization") == "v" or "VScaling" in (target if isinstance(target, str) else "")


def _text_heads(folder: Path, version: object) -> int | None:
    """Of the text encoder's ``config.json``, where ``version`` is a folder."""
    if not isinstance(version, str):
        return None
    file = folder / version / "config.json"
    try:
        if not file.is_file():
            return None
    except (OSError, ValueError):  # no name that a folder can have
        return None
    try:
        if file.stat().st_size > _LARGEST:
            raise _Odd(say("{name} of its text encoder is too large", name=file.name))
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _Odd(say("{name} of its text encoder cannot be read as JSON", name=file.name)) from error
    if not isinstance(found, Mapping):
        raise _Odd(say("{name} of its text encoder holds no settings", name=file.name))
    heads: int | None = _number(found, "num_attention_heads", int)
    return heads


@torch.no_grad()
def predicts_v(unet: Any) -> bool:
    """Whether an SD2 U-Net predicts v, tested as the WebUI does: at the noisiest step such a model returns about
    minus its input."""
    weight: Tensor = next(unet.parameters())
    noisy = torch.full((1, 4, 8, 8), 0.5, device=weight.device, dtype=weight.dtype)
    context = torch.full((1, 2, unet.config.cross_attention_dim), 0.5, device=weight.device, dtype=weight.dtype)
    output: Tensor = unet(noisy, torch.tensor([999], device=weight.device), context, return_dict=False)[0]
    return float((output.float() - noisy.float()).mean()) < -1
