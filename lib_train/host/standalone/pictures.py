"""One preview picture: latents, pixels, and the infotext."""

import json

import torch
from PIL import Image
from torch import Tensor

from lib_train.errors import HostModelError
from lib_train.host.protocol import PictureRequest
from lib_train.host.standalone.model import StandaloneModel
from lib_train.host.standalone.sampling import sample, sampler_and_schedule, sampler_of, starting_noise
from lib_train.networks.finite import not_finite, some_of
from lib_train.texts import say


@torch.no_grad()
def picture(model: StandaloneModel, request: PictureRequest) -> Image.Image:
    """The picture of a request, with the networks that are attached now. It depends on the request's seed alone.

    Raises:
        HostModelError: the picture holds NaN; says why.
    """
    both = model.encode_guidance(request.negative_prompt, request.prompt, request.clip_skip)
    sizes = torch.tensor([[request.height, request.width, 0, 0, request.height, request.width]], dtype=torch.float32)
    sizes = sizes.repeat(2, 1).to(model.device)

    def denoise(latents: Tensor, timestep: Tensor) -> Tensor:
        doubled = latents.repeat(2, 1, 1, 1).to(model.device)
        timesteps = timestep.to(model.device).reshape(1).repeat(2)
        without, wanted = model.predict(doubled, timesteps, both, sizes).float().cpu().chunk(2)
        return without + request.cfg_scale * (wanted - without)

    noise, generator = starting_noise(request.seed, request.height, request.width)
    latents = sample(
        denoise, noise, sampler_of(request), request.steps, model.prediction_type, generator,
        zero_terminal_snr=model.zero_terminal_snr, is_sdxl=model.family == "sdxl",
    )  # fmt: skip
    if not latents.isfinite().all():
        raise HostModelError(_why_not_finite(model, request))
    decoded = model.decode_latents(latents)[0]
    if not decoded.isfinite().all():
        raise HostModelError(say("the picture holds NaN: {why}", why=model.vae_fault()))
    pixels = decoded.add(1).mul(127.5).round().byte().permute(1, 2, 0).cpu().numpy()
    return Image.fromarray(pixels)


def _why_not_finite(model: StandaloneModel, request: PictureRequest) -> str:
    title, applied = model.identity.title, request.network is not None and request.weight != 0
    broken = not_finite(pair for part in (model.unet, *model.text_encoders) for pair in part.named_parameters())
    if broken:
        return say(
            "the picture holds NaN: the base model {name} is broken, {count} of its tensors hold NaN or infinity "
            "({names}): take another copy of it, or choose another",
            name=title, count=len(broken), names=some_of(broken),
        )  # fmt: skip
    if applied and request.network is not None:
        return say(
            "the picture holds NaN: so it is with {name} at weight {weight:g}: lower preview_weights, or choose "
            "another checkpoint",
            name=request.network.name, weight=request.weight,
        )  # fmt: skip
    return say(
        "the picture holds NaN: so it is with the base model {name} alone: lower preview_cfg_scale, or have it in "
        "float32 (mixed_precision no)",
        name=title,
    )


def infotext(request: PictureRequest, title: str, zero_terminal_snr: bool = False) -> str:
    """The request as infotext of the WebUI, which its PNG Info tab reads."""
    prompt = request.prompt + "".join(f" <lora:{path.stem}:{weight:g}>" for path, weight in request.networks)
    lines = [prompt] + ([f"Negative prompt: {request.negative_prompt}"] if request.negative_prompt else [])
    sampler, schedule = sampler_and_schedule(request)
    facts = {"Steps": request.steps, "Sampler": sampler}
    if schedule != "Uniform" or sampler.startswith("DPM"):  # whose schedule would be another if nothing were said
        facts["Schedule type"] = schedule
    facts |= {
        "CFG scale": f"{request.cfg_scale:g}",
        "Seed": request.seed,
        "Size": f"{request.width}x{request.height}",
        "Model": title.rpartition(".")[0] or title,
    }
    if request.clip_skip > 1:
        facts["Clip skip"] = request.clip_skip
    if zero_terminal_snr:
        facts["Noise Schedule"] = "Zero Terminal SNR"
    return "\n".join([*lines, ", ".join(f"{name}: {_quoted(value)}" for name, value in facts.items())])


def _quoted(value: object) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if any(mark in text for mark in ",:\n") else text
