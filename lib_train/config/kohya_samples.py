"""Sample prompts of sd-scripts, bmaltais' GUI and lora-scripts as the previews of a version."""

import re
from typing import Any

from lib_train.config.kohya_work import Work, off
from lib_train.config.sample_prompts import parted, written
from lib_train.texts import joined, say

_SAMPLERS = {
    "ddim": "DDIM", "pndm": "PLMS", "euler": "Euler", "euler_a": "Euler a", "heun": "Heun", "dpm_2": "DPM2",
    "dpm_2_a": "DPM2 a", "dpmsolver++": "DPM++ 2M", "dpmsolver": "DPM++ 2M", "dpmsingle": "DPM++ 2M",
}  # fmt: skip
"""Theirs -> ours; ``k_`` may stand before theirs."""
_OPTIONS = {
    "n": "preview_negative_prompt", "w": "preview_width", "h": "preview_height", "d": "preview_seeds",
    "s": "preview_steps", "l": "preview_cfg_scale", "ss": "preview_sampler",
}  # fmt: skip
_FILE = re.compile(r"[^\n]*\.(txt|toml|json)", re.IGNORECASE)
_OF_LORA_SCRIPTS = {
    "positive_prompts": "preview_prompts", "negative_prompts": "preview_negative_prompt",
    "sample_width": "preview_width", "sample_height": "preview_height", "sample_seed": "preview_seeds",
    "sample_steps": "preview_steps", "sample_cfg": "preview_cfg_scale",
}  # fmt: skip


def samples(work: Work) -> None:
    """Prompts, their options, and how often pictures are made."""
    for unit in ("epochs", "steps"):
        if not off(often := work.take(f"sample_every_n_{unit}")):
            work.left.setdefault(f"preview_every_n_{unit}", often)
    if not off(work.take("sample_at_first")):
        work.left.setdefault("preview_at_first", True)
    if (sampler := _sampler(work.take("sample_sampler"))) is not None:
        work.left.setdefault("preview_sampler", [sampler])
    for theirs, ours in _OF_LORA_SCRIPTS.items():
        if not off(value := work.take(theirs)):
            work.left.setdefault(ours, [value] if ours == "preview_prompts" else value)
    text = work.take("sample_prompts")
    if off(text):
        return
    if not isinstance(text, str) or _FILE.fullmatch(text.strip()):
        note = say("is not read: write its prompts into preview_prompts")
        work.notes.append(joined(": ", (joined(" = ", ("sample_prompts", text)), note)))
        return
    _prompts(work, [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")])


def _prompts(work: Work, lines: list[str]) -> None:
    """Options that all prompts share are settings; others stay behind their prompts."""
    found = [(prompt, _ours(options)) for prompt, options in map(parted, lines) if prompt]
    shared = dict(found[0][1]) if found and all(options == found[0][1] for _, options in found) else {}
    work.left.setdefault(
        "preview_prompts", [prompt if shared else written(prompt, options) for prompt, options in found]
    )
    for letter, value in shared.items():
        if letter in _OPTIONS:
            work.left.setdefault(_OPTIONS[letter], value)


def _ours(options: dict[str, str]) -> dict[str, str]:
    """With our names of samplers; one that is not known here is left out."""
    found = {letter: _sampler(value) if letter == "ss" else value for letter, value in options.items()}
    return {letter: value for letter, value in found.items() if value is not None}


def _sampler(name: Any) -> str | None:
    return _SAMPLERS.get(str(name).strip().lower().removeprefix("k_"))
