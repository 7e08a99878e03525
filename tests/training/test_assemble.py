import gc
import weakref
from typing import Any

import pytest
import torch

from lib_train.config.dataset import DatasetConfig
from lib_train.config.network import NetworkConfig
from lib_train.config.run import RunConfig
from lib_train.config.training import TrainingConfig
from lib_train.errors import ConfigError
from lib_train.pictures.scan import scan
from lib_train.training.assemble import assemble, caches_captions
from lib_train.training.events import StepDone
from tests.fake_model import FakeModel
from tests.fakes import fake_assembly

KINDS = ATTENTION, RESNET, TEXT = "lora_unet_down_blocks_0_attentions", "lora_unet_down_blocks_0_resnets", "lora_te"


def config(pictures, dataset=None, network=None, **training):
    sizes: dict[str, Any] = {
        "resolution": (64,),
        "min_bucket_reso": 64,
        "max_bucket_reso": 128,
        "bucket_reso_steps": 32,
    }
    return RunConfig(
        network=NetworkConfig(**(network or {})),
        dataset=DatasetConfig(train_data_dir=(str(pictures),), **sizes, **(dataset or {})),
        training=TrainingConfig(**{"max_train_steps": 2, **training}),
    )


def prepared(settings, folder, model=None):
    model = model or FakeModel()
    assembly = assemble(settings, scan(settings.dataset), model, folder)
    return assembly, list(assembly.prepare()), model


def test_prepare_tells_how_far_latents_and_captions_are_and_the_next_run_finds_them(pictures, tmp_path):
    settings = config(pictures, text_encoder_lr=0.0, dataset={"vae_batch_size": 1})
    first, progress, model = prepared(settings, tmp_path / "cache")
    assert progress == [("latents", 1, 3), ("latents", 2, 3), ("latents", 3, 3), ("captions", 4, 4)]
    assert model.captions_encoded == 4  # three, and the empty one
    second, progress, model = prepared(settings, tmp_path / "cache")
    assert [done for _, done, _ in progress] == []
    assert model.captions_encoded == 0
    losses = [[e.loss for e in run.trainer.events() if isinstance(e, StepDone)] for run in (first, second)]
    assert losses[0] == losses[1]


def test_captions_are_encoded_anew_when_anything_that_decides_them_changes(pictures, tmp_path):
    base = {"text_encoder_lr": 0.0}
    prepared(config(pictures, **base), tmp_path)
    for change in ({"clip_skip": 2}, {"max_token_length": 75}, {"mixed_precision": "bf16"}):
        assert prepared(config(pictures, **base, **change), tmp_path)[2].captions_encoded == 4
    assert prepared(config(pictures, **base), tmp_path)[2].captions_encoded == 0


@pytest.mark.parametrize(
    ("dataset", "training", "cached"),
    [
        ({}, {"text_encoder_lr": 0.0}, True),
        ({}, {}, False),
        ({"shuffle_caption": True}, {"text_encoder_lr": 0.0}, False),
        ({"caption_dropout_rate": 0.1}, {"text_encoder_lr": 0.0}, False),
        ({"cache_text_encoder_outputs": False}, {"text_encoder_lr": 0.0}, False),
    ],
)
def test_captions_are_cached_where_they_are_fixed_and_the_text_encoder_frozen(pictures, dataset, training, cached):
    assert caches_captions(config(pictures, dataset, **training)) == cached


@pytest.mark.parametrize(("cached_latents", "cached_captions"), [(True, False), (False, True), (False, False)])
def test_caches_do_not_change_what_is_trained(pictures, cached_latents, cached_captions):
    def losses(latents, captions):
        dataset = {"cache_latents": latents, "cache_text_encoder_outputs": captions}
        run = fake_assembly(pictures, text_encoder_lr=0.0, dataset=dataset)
        return [event.loss for event in run.trainer.events() if isinstance(event, StepDone)]

    assert losses(cached_latents, cached_captions) == pytest.approx(losses(True, True), rel=1e-6)


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({}, {ATTENTION, TEXT}),
        ({"text_encoder_lr": 0.0}, {ATTENTION}),
        ({"unet_lr": 0.0}, {TEXT}),
        ({"text_encoder_lr": 0.0, "network": {"conv_dim": 2}}, {ATTENTION, RESNET}),
    ],
)
def test_network_covers_the_parts_that_have_a_rate(pictures, settings, names):
    run, _, _ = prepared(config(pictures, **settings), None)
    assert {next(kind for kind in KINDS if name.startswith(kind)) for name in run.network.layers} == names


def test_same_seed_same_file_and_another_seed_another(pictures):
    def weights(seed):
        run = fake_assembly(pictures, seed=seed)
        torch.manual_seed(torch.randint(1000, ()).item())  # what ran before makes no difference
        list(run.trainer.events())
        return torch.cat([p.detach().flatten() for p in run.network.parameters("unet")])

    assert torch.equal(weights(1), weights(1))
    assert not torch.equal(weights(1), weights(2))


def test_optimizer_and_precision_that_cannot_be_used_are_refused_together(pictures):
    with pytest.raises(ConfigError) as caught:
        prepared(config(pictures, optimizer_type="Lion8bit", mixed_precision="fp16"), None)
    assert [problem.setting for problem in caught.value.problems] == ["optimizer_type", "mixed_precision"]


def test_a_run_s_network_is_freed_with_the_run_and_waits_for_no_collector(pictures):
    run = fake_assembly(pictures)
    network = weakref.ref(run.network)
    gc.collect()
    gc.disable()
    try:
        del run
        assert network() is None
    finally:
        gc.enable()
