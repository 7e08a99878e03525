"""Pictures of the loaded model: a few Euler steps, seeded through torch's global chance as in the WebUI."""

import re
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import networks
import torch
from modules import paths, sd_hijack, sd_models, shared
from PIL import Image
from torch import Tensor

from lib_train.diffusion.schedule import alphas_cumprod


class ExtraNetworkParams:
    """What is between the marks of ``<lora:name:weight>``, equal where it is the same words."""

    def __init__(self, items: list[str]) -> None:
        self.items, self.positional = items, list(items)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ExtraNetworkParams) and self.items == other.items


class StableDiffusionProcessing:
    cached_c: ClassVar[list[Any]] = [None, None]
    cached_uc: ClassVar[list[Any]] = [None, None]


@dataclass
class StableDiffusionProcessingTxt2Img(StableDiffusionProcessing):
    prompt: str
    negative_prompt: str
    seed: int
    sampler_name: str
    steps: int
    cfg_scale: float
    width: int
    height: int
    batch_size: int
    n_iter: int
    do_not_save_samples: bool
    do_not_save_grid: bool
    do_not_reload_embeddings: bool
    scheduler: str = "Automatic"
    styles: list[str] = field(default_factory=list)
    override_settings: dict[str, Any] = field(default_factory=dict)
    enable_hr: bool = False
    hr_scale: float = 2.0
    hr_prompt: str = ""
    hr_checkpoint_name: str | None = None
    refiner_checkpoint: str | None = None
    scripts_value: Any = field(default=None, init=False)
    script_args_value: Any = field(default=None, init=False)
    closed: bool = field(default=False, init=False)
    extra_generation_params: dict[str, Any] = field(default_factory=dict, init=False)
    extra_network_data: Any = field(default=None, init=False)
    comments: list[str] = field(default_factory=list, init=False)
    cached_hr_c: ClassVar[list[Any]] = [None, None]
    cached_hr_uc: ClassVar[list[Any]] = [None, None]

    @property
    def scripts(self) -> Any:
        return self.scripts_value

    @scripts.setter
    def scripts(self, value: Any) -> None:
        self.scripts_value = value
        self._set_up()

    @property
    def script_args(self) -> Any:
        return self.script_args_value

    @script_args.setter
    def script_args(self, value: Any) -> None:
        self.script_args_value = value
        self._set_up()

    def _set_up(self) -> None:
        if self.scripts_value and self.script_args_value:
            self.scripts_value.setup_scrips(self)

    def close(self) -> None:
        self.closed = True


def process_images(p: StableDiffusionProcessingTxt2Img) -> Any:
    model = shared.sd_model
    if p.script_args:
        p.scripts.before_process(p)
    p.prompt = ", ".join([p.prompt, *p.styles])
    sd_hijack.model_hijack.comments.clear()
    tags = re.findall(r"<lora:([^>]+)>", p.prompt)
    p.extra_network_data = [ExtraNetworkParams(tag.split(":")) for tag in tags]
    networks.extra_network_lora.activate(p, p.extra_network_data)
    p.comments = list(sd_hijack.model_hijack.comments)
    sd_models.apply_token_merging(model, shared.opts.data.get("token_merging_ratio", 0))
    sd_hijack.model_hijack.apply_circular(shared.opts.data.get("tiling", False))
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of ldm's own gradient checkpointing
        states = [_encoded(model, p, p.cached_uc, p.negative_prompt),
                  _encoded(model, p, p.cached_c, re.sub("<[^>]+>", "", p.prompt))]  # fmt: skip
        picture = _sampled(model, states, p)
        if p.enable_hr:
            picture = picture.resize((int(p.width * p.hr_scale), int(p.height * p.hr_scale)))
    sd_models.apply_token_merging(model, 0)
    if shared.state.interrupted:
        return SimpleNamespace(images=[], infotexts=[])
    shown_prompt = p.prompt if p.scripts is not None else re.sub("<[^>]+>", "", p.prompt)
    text = f"{shown_prompt}\nNegative prompt: {p.negative_prompt}\nSteps: {p.steps}, Sampler: {p.sampler_name}, "
    text += f"Seed: {p.seed}, Size: {p.width}x{p.height}, Model: {model.sd_checkpoint_info.title}"
    skip = shared.opts.data.get("CLIP_stop_at_last_layers", 1)
    text += f", Clip skip: {skip}" if skip > 1 else ""
    text += "".join(f", {name}: {value}" for name, value in p.extra_generation_params.items())
    if paths.data_path and not shared.cmd_opts.no_prompt_history:
        Path(paths.data_path, "params.txt").write_text(text)
    return SimpleNamespace(images=[picture], infotexts=[text])


def _encoded(model: Any, p: Any, cache: list[Any], text: str) -> tuple[Tensor, Any]:
    """The prompt's encoding, or the last one where its words, its networks and what else counts are the same."""
    key = text, p.extra_network_data, shared.opts.data.get("CLIP_stop_at_last_layers", 1), model.sd_checkpoint_info
    if cache[0] != key:
        cache[:] = key, _conditioning(model, text, p)
    return cache[1]  # type: ignore[no-any-return]


def _conditioning(model: Any, text: str, p: Any) -> tuple[Tensor, Any]:
    if not model.is_sdxl:
        return model.cond_stage_model(text), None
    first, second = (embedder(text) for embedder in model.conditioner.embedders[:2])
    sizes = torch.tensor([[p.height, p.width], [0, 0], [p.height, p.width]]).float()
    parts = [embed(pair[None]) for embed, pair in zip(model.conditioner.embedders[2:], sizes, strict=True)]
    return torch.cat([first, second["penultimate"]], -1), torch.cat([second["pooled"], *parts], 1)


def _sampled(model: Any, states: Any, p: Any) -> Image.Image:
    torch.manual_seed(p.seed)
    bars = alphas_cumprod()
    times = torch.linspace(999, 0, p.steps).long()
    sigmas = torch.cat([((1 - bars) / bars).sqrt()[times], torch.zeros(1)])
    x = torch.randn(1, 4, p.height // 8, p.width // 8) * sigmas[0]
    for time, now, then in zip(times, sigmas, sigmas[1:], strict=False):
        scaled = x / (now**2 + 1).sqrt()
        without, fully = (model.model.diffusion_model(scaled, time[None], context=c, y=y) for c, y in states)
        x = x + (without + p.cfg_scale * (fully - without)) * (then - now)
        x = x + torch.randn_like(x) * 0.01 * then if p.sampler_name == "Euler a" else x
    pixels = model.first_stage_model.decode(x / model.scale_factor)[0].clamp(-1, 1).add(1).mul(127.5)
    return Image.fromarray(pixels.permute(1, 2, 0).round().byte().numpy())
