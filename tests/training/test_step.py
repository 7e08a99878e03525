"""A training step against the same step written out by hand, on a model of a few layers."""

from dataclasses import replace
from typing import Any

import pytest
import torch

from lib_train.diffusion.noise import generator_of
from lib_train.diffusion.schedule import with_zero_terminal_snr
from lib_train.training.events import StepDone
from tests.fake_model import FakeModel
from tests.fakes import fake_assembly

SETTINGS = {
    "gradient_accumulation_steps": 2,
    "min_snr_gamma": 5.0,
    "noise_offset": 0.1,
    "max_grad_norm": 0.01,
    "unet_lr": 1e-2,
    "text_encoder_lr": 1e-3,
    "lr_scheduler": "linear",
    "max_train_steps": 3,
    "min_timestep": 50,
    "max_timestep": 900,
}


class ByHand:
    """Noise, loss, gradients, clipping and AdamW in plain formulas; weights are dense sums, nothing is attached."""

    def __init__(self, model, assembly):
        self.model, self.batches = model, assembly.batches
        self.leaves, self.moments, self.norms = {}, {}, []
        for name, layer in assembly.network.layers.items():
            for end, matrix in zip(("down", "up"), layer.parameters().values(), strict=True):
                leaf = matrix.detach().clone().requires_grad_()
                self.leaves[name, end] = leaf, layer.target
                self.moments[name, end] = [torch.zeros_like(leaf), torch.zeros_like(leaf)]
        self.names = list(assembly.network.layers)

    def loss(self, uses, step, place, pictures):
        batch = self.batches.batch(uses, 1)
        x, chance = batch.latents, generator_of(42, "noise", step, place)
        noise = torch.randn(x.shape, generator=chance)
        noise = noise + 0.1 * torch.randn(*x.shape[:2], 1, 1, generator=chance)
        t = torch.randint(50, 900, (len(x),), generator=chance)
        betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
        bar = torch.cumprod(1 - betas, 0).float()[t]
        signal, rest = bar.sqrt()[:, None, None, None], (1 - bar).sqrt()[:, None, None, None]
        noisy, snr = signal * x + rest * noise, bar / (1 - bar)
        v = self.model.prediction_type == "v"
        target = signal * noise - rest * x if v else noise
        weights = torch.minimum(snr, torch.tensor(5.0)) / (snr + 1 if v else snr)
        predicted = self.model.unet(noisy, t, self.model.encode_captions(batch.captions, 1, 225).context)
        return ((predicted - target) ** 2).mean((1, 2, 3)).mul(weights).sum() / pictures

    def step(self, step, order, rates):
        pictures = sum(map(len, order))
        restored = []
        for name in self.names:
            (down, target), (up, _) = self.leaves[name, "down"], self.leaves[name, "up"]
            module, weight = target.module, target.module.weight
            restored.append((module, weight))
            del module._parameters["weight"]
            module.weight = weight.detach() + (up.flatten(1) @ down.flatten(1)).view(weight.shape)  # alpha / rank is 1
        losses = [self.loss(uses, step, place, pictures) for place, uses in enumerate(order)]
        gradients = torch.autograd.grad(sum(losses), [leaf for leaf, _ in self.leaves.values()])
        for module, weight in restored:
            del module.weight
            module.register_parameter("weight", weight)
        norm = torch.cat([gradient.flatten() for gradient in gradients]).norm()
        self.norms.append(norm.item())
        for (key, (leaf, target)), gradient in zip(self.leaves.items(), gradients, strict=True):
            gradient, rate = gradient * min(1.0, 0.01 / norm.item()), rates[target.part]
            first, second = self.moments[key]
            first.mul_(0.9).add_(0.1 * gradient)
            second.mul_(0.999).add_(0.001 * gradient**2)
            with torch.no_grad():
                leaf.mul_(1 - rate * 0.01)
                moved = (first / (1 - 0.9**step)) / ((second / (1 - 0.999**step)).sqrt() + 1e-8)
                leaf.sub_(rate * moved)
        return sum(losses).item()


@pytest.mark.parametrize("prediction_type", ["epsilon", "v"])
def test_steps_equal_those_written_by_hand_with_accumulation_clipping_and_both_parts(pictures, prediction_type):
    ours = fake_assembly(pictures, FakeModel(prediction_type), **SETTINGS)
    model = FakeModel(prediction_type)
    hand = ByHand(model, fake_assembly(pictures, model, **SETTINGS))
    order = ours.batches.epoch(1)
    assert [len(order), ours.plan.steps_per_epoch] == [3, 2]  # the second step has one batch only
    step_events = [event for event in ours.trainer.events() if isinstance(event, StepDone)][:2]
    expected = []
    for step, uses in ((1, order[:2]), (2, order[2:])):
        rates = {part: rate * (1 - (step - 1) / 3) for part, rate in (("unet", 1e-2), ("text_encoder", 1e-3))}
        expected.append(hand.step(step, uses, rates))
        assert step_events[step - 1].lr == pytest.approx(rates)
    assert [event.loss for event in step_events] == pytest.approx(expected, rel=1e-5)
    assert min(hand.norms) > 0.01  # clipping had something to do

    again = fake_assembly(pictures, FakeModel(prediction_type), **{**SETTINGS, "save_every_n_steps": 2})
    for event in again.trainer.events():
        if isinstance(event, StepDone) and event.step == 2:
            break
    for (name, end), (leaf, _) in hand.leaves.items():
        found = again.network.layers[name].parameters()[f"lora_{end}.weight"]
        torch.testing.assert_close(found, leaf, rtol=1e-4, atol=5e-6)


