"""What those programs take and Train Tools does not, or under another name: taken as what comes nearest, and told."""

import re
import shlex
from collections.abc import Sequence
from typing import Any

from lib_train.config import kohya_keys as keys
from lib_train.config.kohya_work import Work, off
from lib_train.config.network import LARGEST_RANK
from lib_train.config.optimizers import SCHEDULE_FREE
from lib_train.config.training import OPTIMIZERS, SCHEDULES
from lib_train.config.values import pairs_of
from lib_train.errors import Problem
from lib_train.texts import say

_OPTIMIZERS = {
    "pagedadamw": "AdamW", "pagedadamw8bit": "AdamW8bit", "pagedadamw32bit": "AdamW", "pagedlion8bit": "Lion8bit",
    "adam": "AdamW", "dadaptation": "DAdaptAdam", "dadapt": "DAdaptAdam", "dadaptadampreprint": "DAdaptAdam",
    "radamschedulefree": "AdamWScheduleFree", "prodigyplusschedulefree": "Prodigy",
}  # fmt: skip
"""In small letters: near relatives of those that there are."""
_SCHEDULES = {
    "cosine_annealing": "cosine", "cosineannealinglr": "cosine", "constantlr": "constant",
    "linearlr": "linear", "cosine_annealing_with_restarts": "cosine_with_restarts", "polynomiallr": "polynomial",
    "cosineannealingwarmrestarts": "cosine_with_restarts",
}  # fmt: skip
_SEVERAL = frozenset(("network_args", "optimizer_args", "base_weights", "base_weights_multiplier", "text_encoder_lr"))
"""Flags of sd-scripts that several values follow."""
_SMALLEST_STEP = 8
_NUMBER = re.compile(r"\s*\d+(\.0*)?\s*")


def command_line(work: Work) -> None:
    """Flags that somebody gave beside the form, such as ``--max_grad_norm=0``; they win, as there."""
    text = work.take("additional_parameters")
    if off(text):
        return
    try:
        words = shlex.split(str(text))
    except ValueError:
        words = [str(text)]
    if not words or not words[0].startswith("--"):
        work.left["additional_parameters"] = text  # told with the others
        return
    for name, values in _flags(words):
        work.left[name] = values if name in _SEVERAL else values[0] if values else True


def _flags(words: Sequence[str]) -> list[tuple[str, list[str]]]:
    """
    >>> _flags(["--a=1", "--b", "--optimizer_args", "x=1", "y=2"])
    [('a', ['1']), ('b', []), ('optimizer_args', ['x=1', 'y=2'])]
    """
    found: list[tuple[str, list[str]]] = []
    for word in words:
        if word.startswith("--"):
            name, sign, value = word[2:].partition("=")
            found.append((name.replace("-", "_"), [value] if sign else []))
        else:
            found[-1][1].append(word)
    return found


def renamed_choices(work: Work) -> None:
    """Optimizers and schedules in whichever letters, and those that are nearly the same."""
    for name, known, relatives in (
        ("optimizer_type", OPTIMIZERS, _OPTIMIZERS), ("lr_scheduler", SCHEDULES, _SCHEDULES),
    ):  # fmt: skip
        given = work.left.get(name)
        if not isinstance(given, str) or given in known or not given.strip():
            continue
        plain = given.strip().split(":")[0].split(".")[-1].lower()
        if plain in (same := {one.lower(): one for one in known}):
            work.left[name] = same[plain]
        elif plain in relatives:
            work.left[name] = relatives[plain]
            note = say("{name} = {given}: there is {taken}, which is taken", name=name, given=given,
                       taken=relatives[plain])  # fmt: skip
            work.notes.append(note)


def own_rates(work: Work, theirs: bool) -> None:
    """Adafactor, which finds its own rate in sd-scripts unless relative_step is turned off; and schedule-free ones.

    Args:
        theirs: whether the file was written for sd-scripts.
    """
    is_adafactor, name = work.left.get("optimizer_type") == "Adafactor", "lr_scheduler"
    if not is_adafactor and work.left.get(name) == "adafactor":  # which stops with an error there
        work.left[name] = "constant"
        note = say("{name} = {given}: there is {taken}, which is taken", name=name, given="adafactor", taken="constant")
        work.notes.append(note)
    is_free = work.left.get("optimizer_type") in SCHEDULE_FREE
    if is_free and theirs and not off(warmup := work.take("lr_warmup_steps")):
        note = say("lr_warmup_steps = {warmup}: without effect there with a schedule-free optimizer, so it is 0 here",
                   warmup=warmup)  # fmt: skip
        work.notes.append(note)
    if not is_adafactor or not theirs:
        return
    try:
        given = pairs_of(work.left.get("optimizer_args") or {})
    except (TypeError, ValueError):
        return  # told as it is checked
    found = {"scale_parameter": True, "relative_step": True, **given}
    if not off(found.get("warmup_init")):
        found["relative_step"] = True
    work.left["optimizer_args"] = found
    if off(found["relative_step"]):
        if work.left.get("lr_scheduler") == "adafactor":
            work.left["lr_scheduler"] = "constant"
        return
    work.left["lr_scheduler"] = "adafactor"
    if not off(warmup := work.take("lr_warmup_steps")):
        note = say("lr_warmup_steps = {warmup}: Adafactor with relative_step warms up by warmup_init", warmup=warmup)
        work.notes.append(note)


