"""Sample prompts of sd-scripts, bmaltais' GUI and lora-scripts as the previews of a version."""

import re
from typing import Any

from lib_train.config.kohya_work import Work, off
from lib_train.config.preview import OPTION
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
    """The first line's options count for all: previews of a version share them."""
    found = [_parted(line) for line in lines]
    work.left.setdefault("preview_prompts", [prompt for prompt, _ in found if prompt])
    first = found[0][1] if found else {}
    for letter, value in first.items():
        if letter == "ss":
            work.left |= {"preview_sampler": [sampler]} if (sampler := _sampler(value)) else {}
        elif letter in _OPTIONS:
            work.left.setdefault(_OPTIONS[letter], value)
    if any(options != first for _, options in found):
        note = say("sample_prompts: all prompts have the options of the first one here, such as --n and --w")
        work.notes.append(note)


def _parted(line: str) -> tuple[str, dict[str, str]]:
    """
    >>> _parted("a cat, sitting --n worst quality, bad --w 512 --d 7")
    ('a cat, sitting', {'n': 'worst quality, bad', 'w': '512', 'd': '7'})
    """
    found = list(OPTION.finditer(line))
    ends = [*(match.start() for match in found[1:]), len(line)]
    options = {match[1]: line[match.start(2) : end].strip() for match, end in zip(found, ends, strict=False)}
    return line[: found[0].start() if found else None].strip(), options


def _sampler(name: Any) -> str | None:
    return _SAMPLERS.get(str(name).strip().lower().removeprefix("k_"))
