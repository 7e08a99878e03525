"""Settings that a LoRA file was trained with, as far as its ``ss_*`` metadata tells them."""

import ast
import json
import math
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from lib_train.config import kohya_keys as keys
from lib_train.config.codec import names
from lib_train.config.drafts import merged
from lib_train.config.fields import options_of
from lib_train.config.kohya import from_sd_scripts
from lib_train.config.optimizers import ADAFACTOR
from lib_train.config.run import SECTIONS
from lib_train.config.training import OPTIMIZERS
from lib_train.texts import say
from lib_train.vocabulary import SCHEMA

_RENAMED = {"batch_size_per_device": "train_batch_size", "debiased_estimation": "debiased_estimation_loss"}
_TEXTS = ("network_module", "network_args")
_OTHERS = frozenset({"training_comment", "network_weights", "base_weights", "max_train_steps", "lr_warmup_steps"})
"""What is the file's own, or stands there in another form."""
_WORDS = {one.name for kind in SECTIONS.values() for one in options_of(kind) if one.kind is str} - _OTHERS
_HELD = ",".join(f"{name}={value}" for name, value in ADAFACTOR.items())
_MAKER = re.compile(r"(?:[\w.]*\.)?(\w+)(?:\((.*)\))?", re.DOTALL)


class Like(NamedTuple):
    """What a file tells of its training."""

    settings: dict[str, Any]
    """By name; all can be used together. What the file does not tell is not among them."""
    notes: list[str]
    """On what could not be read, or has no effect here."""


def settings_like(metadata: Mapping[str, str]) -> Like:
    """The settings in a LoRA file's metadata, whichever version of sd-scripts or Train Tools wrote it.

    Folders, base model, previews and comment are the person's own and not taken. The length is in epochs where the run
    had whole ones, so that it suits other pictures, and then warmup is a share of the run.
    """
    found = dict(_read(metadata))
    if not found:
        return Like({}, [say("the file tells nothing of its training: set everything anew")])
    translated = from_sd_scripts(found)
    wanted = {name: value for name, value in translated.settings.items() if name in names() - {"base_model", "vae"}}
    taken = merged({"schema": SCHEMA}, wanted)
    problems = [*translated.problems, *taken.problems]
    settings = {name: value for name, value in wanted.items() if name not in taken.drafts}
    if "max_train_epochs" in settings:
        settings["max_train_steps"] = None
    return Like(settings, [*translated.notes, *(say("not taken: {problem}", problem=problem) for problem in problems)])


def _read(metadata: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    """Names and values as a settings file of sd-scripts has them."""
    told = {key.removeprefix("ss_"): text for key, text in metadata.items() if key.startswith("ss_")}
    told = {**_first_dataset(told.get("datasets", "")), **told}
    known = (names() | keys.NOT_HERE.keys()) - _OTHERS
    for key, text in told.items():
        name = _RENAMED.get(key, key)
        if key in _TEXTS and text not in ("None", "{}"):
            yield from _network_args(_object(text), metadata) if key == "network_args" else ((key, text),)
        elif name in _WORDS and text != "None":
            yield name, text
        elif name in known and text != "Dynamic":
            yield name, _value(text)
    if maker := _MAKER.fullmatch(told.get("optimizer", "")):
        kind = next((one for one in OPTIMIZERS if one.lower() == maker[1].lower()), maker[1])
        # sd-scripts always tells relative_step; early files of Train Tools do not, which had it off
        args = "" if kind != "Adafactor" or "relative_step" in (maker[2] or "") else _HELD
        yield from (("optimizer_type", kind), ("optimizer_args", ",".join(filter(None, (maker[2], args)))))
    yield from _length(told)
    if bounds := re.fullmatch(r"(\d+),(\d+)", metadata.get("modelspec.timestep_range", "")):
        yield from (("min_timestep", int(bounds[1])), ("max_timestep", int(bounds[2])))


def _network_args(args: Any, metadata: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    """Those of a LoRA that was trained here may have a preset, which sd-scripts' own have not."""
    own = metadata.get("modelspec.implementation_version", "").startswith("train-tools/")
    if own and metadata.get("ss_network_module") == "networks.lora" and isinstance(args, dict) and "preset" in args:
        yield "network_preset", args["preset"]
        args = {name: value for name, value in args.items() if name != "preset"}
    yield "network_args", args


def _first_dataset(text: str) -> dict[str, str]:
    """Values of the first dataset and its first folder, where sd-scripts was given a file of datasets."""
    with suppress(ValueError, TypeError, LookupError, AttributeError):
        first = json.loads(text)[0]
        both = {**first, **(first.get("subsets") or [{}])[0]}
        return {name: str(value) for name, value in both.items()}
    return {}


def _length(told: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    steps, epochs, batches, warmup, together = (
        _number(told.get(name, "")) for name in
        ("max_train_steps", "num_epochs", "num_batches_per_epoch", "lr_warmup_steps", "gradient_accumulation_steps")
    )  # fmt: skip
    whole = epochs > 0 and steps == epochs * -(-batches // max(together, 1))
    if whole:
        yield "max_train_epochs", int(epochs)
    elif steps > 0:
        yield "max_train_steps", int(steps)
    if 0 < warmup < steps:
        yield "lr_warmup_steps", round(warmup / steps, 4) if whole and warmup >= 1 else warmup


def _number(text: str) -> float:
    with suppress(ValueError):
        return float(text) if math.isfinite(float(text)) else 0.0
    return 0.0


def _object(text: str) -> Any:
    with suppress(ValueError, RecursionError):
        return json.loads(text)
    return text


def _value(text: str) -> Any:
    """
    >>> _value("None"), _value("(512, 768)"), _value("[5e-05, 1e-05]"), _value("0.1"), _value("True")
    (None, (512, 768), [5e-05, 1e-05], '0.1', 'True')
    """
    if text == "None":
        return None
    if text[:1] in ("(", "["):
        with suppress(ValueError, SyntaxError, MemoryError, RecursionError):
            return ast.literal_eval(text)
    return text
