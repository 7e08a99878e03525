"""Preview pictures by the WebUI's own generation: what txt2img makes of the same file, prompt and seed."""

import dataclasses
import random
import re
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import numpy
import torch
from modules import devices, processing, scripts, sd_samplers, shared

from lib_train.errors import ConfigError, HostModelError, ModelFileError, Problem
from lib_train.host.protocol import PictureRequest, Rendered
from lib_train.host.shared.schedulers import unknown_scheduler
from lib_train.host.webui.loras import Loras
from lib_train.host.webui.ready import lora_extension
from lib_train.host.webui.reload import interrupted
from lib_train.host.webui.remembered import OURS, REMEMBERED, Taken
from lib_train.network_kinds import readable
from lib_train.texts import say

_MISSING = object()
_AUTOMATIC = "Automatic"
_STATE = ("job", "job_no", "job_count", "sampling_step", "sampling_steps", "textinfo")


def sampler_names() -> list[str]:
    """The WebUI's samplers; after each those of its schedulers that fit the older name, such as "DPM++ 2M Karras"."""
    names = [sampler.name for sampler in sd_samplers.all_samplers]
    return [f"{name}{schedule}" for name in names for schedule in ("", *(f" {label}" for label in _schedulers()))]


def _schedulers() -> list[str]:
    try:
        from modules import sd_schedulers
    except ImportError:  # before 1.9 a schedule is part of a sampler's name
        return []
    return [scheduler.label for scheduler in sd_schedulers.schedulers if scheduler.label != _AUTOMATIC]


def scheduler_names() -> list[str]:
    """The WebUI's schedules; none before 1.9."""
    found = _schedulers()
    return [_AUTOMATIC, *found] if found else []


def require_sampler(name: str, schedule: str = "") -> tuple[str, str]:
    """Sampler and schedule of one of ``sampler_names``: that of its name ("Automatic" where it has none), or another.

    Raises:
        ConfigError: the WebUI has no sampler or schedule of this name: it would take another without a word.
    """
    sampler, own = _parted(name)
    if schedule and schedule not in (known := scheduler_names()):
        raise ConfigError([Problem("scheduler", schedule, unknown_scheduler(known))])
    return sampler, schedule or own


def _parted(name: str) -> tuple[str, str]:
    known = {sampler.name for sampler in sd_samplers.all_samplers}
    if name in known:
        return name, _AUTOMATIC
    for schedule in _schedulers():
        stem = name[: -len(schedule) - 1]
        if name.endswith(f" {schedule}") and stem in known:
            return stem, schedule
    raise ConfigError([Problem("preview_sampler", name, say("choose one of {known}", known=", ".join(sorted(known))))])


def tag_of(request: PictureRequest) -> str:
    """What goes before a prompt to put the request's LoRAs on: ``<lora:name:weight>``; empty without any."""
    return "".join(f"<lora:{path.stem}:{weight:g}>" for path, weight in request.networks)


def picture_of(sd_model: Any, request: PictureRequest, loras: Loras) -> Rendered | None:
    """One picture with its infotext, None when it was interrupted. The queue lock must be held.

    The model must be as the WebUI generates with it.

    Raises:
        HostModelError: the WebUI put another checkpoint in place meanwhile.
        ModelFileError: the WebUI cannot load a LoRA of the request.
        ConfigError: there is no such sampler or schedule.
    """
    taken = REMEMBERED.taken(request.like) if request.like else None
    p = _processing(request, taken)
    pinned = {
        **(taken.options if taken else {}),
        "sd_model_checkpoint": sd_model.sd_checkpoint_info.title,
        "fp8_storage": "Enable" if getattr(devices, "fp8", False) else "Disable",
        "CLIP_stop_at_last_layers": request.clip_skip,
    }
    with _quiet_state(), same_chance(), _options(pinned), _no_history(), _worn(request, loras), closing(p):
        found = processing.process_images(p)
        unread = _unread(request, "; ".join(getattr(p, "comments", ())))
    if shared.sd_model is not sd_model:
        raise HostModelError(say("the WebUI's checkpoint was changed while a preview was made: make the preview again"))
    if interrupted() or not found.images:  # what an interrupt leaves is half drawn
        return None
    if unread:
        raise ModelFileError(
            say("{path}: the WebUI cannot load this file and draws without it, its log says why; choose a file of "
                "{ours}", path=unread, ours=readable())
        )  # fmt: skip
    return found.images[0], {"parameters": found.infotexts[0]}


