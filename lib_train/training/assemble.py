"""Builds a run: caches, network, optimizer, trainer."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any
from weakref import WeakMethod

import torch
from torch import Tensor

from lib_train.chance import seed_of
from lib_train.config.blocks import RATES, SIZES, problems_on_blocks
from lib_train.config.run import RunConfig
from lib_train.config.training_checks import second_text_encoder
from lib_train.dataset.batches import Batches, captions_of
from lib_train.dataset.contexts import ContextStore, Encoded
from lib_train.dataset.latents import LatentStore
from lib_train.dataset.masks import MaskStore
from lib_train.errors import ConfigError, Problem
from lib_train.host.protocol import BaseModel
from lib_train.networks.choice import problems_in_choice
from lib_train.networks.network import Network
from lib_train.networks.sizes import sizes_in
from lib_train.networks.targets import targets_of
from lib_train.optim.optimizers import problem_with
from lib_train.pictures.buckets import Bucketing
from lib_train.pictures.captions import steady, varies
from lib_train.pictures.records import Scan
from lib_train.texts import say
from lib_train.training import precision
from lib_train.training.fixed_batch import MOST
from lib_train.training.given import Given, digest_of
from lib_train.training.plan import TrainPlan
from lib_train.training.preservation import kept_captions, problem_in_preservation
from lib_train.training.rates import rate_by_layer
from lib_train.training.trainer import Trainer


class Assembly:
    """Everything of one run on one borrowed model. ``prepare`` first, then ``trainer``."""

    def __init__(
        self, config: RunConfig, scan: Scan, model: BaseModel, cache_folder: Path | None, done: int, given: Given
    ) -> None:
        problems = problems_on(config, model.family, model.device.type, precision.types_of(model.unet))
        if problems:
            raise ConfigError(problems)
        self.network = _network(config, model, given)
        self.config = config = _as_trained(config, self.network) if given.weights else config
        training, dataset = config.training, config.dataset
        self._model = model
        on_disk = cache_folder if dataset.cache_latents_to_disk else None
        latents_folder = on_disk / "latents" if on_disk else None
        latents = (
            LatentStore(scan.pictures, dataset, model.vae_key(), latents_folder, model.vae_fault)
            if dataset.caches_latents
            else None
        )
        self._stores = [latents] if latents else []
        self._frozen_text = _text_of(self.network) if "text_encoder" not in training.rates else {}
        self._contexts: ContextStore | None = None
        kept = kept_captions(config)
        if caches_captions(config):
            format = precision.chosen(training.mixed_precision, model.device, precision.types_of(model.unet))
            key = f"{model.text_key()}/{training.clip_skip}/{training.max_token_length}/{format}"
            key += "/weighted" if training.weighted_captions else ""
            key += f"/{digest_of(self._frozen_text)}" if self._frozen_text else ""
            captions = captions_of(scan, dataset)
            captions += [made(caption) for made in kept for caption in captions]
            captions += captions_of(_held_out(scan), dataset)
            self._contexts = ContextStore(captions, key, on_disk / "captions" if on_disk else None)
        self._held_out = self._measured(_held_out(scan), latents_folder) if scan.held_out else None
        self.batches = Batches(
            scan,
            dataset,
            batch_size=training.train_batch_size,
            seed=training.seed,
            latents=latents,
            contexts=self._contexts,
            encode_images=model.encode_images,
            why=model.vae_fault,
            prior_loss_weight=training.prior_loss_weight,
            masks=self._masks(scan),
            kept=kept,
        )
        self.plan = TrainPlan.of(self.batches.batches_per_epoch, training).at_least(done)
        fixed = self._measured(_fixed(scan, training.seed), latents_folder) if training.stop_when_learned else None
        self.trainer = Trainer(
            self.plan, model, self.network, self.batches, training, self._keeper(), self._held_out, fixed
        )

    def _measured(self, scan: Scan, folder: Path | None) -> Batches:
        """Batches of held-out pictures, which are the same at every measurement."""
        model, training = self._model, self.config.training
        dataset = replace(steady(self.config.dataset), flip_aug=False, color_aug=False, random_crop=False)
        latents = LatentStore(scan.pictures, dataset, model.vae_key(), folder, model.vae_fault)
        self._stores.append(latents)
        return Batches(
            scan,
            dataset,
            batch_size=training.train_batch_size,
            seed=training.seed if training.validation_seed is None else training.validation_seed,
            latents=latents,
            contexts=self._contexts,
            masks=self._masks(scan),
        )

    def _masks(self, scan: Scan) -> MaskStore | None:
        training, fit = self.config.training, Bucketing(self.config.dataset).fit
        if not (training.masked_loss or training.alpha_mask):
            return None
        fits = [fit(picture.width, picture.height) for picture in scan.pictures]
        return MaskStore(scan.pictures, fits, files=training.masked_loss, alpha=training.alpha_mask)

    def prepare(self) -> Iterator[tuple[str, int, int]]:
        """Encode pictures and captions that are not cached yet; yields (what, done, total)."""
        for latents in self._stores:
            for done, total in latents.fill(self._model.encode_images):
                yield "latents", done, total
        if self._contexts:
            for done, total in self._contexts.fill(self._encode):
                yield "captions", done, total

    def _keeper(self) -> Callable[[], None]:
        """``_keep_captions``, without a circle of references, which would hold the network's memory after the run."""
        keep = WeakMethod(self._keep_captions)

        def keep_captions() -> None:
            if method := keep():
                method()

        return keep_captions

    def _keep_captions(self) -> None:
        """Encode captions once from now on, where they are fixed."""
        if self.config.dataset.cache_text_encoder_outputs and not varies(self.config.dataset):
            self.batches.keep_captions(ContextStore((), "", None, self._encode))

    @torch.no_grad()
    def _encode(self, captions: Sequence[str]) -> Encoded:
        training = self.config.training
        wearing = self._frozen_text and not self.network.is_attached
        with self.trainer.precision.context(), self.network.attached() if wearing else nullcontext():
            return self._model.encode_captions(
                captions, training.clip_skip, training.max_token_length, training.weighted_captions
            )


