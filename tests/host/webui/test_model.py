import pytest
import torch

from lib_train.errors import ConfigError
from lib_train.host.standalone.host import StandaloneHost
from lib_train.training.events import StepDone
from tests.fakes import fake_assembly
from tests.host.inputs import noisy, sizes
from tests.host.inside import borrowed, build_in_inference_mode, load, refusal, require_same, state_of

CAPTIONS = ["a red circle, mochi, " * 12, "mochi"]


def test_same_checkpoint_says_the_same_as_in_the_standalone_host(any_model, host, checkpoints):
    alone = StandaloneHost(device="cpu")
    from modules import sd_hijack

    sd_hijack.model_hijack.fixes = "left behind by a prompt"
    pixels = noisy(2, side=64)[:, :3].clamp(-1, 1)
    with borrowed(host) as ours, alone.borrow(alone.find(str(checkpoints[ours.family]))) as theirs, torch.no_grad():
        for skip in (1, 2):
            one, other = (model.encode_captions(CAPTIONS, skip, 150) for model in (ours, theirs))
            assert torch.allclose(one.context, other.context, atol=1e-5)
        assert one.pooled is other.pooled is None or torch.allclose(one.pooled, other.pooled, atol=1e-5)  # type: ignore[arg-type]
        asks = noisy(2, side=16), torch.tensor([3, 900]), one, torch.tensor([[640.0, 512, 0, 64, 512, 448]] * 2)
        assert torch.allclose(ours.predict(*asks), theirs.predict(*asks), atol=1e-4)
        for mine, yours in zip(ours.encode_images(pixels), theirs.encode_images(pixels), strict=True):
            assert torch.allclose(mine, yours, atol=1e-5)
        assert ours.prediction_type == theirs.prediction_type
        assert torch.equal(ours.alphas_cumprod, theirs.alphas_cumprod)
    here, there = host.size_of(host.find("")), alone.size_of(alone.find(str(checkpoints[ours.family])))
    if ours.family == "sd2":  # where nothing says it, the standalone host takes v until the model is loaded
        there = there._replace(predicts=ours.prediction_type)
    assert here._replace(weights={}, layers=()) == there._replace(weights={}, layers=())
    assert sorted(here.layers) == sorted(there.layers)  # ldm's modules stand in another order
    # in the WebUI SD2's text encoder has a last layer, which nothing reads
    parts = ("unet", "vae") if ours.family == "sd2" else ("unet", "text_encoder", "vae")
    assert [here.weights[part] for part in parts] == [there.weights[part] for part in parts]


def test_size_of_a_narrow_model_is_what_its_description_says(any_model, host):
    usual = host.size_of(host.find("")).side
    any_model.image_size = 16  # ldm's class of models keeps it, sgm's does not
    assert host.size_of(host.find("")).side == 128
    any_model.image_size = None
    assert host.size_of(host.find("")).side == usual == {"sd1": 512, "sd2": 768, "sdxl": 1024}[any_model.family]


def test_sdxl_images_are_encoded_in_float_and_the_16_bit_vae_stays(adapter, checkpoints, host):
    sd_model = load(checkpoints, "sdxl")
    sd_model.first_stage_model.half()
    before = state_of(sd_model)
    with borrowed(host) as model:
        # too large for 16 bits on the way: what makes the true one overflow
        moments = model.encode_images(torch.full((1, 3, 64, 64), 70000.0))
        assert moments.mean.isfinite().all()
    require_same(before, sd_model)


def in_fp8(sd_model):
    """As the WebUI keeps a model with its setting "FP8 weight"."""
    for module in sd_model.model.modules():
        if isinstance(module, torch.nn.Linear | torch.nn.Conv2d):
            module.to(torch.float8_e4m3fn)


def test_a_16_bit_checkpoint_is_refused_where_it_cannot_be_trained(sd_model, host, pictures):
    sd_model.half()
    with borrowed(host) as model:
        for setting in ("no", "auto", "bf16"):
            with pytest.raises(
                ConfigError, match=f"mixed_precision = '{setting}'.*kept in float16: load it in float32"
            ):
                fake_assembly(pictures, model, mixed_precision=setting)


def test_an_fp8_checkpoint_is_trained_with_mixed_precision_alone(any_model, host, pictures):
    in_fp8(any_model)
    before = state_of(any_model)
    with borrowed(host) as model:
        with pytest.raises(ConfigError, match=r"mixed_precision = 'no'.*kept in float8_e4m3fn: choose bf16, or"):
            fake_assembly(pictures, model, mixed_precision="no")
        training = fake_assembly(pictures, model, mixed_precision="bf16", max_train_steps=2).trainer
        losses = [event.loss for event in training.events() if isinstance(event, StepDone)]
    assert len(losses) == 2
    assert all(0 < loss < 10 for loss in losses)
    require_same(before, any_model)


def test_latents_are_not_rounded_to_fp8(sd_model, host):
    found = []
    for keep in (in_fp8, lambda model: model.float()):  # the same numbers in another format
        keep(sd_model)
        with borrowed(host) as model, torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            condition = model.encode_captions(["a"], 1, 75)
            found.append(model.predict(noisy(1), torch.tensor([5]), condition, sizes(1)))
    assert torch.equal(*found)


REFUSED = {
    "an SD3 model": lambda model: setattr(model, "is_sd3", True),
    "an SSD-1B model": lambda model: setattr(model, "is_ssd", True),
    "held by Forge": lambda model: setattr(model, "forge_objects", None),
    "an inpainting": lambda model: setattr(model.model, "conditioning_key", "hybrid"),
    "with 9 input channels": lambda model: setattr(model.model.diffusion_model, "in_channels", 9),
    "an instruct-pix2pix": lambda model: setattr(model, "cond_stage_key", "edit"),
    "of an unknown kind": lambda model: setattr(model, "is_sd1", False),
    "in inference mode": lambda model: build_in_inference_mode(model),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_models_that_cannot_be_trained_are_refused_by_name(sd_model, host, kind):
    REFUSED[kind](sd_model)
    assert kind in refusal(host)
