"""What a preview's PNG tells of its making: as JSON in a text of its own, in older ones as infotext of the WebUI."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

from PIL import Image, PngImagePlugin

from lib_train.picture_request import PictureRequest
from lib_train.pictures.prompts import prompt_of, without_networks

KEY = "train_tools_picture"
"""Of the JSON among a PNG's texts."""
_FORMAT = 1
_APART = "network", "weight", "background"
"""Fields of a request that are told in another form."""
_LORA = re.compile(r"<lora:([^:<>]+):(-?[\d.]+)(?::lbw=([^<>]*))?>")
_FACT = re.compile(r'\s*([\w \-/]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)')
_NEGATIVE = "negative prompt:"
_FURTHER = "Hires", "Denoising", "Variation", "Refiner", "Face", "Tiling", "ENSD", "Eta"
"""What infotexts tell of what no request of ours has: beginnings of names."""
_ODD = OSError, ValueError, SyntaxError, Image.DecompressionBombError
"""What Pillow raises where a file is no picture."""


@dataclass(frozen=True)
class Told:
    """How one picture was made."""

    checkpoint: str
    """Name of the file without ending; empty is the base model with its background alone."""
    weight: float
    blocks: str
    """Weights of blocks as they were written; empty draws the checkpoint as it is."""
    shared: Mapping[str, Any]
    """What pictures that can be compared have in common: "base", "background", the request's other fields, and in
    "further" what else an infotext tells."""

    @property
    def column(self) -> str:
        """Equal where all is equal but for checkpoint, weight and blocks."""
        return json.dumps(self.shared, sort_keys=True)


def text_to_tell(request: PictureRequest, base: str, checkpoint: str, blocks: str = "") -> str:
    """The JSON of a picture.

    Args:
        base: title of the base model.
        checkpoint, blocks: see ``Told``; ``request.network`` may be a file that goes.
    """
    kept = {one.name: _plain(getattr(request, one.name)) for one in fields(request) if one.name not in _APART}
    told = {"format": _FORMAT, "checkpoint": checkpoint, "weight": request.weight if checkpoint else 0.0,
            "blocks": blocks, "background": _plain(request.background), "base": base, **kept}  # fmt: skip
    return json.dumps(told, ensure_ascii=False)


def _plain(value: Any) -> Any:
    """As JSON; a file as its name without ending."""
    if isinstance(value, Path):
        return value.stem
    return [_plain(one) for one in value] if isinstance(value, (tuple, list)) else value


def told_by(path: Path) -> Told | None:
    """What a PNG tells; None where it tells nothing, is a sheet of many, or is no whole PNG. Decodes no pixels."""
    try:
        with PngImagePlugin.PngImageFile(path) as picture:  # ``Image.open`` warns of large ones
            return told_in(picture.info, picture.size)
    except _ODD:
        return None


def told_in(texts: Mapping[str, Any], size: tuple[int, int]) -> Told | None:
    """What the texts of a PNG tell; see ``told_by``.

    Args:
        size: width and height of the picture: the infotext of a sheet is that of a picture of another size.
    """
    told = _from_json(str(texts[KEY])) if KEY in texts else None
    return told or _from_infotext(str(texts.get("parameters", "")), size)


def _from_json(text: str) -> Told | None:
    try:
        told = json.loads(text)
        if told["format"] != _FORMAT:
            return None
        weight, background = float(told["weight"]), [[str(name), float(by)] for name, by in told["background"]]
        shared = {one.name: told.get(one.name, _default(one.default)) for one in fields(PictureRequest)
                  if one.name not in _APART}  # fmt: skip
        shared |= {"base": base_name(str(told["base"])), "background": background, "further": []}
        return Told(str(told["checkpoint"]), weight, str(told["blocks"]), shared)
    except (ValueError, KeyError, TypeError):
        return None


def _default(value: object) -> Any:
    """Of a field that a picture was made without."""
    return "" if value is MISSING else _plain(value)


def base_name(title: str) -> str:
    """A base model's name without hash and ending, as infotexts have it.

    >>> base_name("sd15.safetensors [6ce0161689]"), base_name("v1.5")
    ('sd15', 'v1.5')
    """
    return re.sub(r"\.(safetensors|ckpt)$", "", re.sub(r"\s*\[[0-9a-f]+\]$", "", title))


def _from_infotext(text: str, size: tuple[int, int]) -> Told | None:
    lines = text.replace("\r\n", "\n").strip().split("\n")
    facts = {name: _unquoted(value) for name, value in _FACT.findall(lines[-1])}
    try:
        width, height = (int(side) for side in facts["Size"].split("x"))
        shared = {one.name: _default(one.default) for one in fields(PictureRequest) if one.name not in _APART}
        shared |= {
            "negative_prompt": _negative(lines[:-1]), "sampler": _sampler(facts), "steps": int(facts["Steps"]),
            "cfg_scale": float(facts["CFG scale"]), "seed": int(facts["Seed"]), "width": width, "height": height,
            "clip_skip": int(facts.get("Clip skip", 1)), "base": base_name(facts.get("Model", "")),
        }  # fmt: skip
    except (KeyError, ValueError):
        return None
    further = [[name, value] for name, value in sorted(facts.items()) if name.startswith(_FURTHER)]
    if "Script" in facts or ((width, height) != size and not any(name.startswith("Hires") for name, _ in further)):
        return None
    prompt = prompt_of(text)
    *background, own = _LORA.findall(prompt) or [("", "0", "")]
    shared |= {"prompt": without_networks(prompt).strip(), "background": _strengths(background),
               "further": further}  # fmt: skip
    return Told(own[0], float(own[1]), own[2], shared)


def _strengths(found: Sequence[tuple[str, str, str]]) -> list[list[Any]]:
    return [[name, float(weight)] for name, weight, _ in found]


def _negative(lines: Sequence[str]) -> str:
    start = next((place for place, line in enumerate(lines) if line.lower().startswith(_NEGATIVE)), len(lines))
    return "\n".join(lines[start:])[len(_NEGATIVE) :].strip()


def _sampler(facts: Mapping[str, str]) -> str:
    """With the schedule behind it, as settings name it. What no WebUI wrote names the usual one Uniform."""
    name, schedule = facts["Sampler"], facts.get("Schedule type", "Automatic")
    usual = schedule == "Automatic" or (schedule == "Uniform" and "Version" not in facts)
    return name if usual or name.endswith(f" {schedule}") else f"{name} {schedule}"


def _unquoted(value: str) -> str:
    value = value.strip()
    try:
        return str(json.loads(value)) if value.startswith('"') else value
    except ValueError:
        return value
