"""Settings of kohya's sd-scripts, and those that bmaltais' GUI saves, under our names and with their programs' meaning.

What either program means by 0, by an empty text and by two settings that contradict each other differs from what it
means here: so each is put into our words before our own checks see it.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from lib_train.config import kohya_keys as keys
from lib_train.config.fields import Option, options_of
from lib_train.config.kohya_datasets import datasets
from lib_train.config.kohya_network import network
from lib_train.config.kohya_quirks import command_line, logs, lora_scripts, mended, own_rates, renamed_choices
from lib_train.config.kohya_samples import samples
from lib_train.config.kohya_work import ON_WORDS, Work, off
from lib_train.config.network import NetworkConfig
from lib_train.config.onetrainer import Told, from_onetrainer, is_onetrainer
from lib_train.config.run import SECTIONS
from lib_train.errors import Problem
from lib_train.texts import joined, say

_FREEZES = {"network_train_unet_only": "text_encoder_lr", "network_train_text_encoder_only": "unet_lr"}


class Translated(NamedTuple):
    """A file of another schema in the words of the next one."""

    settings: dict[str, Any]
    notes: list[str]
    problems: list[Problem]


def from_sd_scripts(value: Mapping[str, Any]) -> Translated:
    """A file without a schema number: flat, or in sections of any name as sd-scripts' TOML has them.

    Keys that nobody knows stay where they are.
    """
    own = _own(value)
    value = {name: content for name, content in value.items() if name != keys.OURS}
    other = from_onetrainer(value) if is_onetrainer(value) else Told(dict(value), [], [])
    flat, section = _flattened(other.settings)
    theirs = bool(keys.MARKS & flat.keys()) and other.settings.keys() == value.keys()
    work = Work(dict(flat), other.notes, other.problems)
    command_line(work)
    datasets(work)
    _refuse_other_programs(work)
    _refuse_other_models(work)
    lora_scripts(work)
    network(work)
    if any(_is_in_parts(content) for content in value.values()) and "batch_size" in work.left:
        work.left.setdefault("train_batch_size", work.take("batch_size"))
    for old, new in keys.RENAMED.items():
        if old in work.left:
            work.left.setdefault(new, work.take(old))
    if not off(work.take("v_parameterization")):
        work.left.setdefault("prediction_type", "v")
    renamed_choices(work)
    _rates(work)
    _length(work)
    _noise(work)
    samples(work)
    own_rates(work, theirs)
    logs(work)
    mended(work)
    for declared in (option for kind in SECTIONS.values() for option in options_of(kind)):
        _in_our_words(work, declared)
    _alphas(work, theirs or "conv_dim" in flat)
    _tell_what_has_no_effect(work)
    if theirs and not own:
        _tell_other_defaults(work)
    out: dict[str, Any] = {}
    for name, setting in work.left.items():
        place = out.setdefault(section[name], {}) if name in section and name in flat else out
        place[name] = setting
    return Translated({**out, **own}, work.notes, work.problems)


def _own(value: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in a file that was exported here beside what sd-scripts reads."""
    table = value.get(keys.OURS)
    part = table.get(keys.OURS_PART) if isinstance(table, Mapping) else None
    return dict(part) if isinstance(part, Mapping) else {}


