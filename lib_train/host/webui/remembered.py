"""What the WebUI's own txt2img last made a picture with: hires fix, styles, the settings of all scripts.

The WebUI asks our script before each picture. Requests of other programs, of a script that makes many pictures and of
our own previews do not count: they are not what a person sees in txt2img.
"""

import copy
import dataclasses
import hashlib
import json
import threading
import time
from collections import OrderedDict
from typing import Any, NamedTuple

from modules import processing, scripts, shared

from lib_train.errors import ConfigError, Problem
from lib_train.texts import say
from lib_train.txt2img import Txt2img

OURS = "train_tools_preview"
"""Attribute of a request that is one of our previews."""
_DEEPEST = 8  # objects of scripts may know each other
_MOST = 32  # requests that are kept: each is that of a run, or the last one
_PLAIN = {"prompt", "negative_prompt", "seed", "sampler_name", "scheduler", "sampler_index", "steps", "cfg_scale",
          "width", "height", "batch_size", "n_iter"}  # fmt: skip
"""What a ``PictureRequest`` says itself."""
_NOT_KEPT = {"sd_model", "outpath_samples", "outpath_grids", "do_not_save_samples", "do_not_save_grid",
             "do_not_reload_embeddings", "extra_generation_params", "overlay_images", "comments", "force_task_id",
             "override_settings", "override_settings_restore_afterwards", "firstpass_image", "scripts",
             "script_args"}  # fmt: skip
_PLACES = {"sd_model_checkpoint", "sd_vae"}  # settings that would put another model in place


class Taken(NamedTuple):
    """What a preview that is like a request takes over beside its plain values."""

    told: Txt2img
    fields: dict[str, Any]
    script_args: tuple[Any, ...]
    options: dict[str, Any]
    """Settings of the WebUI that the request had for itself."""


class Remembered:
    """The last request, and those that runs go by."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Taken] = OrderedDict()
        self._last = ""

    def remember(self, p: Any) -> None:
        """Note a request that the WebUI is about to carry out, where it is one of its own txt2img."""
        if not _is_of_the_page(p):
            return
        taken = _taken(p)
        with self._lock:
            self._last = taken.told.key
            self._kept[self._last] = taken
            self._kept.move_to_end(self._last)
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)

    def last(self) -> Txt2img:
        """The last request, which is kept as long as it is asked for.

        Raises:
            ConfigError: there is none since the WebUI has started, or it draws with another checkpoint, too.
        """
        with self._lock:
            found = self._kept.get(self._last)
        if found is None:
            remedy = say("txt2img has made no picture since the WebUI was started: make one there, or switch this off")
            raise ConfigError([Problem("preview_like_txt2img", True, remedy)])
        other = found.fields.get("hr_checkpoint_name") or found.fields.get("refiner_checkpoint")
        if other not in (None, "", "None"):
            remedy = say("txt2img takes {other} for a part of the picture, as hires fix or refiner; only the "
                         "checkpoint that is trained can be there: make a picture without, or switch this off",
                         other=other)  # fmt: skip
            raise ConfigError([Problem("preview_like_txt2img", True, remedy)])
        return found.told

    def taken(self, key: str) -> Taken:
        """A request that ``last`` has told.

        Raises:
            ConfigError: so many were made since that it is not kept any more.
        """
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        remedy = say("what txt2img was set to when this began is not known any more: begin anew")
        raise ConfigError([Problem("preview_like_txt2img", True, remedy)])


REMEMBERED = Remembered()
"""Of this process; a Reload UI leaves it."""


def _is_of_the_page(p: Any) -> bool:
    args = getattr(p, "script_args", None) or ()
    return (
        isinstance(p, processing.StableDiffusionProcessingTxt2Img)
        and getattr(p, "scripts", None) is getattr(scripts, "scripts_txt2img", None)
        and not getattr(p, "is_api", False)
        and not hasattr(p, "txt2img_upscale")
        and not hasattr(p, OURS)
        and isinstance(p.prompt, str)
        and (not args or args[0] in (0, None))  # no script is chosen that makes requests of its own
    )


def _taken(p: Any) -> Taken:
    names = {field.name for field in dataclasses.fields(p) if field.init} - _PLAIN - _NOT_KEPT
    fields = {name: _copy(getattr(p, name)) for name in sorted(names)}
    options = {name: value for name, value in (p.override_settings or {}).items() if name not in _PLACES}
    clip_skip = options.pop("CLIP_stop_at_last_layers", None) or getattr(shared.opts, "CLIP_stop_at_last_layers", 1)
    schedule = getattr(p, "scheduler", None)
    sampler = p.sampler_name if schedule in (None, "", "Automatic") else f"{p.sampler_name} {schedule}"
    args = _copy(tuple(p.script_args or ()))
    plain = (p.prompt, p.negative_prompt, sampler, int(p.steps), float(p.cfg_scale), int(p.width), int(p.height),
             int(clip_skip))  # fmt: skip
    digest = hashlib.sha256(json.dumps([_told(one) for one in (fields, args, options)], sort_keys=True).encode())
    hires = float(fields.get("hr_scale") or 0) if fields.get("enable_hr") else 0.0
    styles = tuple(map(str, fields.get("styles") or ()))
    told = Txt2img(digest.hexdigest()[:32], time.time(), *plain, styles=styles, hires=hires)
    return Taken(told, fields, args, options)


def _copy(value: Any) -> Any:
    """A copy that later changes do not reach, where it can be copied."""
    try:
        return copy.deepcopy(value)
    except Exception:  # what scripts put among their settings can be anything
        return value


def _told(value: Any, depth: int = 0) -> Any:
    """The value in JSON: equal for equal ones, pictures by what they show."""
    if depth > _DEEPEST:
        return type(value).__name__
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dict):
        return {str(name): _told(one, depth + 1) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_told(one, depth + 1) for one in value]
    if hasattr(value, "tobytes"):
        return hashlib.sha256(value.tobytes()).hexdigest()
    return [type(value).__name__, _told(vars(value), depth + 1) if hasattr(value, "__dict__") else repr(value)]
