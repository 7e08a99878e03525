"""How the WebUI's model is looked at and made fit for training, on the stand-in of ``tests.fake_webui``."""

from contextlib import nullcontext

import pytest
import torch
from torch import nn

from lib_train.checkpoints.files import write_network
from lib_train.errors import HostModelError
from lib_train.networks import frozen, low_rank
from tests.host.inputs import network_of, noisy, sizes
from tests.host.inside import (
    Waiting,
    another_checkpoint,
    borrowed,
    build_in_inference_mode,
    leave_traces,
    require_same,
    require_traces,
    state_of,
)


def tiling(sd_model):
    from modules import sd_hijack

    sd_hijack.model_hijack.apply_circular(True)


def token_merging(sd_model):
    from modules import sd_models

    sd_models.apply_token_merging(sd_model, 0.5)


def computed(model):
    """What the borrowed model makes of a fixed input: U-Net and VAE."""
    condition = model.encode_captions(["a"], 1, 75)
    asks = noisy(1, side=16), torch.tensor([5]), condition, sizes(1)
    pixels = noisy(1, side=64)[:, :3].clamp(-1, 1)
    with torch.no_grad():
        return torch.cat([model.predict(*asks).flatten(), model.encode_images(pixels).mean.flatten()])


@pytest.mark.parametrize("left_behind", [tiling, token_merging], ids=lambda effect: effect.__name__)
def test_what_a_generation_left_on_the_model_is_lifted_for_training(any_model, host, left_behind):
    with borrowed(host) as model:
        plain = computed(model)
        left_behind(any_model)  # without us lifting it
        assert not torch.equal(computed(model), plain)
    left_behind(any_model)
    with borrowed(host) as model:
        assert torch.equal(computed(model), plain)


@pytest.mark.parametrize("left_behind", [tiling, token_merging], ids=lambda effect: effect.__name__)
@pytest.mark.parametrize("when", ["between two steps", "in a pause"])
def test_what_others_left_on_the_model_is_lifted_when_training_goes_on(sd_model, host, left_behind, when):
    with borrowed(host) as model:
        plain = computed(model)
        if when == "in a pause":
            with model.set_aside():
                left_behind(sd_model)
        else:
            waiting = Waiting(lambda: left_behind(sd_model))
            assert model.between_steps(1, 9, nullcontext)
            assert waiting.served
        assert torch.equal(computed(model), plain)


def test_tiling_reaches_no_convolution_while_the_model_is_lent(sd_model, host):
    tiling(sd_model)
    convolutions = [module for module in sd_model.modules() if isinstance(module, nn.Conv2d)]
    assert {module.padding_mode for module in convolutions} == {"circular"}
    with borrowed(host):
        assert {module.padding_mode for module in convolutions} == {"zeros"}


def test_the_weights_of_a_checkpoint_are_looked_through_once_however_often_a_page_asks(sd_model, host, monkeypatch):
    looks, parameters = [], type(sd_model).parameters
    monkeypatch.setattr(type(sd_model), "parameters", lambda model: looks.append(model) or parameters(model))
    assert [host.problem() for _ in range(3)] == [None] * 3
    assert len({host.find("") for _ in range(3)}) == 1
    assert len(looks) == 1
    another_checkpoint(sd_model)  # the WebUI loads it into the same modules
    build_in_inference_mode(sd_model)
    assert "in inference mode" in host.problem()
    assert "in inference mode" in host.problem()
    with pytest.raises(HostModelError, match="in inference mode"), borrowed(host):
        pass


def test_a_model_is_looked_through_again_before_it_is_lent(sd_model, host):
    ref = host.find("")
    build_in_inference_mode(sd_model)
    assert host.problem() is None  # nobody could know without a look
    with pytest.raises(HostModelError, match="in inference mode"), host.borrow(ref):
        pass


