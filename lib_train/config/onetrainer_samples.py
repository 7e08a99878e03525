"""OneTrainer's samples as previews."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lib_train.config.sample_prompts import written

_SAMPLE = {
    "negative_prompt": ("preview_negative_prompt", "n"), "width": ("preview_width", "w"),
    "height": ("preview_height", "h"), "seed": ("preview_seeds", "d"), "diffusion_steps": ("preview_steps", "s"),
    "cfg_scale": ("preview_cfg_scale", "l"),
}  # fmt: skip
"""Theirs -> ours for all prompts, and behind a prompt."""


def samples_in(samples: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Options that all share are settings; others stay behind their prompts."""
    options = [{theirs: one[theirs] for theirs in _SAMPLE if one.get(theirs) not in (None, "")} for one in samples]
    if samples and all(one == options[0] for one in options):
        yield "preview_prompts", [str(one.get("prompt", "")) for one in samples]
        yield from ((_SAMPLE[theirs][0], value) for theirs, value in options[0].items())
    elif samples:
        yield (
            "preview_prompts",
            [
                written(str(one.get("prompt", "")), {_SAMPLE[theirs][1]: str(value) for theirs, value in own.items()})
                for one, own in zip(samples, options, strict=True)
            ],
        )