def _processing(request: PictureRequest, taken: Taken | None) -> Any:
    """What the WebUI is asked for. What the request says itself counts, all else is as taken."""
    sampler, schedule = require_sampler(request.sampler, request.scheduler)
    p = processing.StableDiffusionProcessingTxt2Img(
        prompt=tag_of(request) + request.prompt, negative_prompt=request.negative_prompt, seed=request.seed,
        sampler_name=sampler, steps=request.steps, cfg_scale=request.cfg_scale, width=request.width,
        height=request.height, batch_size=1, n_iter=1, do_not_save_samples=True, do_not_save_grid=True,
        do_not_reload_embeddings=True, **(taken.fields if taken else {}),
    )  # fmt: skip
    setattr(p, OURS, True)
    p.cached_c, p.cached_uc = [None, None], [None, None]
    if taken is None:
        p.scripts = scripts.ScriptRunner()  # runs none; without one the WebUI leaves <lora:...> out of the infotext
    else:
        _with_scripts(p, request, taken)
    p.seed, p.sampler_name, p.steps = request.seed, sampler, request.steps
    if "scheduler" in {field.name for field in dataclasses.fields(p)}:
        p.scheduler = schedule
    return p


def _with_scripts(p: Any, request: PictureRequest, taken: Taken) -> None:
    """With all scripts that are always on, which set seed, sampler and steps as txt2img has them, too."""
    p.scripts = scripts.scripts_txt2img
    p.script_args = (0, *taken.script_args[1:])
    if getattr(p, "subseed", 0) == -1:
        p.subseed = request.seed  # the same for each checkpoint
    if getattr(p, "hr_prompt", ""):
        p.hr_prompt = tag_of(request) + p.hr_prompt
    for name in ("cached_hr_c", "cached_hr_uc"):
        setattr(p, name, [None, None])


def _unread(request: PictureRequest, comments: str) -> Path | None:
    """The first file that the picture's prompt named and of which the WebUI has put nothing on.

    Args:
        comments: of the WebUI on the picture, such as "Networks with errors: mochi (192)", a number of layers.
    """
    loaded = getattr(lora_extension(), "loaded_networks", ())
    layers = {getattr(one, "name", ""): len(getattr(one, "modules", ())) for one in loaded}
    for path, _ in request.networks:
        failed = re.search(rf"\b{re.escape(path.stem)} \((\d+)\)", comments)
        if path.stem not in layers or (failed and int(failed[1]) >= layers[path.stem]):
            return path
    return None


@contextmanager
def _worn(request: PictureRequest, loras: Loras) -> Iterator[None]:
    with ExitStack() as stack:
        for path, _ in request.networks:
            stack.enter_context(loras.known(path))
        yield


@contextmanager
def _options(wanted: dict[str, Any]) -> Iterator[None]:
    """Options of the WebUI for the time of a picture; unlike ``override_settings`` also those its file lacks."""
    data = shared.opts.data
    before = {key: data.get(key, _MISSING) for key in wanted}
    data.update(wanted)
    try:
        yield
    finally:
        for key, value in before.items():
            if value is _MISSING:
                data.pop(key, None)
            else:
                data[key] = value


@contextmanager
def _no_history() -> Iterator[None]:
    """The user's last prompt (params.txt) stays."""
    before = getattr(shared.cmd_opts, "no_prompt_history", False)
    shared.cmd_opts.no_prompt_history = True
    try:
        yield
    finally:
        shared.cmd_opts.no_prompt_history = before


@contextmanager
def _quiet_state() -> Iterator[None]:
    """The WebUI's progress of the surrounding job comes back, and its live preview shows nothing of ours."""
    state = shared.state
    before = {name: getattr(state, name) for name in _STATE}
    state.job_count = max(state.job_count, 1)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(state, name, value)
        state.current_latent = None
        shared.total_tqdm.clear()


@contextmanager
def same_chance() -> Iterator[None]:
    """The global random streams of torch, Python and numpy, which generating reseeds."""
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else None
    before = torch.get_rng_state(), random.getstate(), numpy.random.get_state()
    try:
        yield
    finally:
        torch.set_rng_state(before[0])
        random.setstate(before[1])
        numpy.random.set_state(before[2])
        if cuda is not None:
            torch.cuda.set_rng_state_all(cuda)
