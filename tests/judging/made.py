"""Probes of the fake model, and what it answers to them."""

import torch

from lib_train.config.network import NetworkConfig
from lib_train.config.training import TrainingConfig
from lib_train.judging.asking import Asking
from lib_train.judging.probes import Probes, Shown, probes_of
from lib_train.judging.words import words_for
from lib_train.networks.network import Network
from lib_train.networks.targets import targets_of
from tests.fake_model import FakeModel

TIMESTEPS = (100, 500, 900)


def shown(index: int, size: tuple[int, int] = (8, 8), caption: str = "mochi, hat") -> Shown:
    generator = torch.Generator().manual_seed(index)
    latents = torch.randn(4, *size, generator=generator)
    return Shown(latents, caption, torch.tensor([64.0, 64, 0, 0, 64, 64]))


def probes_on(model: FakeModel, trained=None, *, unseen=(), mirrored: bool = False, seed: int = 3) -> Probes:
    trained = trained or [shown(1), shown(2, (8, 12), "mochi, sea")]
    words = words_for("mochi", [one.caption for one in trained])
    return probes_of(
        trained, unseen, words, mirrored=mirrored, bars=model.alphas_cumprod, prediction=model.prediction_type,
        timesteps=TIMESTEPS, seed=seed,
    )  # fmt: skip


def network_on(model: FakeModel, std: float = 0.2, **settings) -> Network:
    """Of random weights."""
    targets = targets_of(model.family, model.unet, model.text_encoders)
    network = Network(targets, NetworkConfig(**{"network_dim": 2, "network_alpha": 2.0, **settings}), 0)
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for update in network.layers.values():
            for parameter in update.parameters().values():
                parameter.add_(torch.randn(parameter.shape, generator=generator), alpha=std)
    return network


def asked(model: FakeModel, probes: Probes, **settings):
    found: dict[int, torch.Tensor] = {}
    for some in Asking(model, TrainingConfig(**settings)).answers(probes.questions):
        found |= some
    return [found[place] for place in range(len(probes.questions))]