@pytest.mark.parametrize("more", [{}, {"prior_preservation": "empty"}], ids=["plain", "preserved"])
def test_mean_over_a_step_does_not_depend_on_how_its_pictures_fall_into_batches(pictures, more):
    """The same noise for every picture, so that batches of 6 and of 2 can be compared."""
    fixed = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(0))
    whole = fake_assembly(pictures, dataset={"enable_bucket": False}, train_batch_size=4, max_train_steps=1,
                          gradient_accumulation_steps=2, **more)  # fmt: skip
    parts = fake_assembly(pictures, dataset={"enable_bucket": False}, train_batch_size=1, max_train_steps=1,
                          gradient_accumulation_steps=6, **more)  # fmt: skip
    for run in (whole, parts):
        loss = run.trainer._loss
        loss.objective = replace(
            loss.objective,
            noise=lambda latents, chance: fixed.expand(latents.shape),
            timesteps=lambda count, chance: torch.full((count,), 500),
        )
    losses = [next(e.loss for e in a.trainer.events() if isinstance(e, StepDone)) for a in (whole, parts)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)
    for ours, theirs in zip(whole.network.parameters("unet"), parts.network.parameters("unet"), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-6)


def test_regularisation_pictures_count_with_their_weight(pictures, tmp_path):
    inner = tmp_path / "reg" / "1_animal"
    inner.mkdir(parents=True)
    for file in (pictures / "2_mochi").iterdir():
        (inner / file.name).write_bytes(file.read_bytes())

    def first_loss(weight):
        run = fake_assembly(pictures, dataset={"reg_data_dir": (str(tmp_path / "reg"),), "enable_bucket": False},
                            prior_loss_weight=weight, train_batch_size=12, max_train_steps=1)  # fmt: skip
        return next(event.loss for event in run.trainer.events() if isinstance(event, StepDone))

    none, half, full = first_loss(0.0), first_loss(0.5), first_loss(1.0)
    assert 0 < none < full
    assert half == pytest.approx((none + full) / 2, rel=1e-5)


@pytest.mark.parametrize(("text_encoder_lr", "cached", "encoded"), [(0.0, True, 4), (0.0, False, 2), (1e-3, True, 2)])
def test_captions_are_encoded_once_in_all_or_in_every_step(pictures, text_encoder_lr, cached, encoded):
    """Four texts, the empty one included, before the first step; or the two of each step's batch."""
    model = FakeModel()
    run = fake_assembly(pictures, model, text_encoder_lr=text_encoder_lr, max_train_steps=1,
                        dataset={"cache_text_encoder_outputs": cached, "enable_bucket": False})  # fmt: skip
    list(run.trainer.events())
    assert model.captions_encoded == encoded


def test_a_frozen_text_encoder_is_run_without_gradients_and_a_trained_one_with(pictures, monkeypatch):
    with_gradients = []
    for rate in (0.0, 1e-3):
        model = FakeModel()
        encode = model.encode_captions
        monkeypatch.setattr(
            model, "encode_captions", lambda *a, e=encode: (with_gradients.append(torch.is_grad_enabled()), e(*a))[1]
        )
        settings = {"cache_text_encoder_outputs": False}
        list(fake_assembly(pictures, model, text_encoder_lr=rate, max_train_steps=1, dataset=settings).trainer.events())
        assert all(p.grad is None for part in (model.unet, *model.text_encoders) for p in part.parameters())
    assert with_gradients == [False, True]


def test_checkpointed_activations_give_the_same_steps(pictures):
    settings: dict[str, Any] = {"text_encoder_lr": 1e-3, "network": {"network_dropout": 0.3, "conv_dim": 2}}
    plain, twice = (fake_assembly(pictures, gradient_checkpointing=on, **settings) for on in (False, True))
    losses = [[e.loss for e in run.trainer.events() if isinstance(e, StepDone)] for run in (plain, twice)]
    assert losses[0] == losses[1]
    pairs = zip(plain.network.parameters("unet"), twice.network.parameters("unet"), strict=True)
    assert all(torch.equal(ours, theirs) for ours, theirs in pairs)


@pytest.mark.parametrize("kind", ["epsilon", "v"])
def test_losses_at_pure_noise_are_finite_with_min_snr(pictures, kind):
    model = FakeModel(kind)
    model.alphas_cumprod = with_zero_terminal_snr(model.alphas_cumprod)
    assembly = fake_assembly(pictures, model, min_snr_gamma=5.0, min_timestep=999, max_timestep=1000)
    losses = [event.loss for event in assembly.trainer.events() if isinstance(event, StepDone)]
    assert len(losses) == 4
    assert all(0 <= loss < 10 for loss in losses)
    assert any(losses) == (kind == "epsilon")  # a v model's noiseless weight is min(snr, 5) / (snr + 1) = 0