@pytest.mark.parametrize("error", [None, ZeroDivisionError])
def test_everything_is_lifted_while_lent_and_given_back(any_model, host, error):
    from ldm.modules import attention
    from modules import call_queue, sd_hijack, sd_unet, shared

    tiled, chosen = leave_traces(any_model), attention.CrossAttention.forward
    before, chance = state_of(any_model), torch.get_rng_state()
    with pytest.raises(error) if error else nullcontext():
        with borrowed(host) as model:
            modules = list(any_model.modules())
            assert not any(module.training for module in modules)
            assert not any(getattr(module, "checkpoint", False) is True for module in modules)
            assert not any(getattr(module, "use_checkpoint", False) is True for module in modules)
            assert not any(hook.__name__ == "send_me_to_gpu" for m in modules for hook in m._forward_pre_hooks.values())
            assert not any(parameter.requires_grad for parameter in any_model.parameters())
            assert (shared.loaded_hypernetworks, sd_unet.current_unet_option) == ([], "None")
            assert attention.CrossAttention.forward is sd_hijack.sdp_forward
            assert not vars(tiled)["__webui_hypertile_params"].enabled
            assert not shared.parallel_processing_allowed
            assert shared.state.job == "train-tools"
            model.predict(noisy(1), torch.tensor([5]), model.encode_captions(["a"], 1, 75), sizes(1))
            model.encode_images(torch.zeros(1, 3, 64, 64))
            if error:
                raise error
    require_same(before, any_model)
    require_traces(tiled)
    assert attention.CrossAttention.forward is chosen
    assert torch.equal(torch.get_rng_state(), chance)
    assert call_queue.queue_lock.acquire(blocking=False)


def test_everything_else_is_given_back_where_one_thing_fails(sd_model, host, monkeypatch):
    from modules import call_queue, devices, lowvram, shared

    leave_traces(sd_model)
    before = state_of(sd_model)
    with pytest.raises(ZeroDivisionError), borrowed(host):
        monkeypatch.setattr(lowvram, "module_in_gpu", None)
        monkeypatch.setattr(sd_model.first_stage_model, "to", broken)
        monkeypatch.setattr(devices, "torch_gc", broken)
    monkeypatch.undo()
    assert shared.parallel_processing_allowed
    assert shared.loaded_hypernetworks == ["a hypernetwork"]
    after = state_of(sd_model)
    lost = [key for key in before if before[key] != after[key]]
    assert {key[1] for key in lost} <= {"_forward_pre_hooks"}  # of what failed
    assert call_queue.queue_lock.acquire(blocking=False)


def broken(*anything):
    raise ZeroDivisionError


def test_a_lora_of_the_last_prompt_is_no_part_of_what_is_trained(sd_model, host, tmp_path):
    import networks

    before = sd_model.model.diffusion_model.state_dict()
    before = {name: tensor.clone() for name, tensor in before.items()}
    with borrowed(host) as model:
        write_network(tmp_path / "shape.safetensors", network_of(model).tensors(), {}, "float")
    host.offer_lora(tmp_path / "shape.safetensors")
    networks.load_networks(["shape"])
    sd_model.cond_stage_model("a prompt")
    sd_model.model.diffusion_model(noisy(1), torch.tensor([5]), sd_model.cond_stage_model("a"))
    weights = sd_model.model.diffusion_model.state_dict()
    assert any(not torch.equal(before[name], weights[name]) for name in before)
    with borrowed(host) as model:
        assert all(torch.equal(before[name], tensor) for name, tensor in model.unet.state_dict().items())


@pytest.mark.parametrize("more", ["Lora alone", "another extension"])
def test_layers_that_lora_patches_are_computed_with_their_updates_at_once(any_model, host, monkeypatch, more):
    import networks

    if more == "another extension":  # whose patch Lora passes on to
        for kind in ("Linear", "Conv2d"):
            monkeypatch.setattr(networks.originals, f"{kind}_forward", lambda *anything: None)
    calls, fused = [], low_rank.lora_linear  # type: ignore[attr-defined]
    monkeypatch.setattr(low_rank, "lora_linear", lambda *given: calls.append(1) or fused(*given))
    before, results = state_of(any_model), []
    with borrowed(host) as model:
        network = network_of(model, ("unet",))
        for vouched in (True, False):
            if not vouched:
                monkeypatch.setattr(frozen, "VOUCHED", "no such attribute")
            calls.clear()
            with network.attached():
                condition = model.encode_captions(["a"], 1, 75)
                found = model.predict(noisy(1, side=16), torch.tensor([5]), condition, sizes(1))
            assert bool(calls) == (vouched and more == "Lora alone")
            gradients = torch.autograd.grad(found.square().mean(), network.parameters("unet"))
            results.append((found, *gradients))
    assert all(torch.allclose(one, other, atol=1e-5) for one, other in zip(*results, strict=True))
    require_same(before, any_model)
