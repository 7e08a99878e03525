"""What a run will do, in numbers that a person wants before starting. Pure: settings, scan and sizes in."""

from collections.abc import Mapping
from dataclasses import dataclass

from lib_train.config.run import RunConfig
from lib_train.dataset.batches import Batches, uses_of
from lib_train.dataset.captions import varies
from lib_train.dataset.records import Scan
from lib_train.errors import Problem
from lib_train.host.protocol import ModelSize
from lib_train.optim.optimizers import notes_on, problem_with
from lib_train.training.plan import TrainPlan
from lib_train.training.precision import chosen_name

_BYTES = {"fp16": 2, "bf16": 2, "float": 4, "no": 4}
_STATES = {
    "AdamW": 8,
    "AdamW8bit": 2,
    "Lion": 4,
    "Lion8bit": 1,
    "Adafactor": 1,
    "Prodigy": 16,
    "DAdaptAdam": 16,
    "SGD": 0,
}
"""Optimizer state in bytes for each trained weight."""
_ACTIVATIONS = 450_000
"""Numbers kept for the backward pass for each latent pixel and picture of a U-Net of 320 channels; a quarter with
gradient_checkpointing. Measured on SD1.5 at 256 and 512 pixels; wider levels and SDXL's depth make it an estimate."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """Figures of a planned run, with everything that is wrong or worth knowing."""

    pictures: int
    regularisation: int
    uses: int
    """Pictures times repeats in an epoch, regularisation included."""
    buckets: Mapping[tuple[int, int], int]
    plan: TrainPlan
    saves: int
    network_weights: int
    checkpoint_bytes: int
    disk_bytes: int
    """Of all checkpoints, the two newest states and the cache."""
    memory_bytes: int
    """On the device, while training: an estimate."""
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]

    def __str__(self) -> str:
        plan = self.plan
        sizes = ", ".join(f"{w}x{h}: {count}" for (w, h), count in self.buckets.items())
        lines = [
            f"pictures    {self.pictures}, regularisation {self.regularisation}; {self.uses} uses in an epoch",
            f"buckets     {sizes or 'none'}",
            f"steps       {plan.total_steps}: {plan.epochs} epochs of {plan.steps_per_epoch} "
            f"({plan.batches_per_epoch} batches)",
            f"network     {self.network_weights:,} weights",
            f"checkpoints {self.saves} of {_size(self.checkpoint_bytes)}",
            f"disk        {_size(self.disk_bytes)} with states and cache",
            f"memory      about {_size(self.memory_bytes)} on the device",
        ]
        lines += [f"note        {note}" for note in self.notes]
        if self.problems:
            lines += [f"{len(self.problems)} problems:", *(f"  {problem}" for problem in self.problems)]
        return "\n".join(lines)


def report_of(config: RunConfig, scan: Scan, size: ModelSize, device: str) -> Report:
    """Figures and problems of a run on a device, "cuda", "mps" or "cpu"."""
    training, dataset = config.training, config.dataset
    batches = Batches(scan, dataset, batch_size=training.train_batch_size, seed=training.seed)
    plan = TrainPlan.of(batches.batches_per_epoch, training)
    weights = _network_weights(config, size)
    saves = len(plan.saves())
    checkpoint = weights * _BYTES[training.save_precision]
    state = weights * (4 + _STATES[training.optimizer_type])
    problem = problem_with(training.optimizer_type, training.optimizer_args, device)
    return Report(
        pictures=sum(not picture.is_reg for picture in scan.pictures),
        regularisation=sum(picture.is_reg for picture in scan.pictures),
        uses=sum(batches.buckets.values()),
        buckets=batches.buckets,
        plan=plan,
        saves=saves,
        network_weights=weights,
        checkpoint_bytes=checkpoint,
        disk_bytes=saves * checkpoint + 2 * state + _cache_bytes(config, scan, batches),
        memory_bytes=_memory(config, size, batches, weights, device),
        problems=(*scan.problems, *((problem,) if problem else ())),
        notes=tuple(_notes(config, scan)),
    )


def _network_weights(config: RunConfig, size: ModelSize) -> int:
    network = config.network
    table = size.per_rank if network.conv_dim is None else size.per_rank_with_conv
    ranks = {"conv3x3": network.conv_dim or 0}
    parts = config.training.rates
    return sum(n * ranks.get(kind, network.network_dim) for (part, kind), n in table.items() if part in parts)


def _cache_bytes(config: RunConfig, scan: Scan, batches: Batches) -> int:
    if not (config.dataset.cache_latents and config.dataset.cache_latents_to_disk) or not batches.buckets:
        return 0
    largest = max(width * height for width, height in batches.buckets)
    return len(scan.pictures) * (1 + config.dataset.flip_aug) * largest // 64 * 4 * 2 * 4


def _memory(config: RunConfig, size: ModelSize, batches: Batches, weights: int, device: str) -> int:
    training = config.training
    name = chosen_name(training.mixed_precision, device, bf16=True)
    each = _BYTES[name]
    pixels = max((width * height // 64 for width, height in batches.buckets), default=0)
    kept = _ACTIVATIONS * pixels * training.train_batch_size * size.width / 320
    kept *= 0.25 if training.gradient_checkpointing else 1.0
    adapters = weights * (8 + _STATES[training.optimizer_type])
    return int(sum(size.weights.values()) * each + adapters + kept * each)


def _notes(config: RunConfig, scan: Scan) -> list[str]:
    training, dataset = config.training, config.dataset
    notes = notes_on(training.optimizer_type, training.rates)
    if training.max_train_steps and training.max_train_epochs:
        notes.append("max_train_steps decides the length; max_train_epochs has no effect")
    if dataset.cache_text_encoder_outputs and ("text_encoder" in training.rates or varies(dataset)):
        why = "captions vary" if varies(dataset) else "the text encoder is trained"
        notes.append(f"cache_text_encoder_outputs has no effect: {why}")
    if dataset.keep_tokens and not (dataset.shuffle_caption or dataset.caption_tag_dropout_rate):
        notes.append("keep_tokens has no effect without shuffle_caption or caption_tag_dropout_rate")
    if training.lr_scheduler != "polynomial" and training.lr_scheduler_power != 1:
        notes.append("lr_scheduler_power has no effect without polynomial")
    if training.lr_scheduler != "cosine_with_restarts" and training.lr_scheduler_num_cycles != 1:
        notes.append("lr_scheduler_num_cycles has no effect without cosine_with_restarts")
    if dataset.bucket_no_upscale and dataset.enable_bucket:
        notes.append("min_bucket_reso and max_bucket_reso have no effect with bucket_no_upscale")
    if config.network.network_alpha > config.network.network_dim:
        notes.append("network_alpha above network_dim strengthens every update; lower the rates to match")
    empty = [picture.path.name for picture in scan.pictures if not picture.caption]
    if empty:
        notes.append(f"{len(empty)} captions are empty, such as that of {empty[0]}")
    total = len(scan.pictures)
    if any(p.is_reg for p in scan.pictures) and len({u.index for u in uses_of(scan.pictures)}) < total:
        notes.append("some regularisation pictures are left out: there are more than uses of training pictures")
    return notes


def _size(count: float) -> str:
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{count / 2**20:.1f} MiB"
