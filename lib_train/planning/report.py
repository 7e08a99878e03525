"""Figures and problems of a run before it starts. Pure: settings, scan and sizes in."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from lib_train.config.run import RunConfig
from lib_train.config.sample_prompts import notes_on_prompts
from lib_train.config.sheet_lines import notes_on_sheets
from lib_train.config.training import TrainingConfig
from lib_train.config.uses import Circumstances, made_idle, without_effect
from lib_train.dataset.batches import Batches, captions_of
from lib_train.errors import Problem
from lib_train.host.protocol import ModelSize
from lib_train.host.shared.prompts import unweighted
from lib_train.optim.optimizers import notes_on
from lib_train.optim.schedules import warmup_steps_of
from lib_train.pictures.buckets import Bucketing
from lib_train.pictures.captions import compose, steady, varies
from lib_train.pictures.doctor.worst import Worst
from lib_train.pictures.records import Picture, Scan
from lib_train.pictures.rules import told_of_length
from lib_train.planning.advice import Advice, advice_on
from lib_train.planning.layers import notes_on_precision, problems_in_layers, weights_of
from lib_train.planning.memory import device_bytes, state_bytes
from lib_train.planning.objective import notes_on_masks
from lib_train.planning.speed import Speed
from lib_train.planning.validation import notes_on_validation, problems_with_validation, steps_of_validation
from lib_train.planning.words import size_text, some_text, span_text
from lib_train.planning.work import work_of
from lib_train.texts import joined, say
from lib_train.training.assemble import caches_captions, nothing_trained, problems_on
from lib_train.training.plan import MOST_STEPS, TrainPlan
from lib_train.training.precision import chosen_name

_SAVED = {"fp16": 2, "bf16": 2, "float": 4}
CountTokens = Callable[[Sequence[str]], Sequence[int]]
_CONTEXT = {"sd1": 768, "sd2": 1024, "sdxl": 2048}


@dataclass(frozen=True, kw_only=True)
class Report:
    """Figures of a planned run, with everything that is wrong or worth knowing."""

    pictures: int
    regularisation: int
    uses: int
    """Pictures times repeats in an epoch, regularisation included."""
    repeats: tuple[int, int]
    """Least and most times that a training picture is used in an epoch; (0, 0) without pictures."""
    resolution: tuple[int, int]
    """Width and height of the training area in pixels."""
    buckets: Mapping[tuple[int, int], int]
    plan: TrainPlan
    saves: tuple[int, ...]
    """Steps after which a checkpoint is written."""
    network_weights: int
    checkpoint_bytes: int
    """Of each save: of both files, where the average lies beside the weights."""
    disk_bytes: int
    """Of all checkpoints, the two newest states and the cache."""
    memory_bytes: int
    """On the device, while training: an estimate."""
    seconds: float | None
    """Time from the first step to the last, without previews; None where nothing tells."""
    seconds_are: str
    """"measured" by an earlier run of the same kind, or "estimated" from model, sizes and device: roughly. Or empty."""
    problems: tuple[Problem, ...]
    unused: tuple[tuple[str, str], ...]
    """Changed settings that are without effect, each with its reason; the notes say it, too."""
    idle: tuple[tuple[str, str], ...]
    """Settings at their defaults that others made idle, each with its reason."""
    notes: tuple[str, ...]
    advice: tuple[Advice, ...]
    family: str
    """Of the base model."""
    side: int
    """Pixels of a side that the base model was trained at."""
    worst: Worst | None = None
    """The worst of what is wrong with pictures and captions; None for nothing, and where nobody has looked."""
    base_model: str = ""
    """Its title; empty where nobody asked a host."""

    def __str__(self) -> str:
        plan = self.plan
        sizes = ", ".join(f"{w}x{h}: {count}" for (w, h), count in self.buckets.items())
        lines = [say("base model  {title}", title=self.base_model)] if self.base_model else []
        lines += [
            say("pictures    {pictures}, regularisation {regularisation}; {uses} uses in an epoch",
                pictures=self.pictures, regularisation=self.regularisation, uses=self.uses),
            say("buckets     {sizes}", sizes=sizes or say("none")),
            say("steps       {steps}: {epochs} epochs of {length} ({batches} batches)",
                steps=plan.total_steps, epochs=plan.epochs, length=plan.steps_per_epoch,
                batches=plan.batches_per_epoch),
            say("network     {weights:,} weights", weights=self.network_weights),
            say("checkpoints {count} of {size}: after steps {steps}",
                count=len(self.saves), size=size_text(self.checkpoint_bytes), steps=some_text(self.saves)),
            say("disk        {size} with states and cache", size=size_text(self.disk_bytes)),
            say("memory      about {size} on the device", size=size_text(self.memory_bytes)),
            say("time        {span}", span=self._time()),
        ]  # fmt: skip
        lines += [say("note        {note}", note=note) for note in self.notes]
        if self.worst:
            lines.append(say("doctor      {worst}", worst=self.worst.line))
        lines += [say("advice      {advice}", advice=advice.text) for advice in self.advice]
        if self.problems:
            count = len(self.problems)
            head = say("1 problem:") if count == 1 else say("{count} problems:", count=count)
            lines += [head, *(joined("", ("  ", problem)) for problem in self.problems)]
        return joined("\n", lines)

    def _time(self) -> str:
        if not self.seconds:
            return say("known after the first run")
        if self.seconds_are == "estimated":
            return say("about {span} (estimated)", span=span_text(self.seconds))
        return say("about {span}", span=span_text(self.seconds))


def report_of(
    config: RunConfig,
    scan: Scan,
    size: ModelSize,
    device: str,
    step_seconds: float | None = None,
    count_tokens: CountTokens | None = None,
    speed: Speed | None = None,
    network_weights: int | None = None,
) -> Report:
    """Figures and problems of a run on a device, "cuda", "mps" or "cpu".

    Args:
        config: as the run takes it; see ``fitting.fitted``.
        step_seconds: what a step of an earlier run of the same kind took; None where there is none.
        speed: of the device, for an estimate where there is no such run; None where nobody knows.
        count_tokens: tokens of each caption; None where they cannot be counted; long captions are not reported then.
        network_weights: numbers that are trained, where a file decides it; None where the settings do.
    """
    training, dataset = config.training, config.dataset
    batches = Batches(scan, dataset, batch_size=training.train_batch_size, seed=training.seed)
    plan = TrainPlan.of(batches.batches_per_epoch, training)
    weights, rates = weights_of(config, size)
    weights = weights if network_weights is None else network_weights
    too_long = _too_long(training, plan)
    trained = [picture for picture in scan.pictures if not picture.is_reg]
    saves = () if too_long else tuple(plan.saves())
    checkpoint = weights * _SAVED[training.save_precision] * (1 if config.network.network_init == "default" else 2)
    checkpoint *= 2 if training.ema == "beside" else 1
    state = weights * (4 + state_bytes(training.optimizer_type, training.optimizer_args) + 4 * training.is_averaged)
    measured = step_seconds is not None
    if step_seconds is None and speed is not None:
        step_seconds = speed.seconds(work_of(config, size, batches.buckets))
    steps = 0 if too_long else plan.total_steps + steps_of_validation(config, scan, plan)
    around = _around(scan, size)
    unused = tuple(_without_effect(config, around))
    problems = problems_on(config, size.family, device) or problems_in_layers(config, size)
    problems += [Problem("base_model", config.base_model, remedy) for remedy in size.mismatches]
    problems += [] if weights or problems or not size.layers else [nothing_trained(config)]
    return Report(
        pictures=len(trained),
        regularisation=sum(picture.is_reg for picture in scan.pictures),
        uses=sum(batches.buckets.values()),
        repeats=_least_and_most([picture.repeats for picture in trained]),
        resolution=dataset.size,
        buckets=batches.buckets,
        plan=plan,
        saves=saves,
        network_weights=weights,
        checkpoint_bytes=checkpoint,
        disk_bytes=len(saves) * checkpoint + 2 * state + _cache_bytes(config, scan, size, batches.used),
        memory_bytes=_memory(config, size, batches, weights, device),
        seconds=None if step_seconds is None or too_long else steps * step_seconds,
        seconds_are="measured" if measured else "estimated" if speed else "",
        problems=(
            *scan.problems,
            *_without_pictures(config, scan),
            *too_long,
            *problems_with_validation(config, scan),
            *problems,
        ),
        unused=unused,
        idle=tuple(made_idle(config, around)),
        notes=(
            *_notes(config, scan, size, plan, unused, batches.used),
            *notes_on_validation(scan, plan),
            *notes_on_precision(config, size),
            *notes_on(training.optimizer_type, rates, training.optimizer_options),
            *(
                _too_long_captions(config, [scan.pictures[i] for i in batches.used], count_tokens)
                if count_tokens
                else ()
            ),
        ),
        advice=()
        if too_long
        else tuple(advice_on(config, plan, size, len(trained), sum(picture.repeats for picture in trained))),
        family=size.family,
        side=size.side,
    )


def _least_and_most(numbers: Sequence[int]) -> tuple[int, int]:
    return min(numbers, default=0), max(numbers, default=0)


def _without_pictures(config: RunConfig, scan: Scan) -> list[Problem]:
    if any(not picture.is_reg for picture in scan.pictures):
        return []
    remedy = say("no picture can be used; name a folder that holds <repeats>_<name> folders of pictures")
    return [Problem("train_data_dir", config.dataset.train_data_dir, remedy)]


def _too_long(training: TrainingConfig, plan: TrainPlan) -> list[Problem]:
    if plan.total_steps <= MOST_STEPS:
        return []
    name = "max_train_steps" if training.max_train_steps else "max_train_epochs"
    return [Problem(name, getattr(training, name), say("makes more than 10 million steps; choose fewer"))]


def _cache_bytes(config: RunConfig, scan: Scan, size: ModelSize, used: Sequence[int]) -> int:
    """Mean and deviation of each picture's latents, mirrored ones too, and each caption's context, all in float32."""
    dataset = config.dataset
    if not dataset.cache_latents_to_disk:
        return 0
    fit = Bucketing(dataset).fit
    pictures = [scan.pictures[index] for index in used] if dataset.caches_latents else []
    buckets = [fit(picture.width, picture.height).bucket for picture in pictures]
    latents = sum(width * height for width, height in buckets) // 64 * (1 + dataset.flip_aug) * 4 * 2
    captions = len(captions_of(scan, dataset)) + 1 if caches_captions(config) else 0
    return 4 * (latents + captions * 77 * _CONTEXT[size.family] * size.width // 320)


def _memory(config: RunConfig, size: ModelSize, batches: Batches, weights: int, device: str) -> int:
    training = config.training
    return device_bytes(
        size,
        weights=weights,
        optimizer=training.optimizer_type,
        optimizer_args=training.optimizer_args,
        pixels=max((width * height // 64 for width, height in batches.buckets), default=0),
        batch_size=training.train_batch_size,
        precision=chosen_name(training.mixed_precision, device, bf16=True),
        checkpointed=training.gradient_checkpointing,
        trains_text="text_encoder" in training.rates,
        averaged=training.is_averaged,
    )


def _notes(
    config: RunConfig,
    scan: Scan,
    size: ModelSize,
    plan: TrainPlan,
    unused: Sequence[tuple[str, str]],
    used: Sequence[int],
) -> list[str]:
    training = config.training
    notes = [*size.notes, *scan.notes, *notes_on_masks(config, scan)]
    notes += [say("without effect: {name}: {reason}", name=name, reason=reason) for name, reason in unused]
    notes += notes_on_prompts(config.preview.preview_prompts)
    notes += notes_on_sheets(config.preview.preview_sheets, config.preview.preview_prompts)
    if warmup_steps_of(training.lr_warmup_steps, plan.total_steps) >= plan.total_steps:
        notes.append(say("lr_warmup_steps = {warmup:g}: the run of {steps} steps never reaches its full rate",
                         warmup=training.lr_warmup_steps, steps=plan.total_steps))  # fmt: skip
    if training.gradient_accumulation_steps > plan.batches_per_epoch > 0:
        notes.append(say("gradient_accumulation_steps = {steps}: an epoch has only {batches} batches, and a step ends "
                         "with its epoch",
                         steps=training.gradient_accumulation_steps, batches=plan.batches_per_epoch))  # fmt: skip
    if config.network.network_alpha > config.network.network_dim:
        notes.append(say("network_alpha above network_dim strengthens every update; lower the rates to match"))
    if left := len(scan.pictures) - len(used):
        notes.append(
            say("regularisation pictures left out: {left}; there are more than uses of training pictures", left=left)
        )
    return notes


def _around(scan: Scan, size: ModelSize) -> Circumstances:
    regularisation = any(picture.is_reg for picture in scan.pictures)
    return Circumstances(family=size.family, regularisation=regularisation, predicts=size.predicts)


def _without_effect(config: RunConfig, around: Circumstances) -> Iterator[tuple[str, str]]:
    yield from without_effect(config, around)
    wanted = config.dataset.cache_text_encoder_outputs and "text_encoder" not in config.training.rates
    if wanted and varies(config.dataset):
        yield "cache_text_encoder_outputs", say("captions vary")


def _too_long_captions(config: RunConfig, pictures: Sequence[Picture], count_tokens: CountTokens) -> list[str]:
    """A line on captions whose end is cut off. A token is at least a byte, so that most need not be counted."""
    most, dataset = config.training.max_token_length, steady(config.dataset)
    around = len((dataset.caption_prefix + dataset.caption_suffix + dataset.caption_separator * 2).encode())
    long = [p for p in pictures if len(p.caption.encode(errors="replace")) + around + 2 > most]
    captions = [compose(picture.caption, dataset, Random(0), 1) for picture in long]
    counts = count_tokens([unweighted(one) for one in captions] if config.training.weighted_captions else captions)
    cut = [(count, picture.path.name) for count, picture in zip(counts, long, strict=True) if count > most]
    return [told_of_length(cut, most)] if cut else []
