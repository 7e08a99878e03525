"""How the WebUI's model is looked at and made fit for training, on the stand-in of ``tests.fake_webui``."""

from contextlib import nullcontext

import pytest
import torch
from torch import nn

from lib_train.errors import HostModelError
from tests.host.inside import borrowed
from tests.host.test_contract import noisy, sizes
from tests.host.webui.test_host import Waiting, another_checkpoint, inferred


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
    inferred(sd_model)
    assert "in inference mode" in host.problem()
    assert "in inference mode" in host.problem()
    with pytest.raises(HostModelError, match="in inference mode"), borrowed(host):
        pass


def test_a_model_is_looked_through_again_before_it_is_lent(sd_model, host):
    ref = host.find("")
    inferred(sd_model)
    assert host.problem() is None  # nobody could know without a look
    with pytest.raises(HostModelError, match="in inference mode"), host.borrow(ref):
        pass