def assemble(
    config: RunConfig,
    scan: Scan,
    model: BaseModel,
    cache_folder: Path | None,
    done: int = 0,
    given: Given | None = None,
) -> Assembly:
    """The run that these settings describe.

    Args:
        cache_folder: where encoded pictures and captions are kept; None keeps them in memory.
        done: steps that the run has behind it already; its plan is never shorter.

    Raises:
        ConfigError: optimizer or precision cannot be used on the model's device, or not with these arguments; or no
            layer of the given network has a learning rate.
        ModelFileError: the given network does not fit the settings or the model.
    """
    return Assembly(config, scan, model, cache_folder, done, given or Given())


def _network(config: RunConfig, model: BaseModel, given: Given) -> Network:
    base, settings, seed = (model.family, model.unet, model.text_encoders), config.network, config.training.seed
    below = background_on(model, given)
    rate = rate_by_layer(config.training, model.family)
    if given.weights is not None and settings.dim_from_weights:
        taken = sizes_in(given.weights).on(settings)
        network = Network.from_tensors(given.weights, *base, config=taken, below=below)
        network.train_only(rate)
    else:
        targets = [target for target in targets_of(*base, config.training.rates) if rate(target.layer)]
        if problems := list(problems_in_choice([target.layer for target in targets], settings)):
            raise ConfigError(problems)
        network = Network(targets, settings, seed, below)
        if given.weights is not None:
            network.load(given.weights)
    if not any(rate(update.target.layer) for update in network.layers.values()):
        raise ConfigError([nothing_trained(config)])
    return network


def background_on(model: BaseModel, given: Given) -> Network | None:
    """The networks that are on and not trained; None where there are none."""
    below: Network | None = None
    for one in given.background:
        below = Network.from_tensors(one.tensors, model.family, model.unet, model.text_encoders, below=below)
        below.multiplier = one.multiplier
        below.train_only(lambda layer: False)
    return below


def _held_out(scan: Scan) -> Scan:
    return Scan(pictures=scan.held_out, problems=())


def _fixed(scan: Scan, seed: int) -> Scan:
    """Some of the training pictures, each once."""
    trained = [picture for picture in scan.pictures if not picture.is_reg]
    chosen = Random(seed_of(seed, "fixed")).sample(range(len(trained)), min(MOST, len(trained)))
    return Scan(pictures=tuple(replace(trained[place], repeats=1) for place in sorted(chosen)), problems=())


def _text_of(network: Network) -> dict[str, Tensor]:
    """What a network and those below it put on the text encoders."""
    text = [name for name, update in network.layers.items() if update.target.part == "text_encoder"]
    tensors = network.tensors()
    own = {key: tensor for key, tensor in tensors.items() if key.partition(".")[0] in set(text)}
    if own:
        own["multiplier"] = torch.tensor(network.multiplier)
    lower = _text_of(network.below) if network.below else {}
    return own | {f"below.{key}": tensor for key, tensor in lower.items()}


def _as_trained(config: RunConfig, network: Network) -> RunConfig:
    """The settings with the sizes of a file's network, and without rates of parts that it lacks."""
    parts = {update.target.part for update in network.layers.values()}
    lacking: dict[str, Any] = {}
    if "unet" not in parts:
        lacking["unet_lr"] = 0.0
    if "text_encoder" not in parts:
        lacking |= {"text_encoder_lr": 0.0, "text_encoder_lr2": None, "text_encoder_stop": 1.0}
    settings = config.network
    if settings.dim_from_weights:
        settings = replace(settings, network_preset="auto", network_layers=(), network_layers_exclude=())
    if settings.dim_from_weights or not any(getattr(settings, name) for name in SIZES):
        settings = sizes_in(network.tensors()).on(settings)
    return replace(config, network=settings, training=replace(config.training, **lacking))


def problems_on(
    config: RunConfig, family: str, device: str, weights: Collection[torch.dtype] = (torch.float32,)
) -> list[Problem]:
    """Problems of blocks, optimizer and precision on "cuda", "cpu" or "mps", for a model with such weights."""
    training = config.training
    found = (
        *problems_on_blocks(config.network, training, family),
        second_text_encoder(training, family),
        problem_in_preservation(config),
        problem_with(training.optimizer_type, training.optimizer_options, device),
        precision.problem_with(training.mixed_precision, device, weights),
    )
    return [problem for problem in found if problem]


def nothing_trained(config: RunConfig) -> Problem:
    """The problem of settings that leave every layer alone, or every layer of the file that training goes on from."""
    network, rates = config.network, ", ".join(config.training.rates)
    if network.network_weights and network.dim_from_weights:
        remedy = say("holds no layers of what has a learning rate ({rates}): set unet_lr or text_encoder_lr, or choose "
                     "another file",
                     rates=rates)  # fmt: skip
        return Problem("network_weights", network.network_weights, remedy)
    name = next((name for name in RATES if getattr(config.training, name)), "block_dims")
    value = getattr(config.training, name, config.network.block_dims)
    return Problem(name, value, say("leaves every layer alone: give one block a number above 0"))


def caches_captions(config: RunConfig) -> bool:
    """Whether captions are encoded once: wanted, fixed, and the text encoder frozen."""
    wanted = config.dataset.cache_text_encoder_outputs
    return wanted and "text_encoder" not in config.training.rates and not varies(config.dataset)