def _flattened(value: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """All settings by name, and in which of our own sections those stood that stood in one."""
    flat: dict[str, Any] = {}
    section: dict[str, str] = {}
    dicts = {option.name for kind in SECTIONS.values() for option in options_of(kind) if option.kind is dict}
    for key, content in value.items():
        if _is_in_parts(content):  # LoRA_Easy_Training_Scripts'
            for part in keys.PARTS:
                flat.update(content.get(part, {}))
            continue
        if not isinstance(content, Mapping) or key in (*dicts, *keys.NOTES, "network_args"):
            flat[key] = content
            continue
        flat.update(content)
        section.update(dict.fromkeys(content, key) if key in SECTIONS else {})
    return flat, section


def _is_in_parts(content: Any) -> bool:
    """Whether a section is ``[name.args]`` and ``[name.dataset_args]``."""
    if not isinstance(content, Mapping) or not content:
        return False
    return all(name in keys.PARTS and isinstance(part, Mapping) for name, part in content.items())


def _refuse_other_programs(work: Work) -> None:
    for marks, program in keys.OTHER_PROGRAMS.items():
        if all(mark in work.left for mark in marks):
            remedy = say(
                "this is a settings file of {program}, whose names are others; set them here anew", program=program
            )
            work.problems.append(Problem("config", ", ".join(marks), remedy))


def _refuse_other_models(work: Work) -> None:
    for switch, name in keys.OTHER_MODELS.items():
        if not off(setting := work.take(switch)):
            remedy = say("these settings are for {name}; Train Tools trains SD1, SD2 and SDXL", name=name)
            work.problems.append(Problem(switch, setting, remedy))


def _rates(work: Work) -> None:
    gui = "max_train_steps" in work.left and "epoch" in work.left
    if gui and all(off(work.left.get(rate, 1)) for rate in _FREEZES.values()):
        for rate in _FREEZES.values():  # both at 0: the GUI leaves both to learning_rate
            work.take(rate)
    several = work.left.get("text_encoder_lr")
    if isinstance(several, list | tuple):
        rates = (*several, None, None)[:2]
        work.left["text_encoder_lr"] = rates[0]
        if rates[1] is not None and str(rates[0]) != str(rates[1]):
            work.left["text_encoder_lr2"] = rates[1]
            note = say("text_encoder_lr = {several}: one for each text encoder; sd-scripts' networks.lora takes the "
                       "first for both", several=several)  # fmt: skip
            work.notes.append(note)
    for switch, rate in _FREEZES.items():
        setting = work.take(switch)
        if str(setting).strip().lower() in ON_WORDS:
            work.left[rate] = 0
        elif not off(setting):
            work.problems.append(Problem(switch, setting, say("must be true or false")))
    for switch, optimizer in (("use_8bit_adam", "AdamW8bit"), ("use_lion_optimizer", "Lion")):
        if not off(work.take(switch)):
            work.left["optimizer_type"] = optimizer


def _length(work: Work) -> None:
    """One of the two lengths: epochs win over steps, and steps over the GUI's ``epoch``."""
    epoch, steps, epochs = work.take("epoch"), work.take("max_train_steps"), work.take("max_train_epochs")
    cycles = work.left.get("lr_scheduler_num_cycles")
    if not off(epoch) and cycles == "" and work.left.get("lr_scheduler") == "cosine_with_restarts":
        work.left["lr_scheduler_num_cycles"] = epoch  # as the GUI does
    if not off(epochs):
        work.left["max_train_epochs"] = epochs
        if not off(steps):
            work.notes.append(
                say("max_train_steps = {steps}: max_train_epochs wins over it, as in sd-scripts", steps=steps)
            )
    elif not off(steps):
        work.left["max_train_steps"] = steps
        if not off(epoch):
            work.notes.append(say("epoch = {epoch}: max_train_steps wins over it, as in the GUI", epoch=epoch))
    elif not off(epoch):
        work.left["max_train_epochs"] = epoch
    percent, warmup = work.take("lr_warmup"), work.left.get("lr_warmup_steps")
    if isinstance(warmup, str) and warmup.strip().endswith("%"):
        percent, warmup = warmup.strip()[:-1], None
    if off(warmup) and not off(percent):
        _share(work, percent)


def _share(work: Work, percent: Any) -> None:
    try:
        share = float(percent) / 100
    except (TypeError, ValueError):
        work.problems.append(Problem("lr_warmup", percent, say("must be a number: percent of the run")))
        return
    if not 0 <= share < 1:
        work.problems.append(Problem("lr_warmup", percent, say("must be percent of the run, from 0 to below 100")))
    work.left["lr_warmup_steps"] = share


def _noise(work: Work) -> None:
    kind = work.left.get("noise_offset_type")
    if kind == "Multires":
        for name in ("noise_offset", "adaptive_noise_scale"):
            work.take(name)
    elif kind == "Original":
        work.take("multires_noise_iterations")


def _in_our_words(work: Work, declared: Option) -> None:
    """Drop values that mean "not chosen"; turn 0 and 1 into booleans where the setting is one."""
    name, setting = declared.name, work.left.get(declared.name)
    if declared.kind is bool:
        if isinstance(setting, int) and setting in (0, 1):
            work.left[name] = bool(setting)
        chosen = setting is not None and setting != ""
    elif declared.kind is str and not declared.choices:
        chosen = setting is not None
    else:
        chosen = setting is not None and setting is not False and str(setting).strip() not in ("", "None")
    if name in keys.OFF_IS_DEFAULT and off(setting) or not chosen:
        given = name in work.left
        work.take(name)
        if given and declared.optional:
            work.left[name] = None  # empty is off, which the default need not be


def _alphas(work: Work, idle: bool) -> None:
    """Alpha 0 is the rank itself. ``idle`` is whether an alpha without its rank is one that was never used."""
    for alpha, rank in (("network_alpha", "network_dim"), ("conv_alpha", "conv_dim")):
        if alpha in work.left and off(work.left[alpha]):
            work.left[alpha] = work.left.get(rank, getattr(NetworkConfig, rank))
    if idle and off(work.left.get("conv_dim")):
        work.take("conv_alpha")


def _tell_what_has_no_effect(work: Work) -> None:
    idle = []
    for name, neutral in sorted(keys.NOT_HERE.items()):
        if not off(setting := work.take(name)) and setting not in neutral:
            idle.append(f"{name} = {setting}")
    if idle:
        work.notes.append(say("without effect here: {idle}", idle=", ".join(idle)))
    told: dict[str, list[str]] = {}
    for name, note in keys.NOTES.items():
        if not off(setting := work.take(name)):
            told.setdefault(note, []).append(f"{name} = {setting}" if isinstance(setting, str | int | float) else name)
    work.notes.extend(joined(": ", (", ".join(subjects), note)) for note, subjects in told.items())
    for name in list(work.left):
        if name in keys.MEANINGLESS or name.startswith(keys.MEANINGLESS_BEGINNINGS):
            work.take(name)


def _tell_other_defaults(work: Work) -> None:
    ours = {option.name: option.default for kind in SECTIONS.values() for option in options_of(kind)}
    listed = [
        f"{name} {ours[name]} ({theirs})" for name, theirs in keys.THEIR_DEFAULTS.items() if name not in work.left
    ]
    if listed:
        work.notes.append(
            say("not in the file, so as Train Tools has it (sd-scripts): {listed}", listed=", ".join(listed))
        )
