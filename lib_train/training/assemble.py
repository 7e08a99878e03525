"""Builds a run: caches, network, optimizer, trainer."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import torch

from lib_train.config.blocks import RATES, problems_on_blocks
from lib_train.config.run import RunConfig
from lib_train.config.training_checks import second_text_encoder
from lib_train.dataset.batches import Batches, captions_of
from lib_train.dataset.contexts import ContextStore, Encoded
from lib_train.dataset.latents import LatentStore
from lib_train.errors import ConfigError, Problem
from lib_train.host.protocol import BaseModel
from lib_train.networks.network import Network
from lib_train.networks.targets import targets_of
from lib_train.optim.optimizers import problem_with
from lib_train.pictures.captions import varies
from lib_train.pictures.records import Scan
from lib_train.texts import say
from lib_train.training import precision
from lib_train.training.plan import TrainPlan
from lib_train.training.rates import rate_by_layer
from lib_train.training.trainer import Trainer


class Assembly:
    """Everything of one run on one borrowed model. ``prepare`` first, then ``trainer``."""

    def __init__(self, config: RunConfig, scan: Scan, model: BaseModel, cache_folder: Path | None, done: int) -> None:
        training, dataset = config.training, config.dataset
        problems = problems_on(config, model.family, model.device.type, precision.types_of(model.unet))
        if problems:
            raise ConfigError(problems)
        self._config, self._model = config, model
        on_disk = cache_folder if dataset.cache_latents_to_disk else None
        latents_folder = on_disk / "latents" if on_disk else None
        self._latents = (
            LatentStore(scan.pictures, dataset, model.vae_key(), latents_folder, model.vae_fault)
            if dataset.caches_latents
            else None
        )
        self._contexts: ContextStore | None = None
        if caches_captions(config):
            format = precision.chosen(training.mixed_precision, model.device, precision.types_of(model.unet))
            key = f"{model.text_key()}/{training.clip_skip}/{training.max_token_length}/{format}"
            self._contexts = ContextStore(captions_of(scan, dataset), key, on_disk / "captions" if on_disk else None)
        self.batches = Batches(
            scan,
            dataset,
            batch_size=training.train_batch_size,
            seed=training.seed,
            latents=self._latents,
            contexts=self._contexts,
            encode_images=model.encode_images,
            why=model.vae_fault,
            prior_loss_weight=training.prior_loss_weight,
        )
        self.plan = TrainPlan.of(self.batches.batches_per_epoch, training).at_least(done)
        targets = targets_of(model.family, model.unet, model.text_encoders, training.rates)
        rate = rate_by_layer(training, model.family)
        trained = [target for target in targets if rate(target.layer)]
        self.network = Network(trained, config.network, training.seed)
        if not self.network.layers:
            raise ConfigError([nothing_trained(config)])
        self.trainer = Trainer(self.plan, model, self.network, self.batches, training, self._keep_captions)

    def prepare(self) -> Iterator[tuple[str, int, int]]:
        """Encode pictures and captions that are not cached yet; yields (what, done, total)."""
        if self._latents:
            for done, total in self._latents.fill(self._model.encode_images):
                yield "latents", done, total
        if self._contexts:
            for done, total in self._contexts.fill(self._encode):
                yield "captions", done, total

    def _keep_captions(self) -> None:
        """Encode captions once from now on, where they are fixed."""
        if self._config.dataset.cache_text_encoder_outputs and not varies(self._config.dataset):
            self.batches.keep_captions(ContextStore((), "", None, self._encode))

    @torch.no_grad()
    def _encode(self, captions: Sequence[str]) -> Encoded:
        training = self._config.training
        with self.trainer.precision.context():
            return self._model.encode_captions(captions, training.clip_skip, training.max_token_length)


def assemble(config: RunConfig, scan: Scan, model: BaseModel, cache_folder: Path | None, done: int = 0) -> Assembly:
    """The run that these settings describe.

    Args:
        cache_folder: where encoded pictures and captions are kept; None keeps them in memory.
        done: steps that the run has behind it already; its plan is never shorter.

    Raises:
        ConfigError: optimizer or precision cannot be used on the model's device, or not with these arguments.
    """
    return Assembly(config, scan, model, cache_folder, done)


def problems_on(
    config: RunConfig, family: str, device: str, weights: Collection[torch.dtype] = (torch.float32,)
) -> list[Problem]:
    """Problems of blocks, optimizer and precision on "cuda", "cpu" or "mps", for a model with such weights."""
    training = config.training
    found = (
        *problems_on_blocks(config.network, training, family),
        second_text_encoder(training, family),
        problem_with(training.optimizer_type, training.optimizer_args, device),
        precision.problem_with(training.mixed_precision, device, weights),
    )
    return [problem for problem in found if problem]


def nothing_trained(config: RunConfig) -> Problem:
    """The problem of settings that leave every layer alone."""
    name = next((name for name in RATES if getattr(config.training, name)), "block_dims")
    value = getattr(config.training, name, config.network.block_dims)
    return Problem(name, value, say("leaves every layer alone: give one block a number above 0"))


def caches_captions(config: RunConfig) -> bool:
    """Whether captions are encoded once: wanted, fixed, and the text encoder frozen."""
    wanted = config.dataset.cache_text_encoder_outputs
    return wanted and "text_encoder" not in config.training.rates and not varies(config.dataset)