def logs(work: Work) -> None:
    """Where numbers go: sd-scripts writes for TensorBoard as soon as there is a folder for it."""
    given, folder = work.left.get("log_with"), work.take("logging_dir")
    if given in ("wandb", "all"):
        note = say("log_with = {given}: nothing is uploaded; the numbers of a run are in metrics.csv in its folder, "
                   "and for TensorBoard with log_with = tensorboard", given=str(given))  # fmt: skip
        work.notes.append(note)
        work.take("log_with")
    if given == "all" or (off(given) and not off(folder)):
        work.left["log_with"] = "tensorboard"
    if work.left.get("log_with") == "tensorboard" and not off(folder):
        note = say("logging_dir = {folder}: TensorBoard's event files lie in the runs' own folders; give tensorboard "
                   "--logdir the output folder", folder=str(folder))  # fmt: skip
        work.notes.append(note)


def mended(work: Work) -> None:
    """Numbers that either cannot be here or mean what another setting says."""
    _step(work)
    _sides(work)
    for name in ("conv_dim", "network_dim"):  # how LyCORIS is asked for whole matrices
        if work.left.get("network_type") == "lokr" and _is_more(work.left.get(name), LARGEST_RANK):
            work.left |= {name: LARGEST_RANK} | ({"full_matrix": True} if name == "network_dim" else {})
    if work.left.get("lr_scheduler") == "constant" and not off(warmup := work.left.get("lr_warmup_steps")):
        work.left["lr_warmup_steps"] = 0
        note = say("lr_warmup_steps = {warmup}: constant has no warmup; constant_with_warmup has", warmup=warmup)
        work.notes.append(note)


def _step(work: Work) -> None:
    step = work.left.get("bucket_reso_steps")
    if off(step) or not _NUMBER.fullmatch(str(step)):
        return
    number = int(float(str(step)))
    nearest = max(number // _SMALLEST_STEP, 1) * _SMALLEST_STEP
    if nearest != number:
        work.left["bucket_reso_steps"] = nearest
        _tell_taken(work, "bucket_reso_steps", step, nearest)


def _sides(work: Work) -> None:
    given = work.left.get("resolution")
    parts = given.split(",") if isinstance(given, str) else given if isinstance(given, list | tuple) else [given]
    if not all(_NUMBER.fullmatch(str(part)) for part in parts):
        return
    sides = [int(float(str(part))) for part in parts]
    nearest = [side // _SMALLEST_STEP * _SMALLEST_STEP for side in sides]
    if nearest != sides and all(nearest):
        work.left["resolution"] = nearest
        _tell_taken(work, "resolution", given, ",".join(map(str, nearest)))


def _tell_taken(work: Work, name: str, given: Any, taken: object) -> None:
    note = say("{name} = {given}: must be a multiple of 8, so {taken} is taken", name=name, given=given, taken=taken)
    work.notes.append(note)


def _is_more(value: Any, limit: int) -> bool:
    return bool(_NUMBER.fullmatch(str(value))) and float(value) > limit


def lora_scripts(work: Work) -> None:
    """What lora-scripts' pages keep of networks and optimizers, as sd-scripts gets it from them."""
    kind = str(work.take("model_train_type") or work.take("train_type") or "")
    if kind not in keys.TRAIN_TYPES:
        remedy = say("these settings are for {name}; Train Tools trains SD1, SD2 and SDXL", name=kind)
        work.problems.append(Problem("model_train_type", kind, remedy))
    algo, factor, dropout = (work.take(name) for name in ("lycoris_algo", "lokr_factor", "dropout"))
    theirs = [f"algo={algo}"] if algo and work.left.get("network_module") == "lycoris.kohya" else []
    theirs += [f"factor={factor}"] if theirs and algo == "lokr" and not off(factor) else []
    for name, first in (("network_args", theirs), ("optimizer_args", [])):
        more = work.take(f"{name}_custom")
        if first or not off(more):
            given = work.left.get(name)
            before = given if isinstance(given, list) else [] if off(given) else [str(given)]
            work.left[name] = [*before, *first, *(more if isinstance(more, list) else [])]
    if not off(dropout):
        work.left.setdefault("network_dropout", dropout)
    for name in ("prodigy_d0", "prodigy_d_coef"):
        if not off(value := work.take(name)) and str(work.left.get("optimizer_type")).lower() == "prodigy":
            arguments = work.left.get("optimizer_args")
            work.left["optimizer_args"] = [*(arguments if isinstance(arguments, list) else []),
                                           f"{name.removeprefix('prodigy_')}={value}"]  # fmt: skip
