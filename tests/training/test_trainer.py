import math
from functools import partial

import pytest
import torch

from lib_train.diffusion.noise import generator_of
from lib_train.errors import ConfigError
from lib_train.host.standalone.host import StandaloneHost
from lib_train.training.events import CheckpointReady, EpochStarted, RunFinished, RunStarted, StateReady, StepDone
from tests.fakes import fake_assembly
from tests.training.runs import assembled, run_config


@pytest.fixture(scope="module")
def loaded(checkpoints):
    host = StandaloneHost(device="cpu")
    with host.borrow(host.find(str(checkpoints["sd1"]))) as borrowed:
        yield borrowed


@pytest.fixture
def model(loaded):
    """A real model, which each test leaves as it was."""
    kind = loaded.prediction_type
    yield loaded
    loaded.prediction_type = kind
    assert not any("forward" in m.__dict__ for m in loaded.unet.modules())


def test_events_come_in_order(pictures):
    assembly = fake_assembly(pictures, save_every_n_epochs=1)
    assert assembly.plan.steps_per_epoch == 3  # two buckets: four uses and two, batches of two
    kinds = [type(event) for event in assembly.trainer.events()]
    steps = [StepDone] * 3
    saved = [CheckpointReady, StateReady]
    assert kinds == [RunStarted, EpochStarted, *steps, *saved, EpochStarted, StepDone, *saved, RunFinished]


@pytest.mark.parametrize("prediction_type", ["epsilon", "v"])
def test_one_step_equals_a_reference_step_written_plainly(model, pictures, prediction_type):
    """Noise, target, loss, min-SNR, clipping and AdamW, by hand, against the dense formula of the network."""
    model.prediction_type = prediction_type
    config = run_config(pictures, min_snr_gamma=5.0, noise_offset=0.1, max_grad_norm=0.01, text_encoder_lr=0.0,
                        max_train_steps=1)  # fmt: skip
    assembly = assembled(config, model)
    before = {name: tensor.clone() for name, tensor in assembly.network.tensors().items()}
    uses = assembly.batches.epoch(1)[0]
    batch = assembly.batches.batch(uses, 1)
    chance = generator_of(42, "noise", 1, 0)
    noise = torch.randn(batch.latents.shape, generator=chance)
    noise = noise + 0.1 * torch.randn(*batch.latents.shape[:2], 1, 1, generator=chance)
    t = torch.randint(0, 1000, (len(uses),), generator=chance)
    bar = torch.cumprod(1 - torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2, 0)[t].float()
    wide = bar.view(-1, 1, 1, 1)
    noisy = wide.sqrt() * batch.latents + (1 - wide).sqrt() * noise
    target = noise if prediction_type == "epsilon" else wide.sqrt() * noise - (1 - wide).sqrt() * batch.latents
    snr = bar / (1 - bar)
    weight = snr.clamp(max=5) / (snr if prediction_type == "epsilon" else snr + 1)

    pairs = []
    for name, layer in assembly.network.layers.items():
        down, up = (before[f"{name}.lora_{part}.weight"].clone().requires_grad_() for part in ("down", "up"))
        pairs.append((layer.target.module, down, up))
    originals = [module.weight for module, _, _ in pairs]
    for module, down, up in pairs:
        delta = (up.flatten(1) @ down.flatten(1)).reshape(module.weight.shape) * (8.0 / 2)
        dense = module.weight.detach() + delta
        del module._parameters["weight"]
        module.weight = dense
    with torch.no_grad():
        context = model.encode_captions(batch.captions, 1, 225).context
    output = model.unet(noisy, t, context).sample
    loss = ((output - target) ** 2).mean((1, 2, 3)).mul(weight).mean()
    loss.backward()
    for (module, _, _), original in zip(pairs, originals, strict=True):
        del module.weight
        module.register_parameter("weight", original)
    leaves = [leaf for _, down, up in pairs for leaf in (down, up)]
    torch.nn.utils.clip_grad_norm_(leaves, 0.01)
    torch.optim.AdamW(leaves, lr=1e-3).step()

    losses = [event.loss for event in assembly.trainer.events() if isinstance(event, StepDone)]
    assert losses == [pytest.approx(loss.item(), rel=1e-5)]
    after = assembly.network.tensors()
    for (name, _), (_, down, up) in zip(assembly.network.layers.items(), pairs, strict=True):
        # AdamW's first step moves by the sign of the gradient: where that is almost nothing, rounding decides
        for part, leaf in (("down", down), ("up", up)):
            sure = leaf.grad.abs() > 2e-6
            moved = after[f"{name}.lora_{part}.weight"].reshape(leaf.shape)
            assert torch.allclose(moved[sure], leaf.detach()[sure], atol=2e-5)


def finished(assembly, to_keep=None):
    """Losses by step, the weights at the end, and the state after step ``to_keep``."""
    losses, state = {}, None
    for event in assembly.trainer.events():
        if isinstance(event, StepDone):
            losses[event.step] = event.loss
            state = copied(assembly.trainer.state()) if event.step == to_keep else state
    return losses, {name: tensor.clone() for name, tensor in assembly.network.tensors().items()}, state


def copied(state):
    tensors, facts = state
    return {name: tensor.clone() for name, tensor in tensors.items()}, facts


def goes_on_as(assembly, state, losses, weights):
    """Whether a new run, from a state after step 2, repeats all that followed, bit for bit."""
    assembly.trainer.load_state(*state)
    resumed, ended, _ = finished(assembly)
    assert resumed == {step: loss for step, loss in losses.items() if step > 2}
    assert ended.keys() == weights.keys()
    return all(torch.equal(ended[name], weights[name]) for name in weights)


