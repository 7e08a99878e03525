"""Previews as txt2img is set: which of their values come from where."""

import re
from dataclasses import replace
from typing import Any

from lib_train.config.run import RunConfig
from lib_train.host.protocol import Host
from lib_train.txt2img import Txt2img

_TAG = re.compile(r"\s*<lora:([^:>]+)[^>]*>")


def txt2img_of(host: Host, config: RunConfig) -> Txt2img | None:
    """What txt2img is set to, where the previews are to be like it.

    Raises:
        ConfigError: the host has no txt2img, or it has made no picture yet.
    """
    return host.txt2img() if config.preview.preview_like_txt2img else None


def as_txt2img(config: RunConfig, txt2img: Txt2img | None, own: str) -> RunConfig:
    """The settings by which previews are drawn.

    Checkpoints, weights, seeds and whatever has several values stay; so do prompts, where there are any, and a negative
    prompt. All else is txt2img's.

    Args:
        own: with what the names of the version's own files begin: txt2img's prompt may put one on, which is what the
            previews put on themselves.
    """
    if txt2img is None:
        return config
    preview = config.preview
    taken: dict[str, Any] = {
        "preview_prompts": preview.preview_prompts or (_without(txt2img.prompt, own),),
        "preview_negative_prompt": preview.preview_negative_prompt or txt2img.negative_prompt,
        "preview_sampler": _one(preview.preview_sampler, txt2img.sampler),
        "preview_steps": _one(preview.preview_steps, txt2img.steps),
        "preview_cfg_scale": _one(preview.preview_cfg_scale, txt2img.cfg_scale),
    }
    if max(len(preview.preview_width), len(preview.preview_height)) <= 1:
        taken |= {"preview_width": (txt2img.width,), "preview_height": (txt2img.height,)}
    training = replace(config.training, clip_skip=txt2img.clip_skip)
    return replace(config, training=training, preview=replace(preview, **taken))


def _one(several: tuple[object, ...], taken: object) -> tuple[object, ...]:
    return several if len(several) > 1 else (taken,)


def _without(prompt: str, own: str) -> str:
    """The prompt without the network in training and without the version's own files.

    >>> _without("mochi, <lora:p-v1-r001:0.8> smile <lora:other:1><lora:@training:1>", "p-v1-")
    'mochi, smile <lora:other:1>'
    """
    strange = _TAG.sub(lambda found: "" if found[1].startswith((own, "@")) else found[0], prompt)
    return strange.strip()