VARIED = {
    "plain": {},
    "accumulated, shuffled, mirrored": {
        "gradient_accumulation_steps": 2,
        "dataset": {"shuffle_caption": True, "flip_aug": True, "caption_dropout_rate": 0.3},
        "network": {"network_dropout": 0.2, "rank_dropout": 0.2, "module_dropout": 0.2, "conv_dim": 1},
    },
    "uncached crops": {"dataset": {"cache_latents": False, "random_crop": True, "color_aug": True}},
    "checkpointed text": {"gradient_checkpointing": True, "text_encoder_lr": 1e-4},
}


@pytest.mark.parametrize("options", VARIED.values(), ids=VARIED.keys())
def test_resumed_run_equals_the_one_that_went_on_bit_for_bit(model, pictures, options):
    config = run_config(pictures, **{"lr_scheduler": "cosine", **options})
    losses, weights, state = finished(assembled(config, model), to_keep=2)
    assert list(losses) == [1, 2, 3, 4]
    assert goes_on_as(assembled(config, model), state, losses, weights)


@pytest.mark.parametrize("optimizer", ["AdamW", "Lion", "Adafactor", "Prodigy", "DAdaptAdam", "SGD"])
def test_every_optimizer_resumed_equals_the_uninterrupted_one_bit_for_bit(pictures, optimizer):
    rate = 1.0 if optimizer in ("Prodigy", "DAdaptAdam") else 1e-3
    run = partial(fake_assembly, pictures, optimizer_type=optimizer, learning_rate=rate, lr_scheduler="cosine",
                  text_encoder_lr=rate / 2, max_train_steps=5)  # fmt: skip
    losses, weights, _ = finished(run())

    first = run()
    events = first.trainer.events()
    while not (isinstance(event := next(events), StepDone) and event.step == 2):
        pass
    events.close()
    assert goes_on_as(run(), copied(first.trainer.state()), losses, weights)


def test_closing_the_run_gives_the_model_back(model, pictures):
    sizes = torch.zeros(1, 6)
    generator = torch.Generator().manual_seed(0)
    latents = torch.randn(1, 4, 8, 8, generator=generator)
    condition = model.encode_captions(["a"], 1, 75)
    before = model.predict(latents, torch.tensor([9]), condition, sizes)
    assembly = assembled(run_config(pictures), model)
    events = assembly.trainer.events()
    while not isinstance(next(events), StepDone):
        pass
    assert not torch.equal(model.predict(latents, torch.tensor([9]), condition, sizes), before)
    with assembly.trainer.paused():
        assert torch.equal(model.predict(latents, torch.tensor([9]), condition, sizes), before)
    events.close()
    assert torch.equal(model.predict(latents, torch.tensor([9]), condition, sizes), before)
    assert not any("forward" in m.__dict__ for m in model.unet.modules())


def test_frozen_parts_are_not_in_the_network(pictures):
    only_text = fake_assembly(pictures, unet_lr=0.0)
    assert {layer.target.part for layer in only_text.network.layers.values()} == {"text_encoder"}
    events = [event for event in only_text.trainer.events() if isinstance(event, StepDone)]
    assert set(events[0].lr) == {"text_encoder"}


def test_eight_bit_optimizer_on_a_cpu_is_refused_before_the_run(pictures):
    with pytest.raises(ConfigError, match="optimizer_type = 'AdamW8bit': 8-bit optimizers need an NVIDIA GPU"):
        fake_assembly(pictures, optimizer_type="AdamW8bit")


def test_bf16_trains_on_a_cpu_and_keeps_adapters_in_float32(model, pictures):
    assembly = assembled(run_config(pictures, mixed_precision="bf16", max_train_steps=2), model)
    losses = [event.loss for event in assembly.trainer.events() if isinstance(event, StepDone)]
    assert all(math.isfinite(loss) for loss in losses)
    assert all(p.dtype == torch.float32 for p in assembly.network.parameters("unet"))
    assert any(p.abs().sum() > 0 for p in assembly.network.parameters("unet")[1::2])


def test_cached_and_fresh_captions_train_the_same(model, pictures):
    def losses(cached):
        config = run_config(
            pictures, text_encoder_lr=0.0, max_train_steps=3, dataset={"cache_text_encoder_outputs": cached}
        )
        return [e.loss for e in assembled(config, model).trainer.events() if isinstance(e, StepDone)]

    assert losses(True) == pytest.approx(losses(False), rel=1e-5)


@pytest.mark.parametrize("family", ["sd2", "sdxl"])
def test_other_families_train_a_step(checkpoints, pictures, family):
    host = StandaloneHost(device="cpu")
    with host.borrow(host.find(str(checkpoints[family]))) as borrowed:
        assembly = assembled(run_config(pictures, max_train_steps=2), borrowed)
        losses = [e.loss for e in assembly.trainer.events() if isinstance(e, StepDone)]
    assert all(math.isfinite(loss) for loss in losses)
    trained = [layer for layer in assembly.network.layers.values() if layer.delta().any()]
    assert len(trained) > 0.9 * len(assembly.network.layers)


def test_chance_does_not_depend_on_global_state(model, pictures):
    def losses(seed):
        torch.manual_seed(seed)
        return list(finished(assembled(run_config(pictures, max_train_steps=2), model))[0].values())

    assert losses(1) == losses(2)
