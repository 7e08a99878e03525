"""What every host promises, whatever it is made of. A host joins the suite by a line in ``tests/host/hosts.py``."""

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from lib_train.checkpoints.files import write_network
from lib_train.errors import ConfigError, HostBusyError, ModelFileError
from lib_train.host.protocol import BaseModel, Conditioning, Host
from lib_train.host.standalone.host import StandaloneHost
from lib_train.networks.targets import targets_of
from tests.fake_model import FakeModel
from tests.fakes import FakeHost
from tests.host.hosts import CASES, HOSTS
from tests.host.inputs import hash_of, network_of, noisy, picture_request, sizes

LONG = ", ".join(["circle"] * 60)  # 119 tokens


@pytest.fixture(scope="module", params=CASES, ids=lambda case: "-".join(case))
def lent(request, checkpoints) -> Iterator[tuple[Host, BaseModel]]:
    """A host and the model that it has lent; shared by the tests of this file, which leave both as they were."""
    name, family = request.param
    with HOSTS[name](checkpoints[family], family) as (host, ref), host.borrow(ref) as model:
        assert model.family == family
        yield host, model


@pytest.fixture
def model(lent) -> BaseModel:
    return lent[1]


@pytest.fixture(scope="module")
def before(lent) -> str:
    """What the lent model was at first."""
    return hash_of(lent[1])


def test_borrowed_model_is_frozen_and_in_eval_mode(model):
    for module in (model.unet, *model.text_encoders):
        assert not module.training
        assert not any(parameter.requires_grad for parameter in module.parameters())


def test_model_tells_its_schedule_kind_and_origin(lent):
    host, model = lent
    assert model.prediction_type in ("epsilon", "v")
    assert (model.alphas_cumprod.shape, model.alphas_cumprod.dtype) == ((1000,), torch.float32)
    assert [round(float(model.alphas_cumprod[t]), 5) for t in (0, 500, 999)] == [0.99915, 0.27633, 0.00466]
    assert model.device == host.device
    assert model.identity.title == f"tiny_{model.family}.safetensors"
    assert len(model.text_encoders) == (2 if model.family == "sdxl" else 1)


def test_a_host_says_how_long_nobody_has_generated_or_that_nobody_ever_does(place):
    assert 0 <= (place[0].idle_seconds() or 0) < 3600


def test_model_is_lent_once_and_given_back_after_an_error(place):
    host, ref = place
    with pytest.raises(ZeroDivisionError), host.borrow(ref):
        with pytest.raises(HostBusyError, match="wait until it ends"), host.borrow(ref):
            pass
        raise ZeroDivisionError
    with host.borrow(ref) as model:
        assert model.family


def test_keys_are_the_weights_own(place):
    host, ref = place
    found = []
    for _ in range(2):
        with host.borrow(ref) as model:
            found.append((model.vae_key(), model.text_key()))
    assert found[0] == found[1]
    assert all(found[0])


def test_size_is_told_without_loading(place):
    host, ref = place
    size = host.size_of(ref)
    with host.borrow(ref) as model:
        assert size.family == model.family
        assert size.weights["unet"] == sum(p.numel() for p in model.unet.parameters())
        assert size.weights["text_encoder"] == sum(p.numel() for e in model.text_encoders for p in e.parameters())
        targets = targets_of(model.family, model.unet, model.text_encoders)
        assert list(size.layers) == [target.layer for target in targets]


def test_unknown_base_model_is_named(place):
    with pytest.raises(ModelFileError, match="nowhere.safetensors"):
        place[0].find("nowhere.safetensors")


def test_prediction_has_the_latents_shape_and_each_picture_its_own(model):
    condition = model.encode_captions(["a red circle", "mochi"], 1, 75)
    both = model.predict(noisy(2), torch.tensor([3, 500]), condition, sizes(2))
    assert both.shape == (2, 4, 8, 8)
    second = Conditioning(condition.context[1:], None if condition.pooled is None else condition.pooled[1:])
    alone = model.predict(noisy(2)[1:], torch.tensor([500]), second, sizes(1))
    assert torch.allclose(both[1:], alone, atol=1e-4)


def test_gradients_reach_networks_on_unet_and_text_encoders(model, before):
    network = network_of(model)
    with network.attached():
        condition = model.encode_captions(["a red circle", "mochi"], 1, 75)
        latents = noisy(2, side=16)  # with 8 the middle block sees one token, whose attention nothing can change
        model.predict(latents, torch.tensor([3, 500]), condition, sizes(2)).square().mean().backward()
    reached = {part: [m.grad is not None and bool(m.grad.any()) for m in network.parameters(part)] for part in
               ("unet", "text_encoder")}  # fmt: skip
    assert all(reached["unet"])
    # what lies behind the last layer whose states are read gets none: SDXL and SD2 leave layers out
    assert sum(reached["text_encoder"]) >= len(reached["text_encoder"]) / 2
    assert hash_of(model) == before


def test_images_become_scaled_moments(model):
    pixels = torch.rand(2, 3, 64, 96, generator=torch.Generator().manual_seed(1)) * 2 - 1
    moments = model.encode_images(pixels)
    for tensor in moments:
        assert (tensor.shape, tensor.dtype, tensor.requires_grad) == ((2, 4, 8, 12), torch.float32, False)
        assert tensor.isfinite().all()
    assert (moments.std > 0).all()
    assert torch.equal(moments.mean, model.encode_images(pixels).mean)


def test_fault_of_the_vae_names_its_file_and_a_way_out(model):
    sentence = model.vae_fault()
    assert model.identity.title in sentence
    assert "take another copy, or choose another VAE" in sentence  # in float32, where only the file can be at fault


@pytest.mark.parametrize(("limit", "tokens"), [(75, 77), (150, 154), (225, 154)])
def test_long_captions_take_the_chunks_they_need_up_to_the_limit(model, limit, tokens):
    found = model.encode_captions([LONG, "a"], 1, limit)
    width = 8 if isinstance(model, FakeModel) else {"sdxl": 128}.get(model.family, 64)
    assert found.context.shape == (2, tokens, width)
    assert (found.pooled is not None) == (model.family == "sdxl")
    assert found.pooled is None or found.pooled.shape == (2, 64)


def test_a_caption_says_the_same_alone_and_beside_a_longer_one(model):
    alone, beside = model.encode_captions(["a"], 1, 225), model.encode_captions(["a", LONG], 1, 225)
    assert torch.allclose(alone.context[0], beside.context[0, :77], atol=1e-5)
    assert torch.allclose(model.encode_captions([""], 1, 225).context[0], beside.context[0, 77:], atol=1e-5)
    if alone.pooled is not None:
        assert torch.allclose(alone.pooled[0], beside.pooled[0], atol=1e-5)


@pytest.mark.parametrize("caption", ["(cat:1.5)", "((cat))", "[cat]", "cat BREAK", "<lora:cat:1>", r"\(cat\)"])
def test_captions_are_taken_literally(model, caption):
    literal, plain = model.encode_captions([caption, "cat"], 1, 75).context
    assert literal.shape[0] == 77
    assert not torch.allclose(literal, plain, atol=1e-3)


def test_clip_skip_moves_sd1_alone(model):
    first, second = (model.encode_captions(["a cat"], skip, 75).context for skip in (1, 2))
    assert torch.equal(first, second) == (model.family != "sd1")


def test_a_model_that_was_set_aside_for_a_while_is_the_same(lent, before):
    _, model = lent
    network = network_of(model)
    condition = model.encode_captions(["a red circle"], 1, 75)
    asks = noisy(1, side=16), torch.tensor([3]), condition, sizes(1)
    with network.attached():
        first = model.predict(*asks)
        with network.paused(), model.set_aside() as require_same:
            require_same()
        assert torch.equal(model.predict(*asks), first)
    assert hash_of(model) == before


def test_checkpointing_gives_the_same_gradients_and_leaves_no_trace(model, before):
    network = network_of(model)

    def gradients(on: bool) -> list[Tensor]:
        with network.attached(), model.checkpointed(on):
            condition = model.encode_captions(["a"], 1, 75)
            loss = model.predict(noisy(1), torch.tensor([300]), condition, sizes(1)).square().mean()
            found = [matrix for part in ("unet", "text_encoder") for matrix in network.parameters(part)]
            return [g for g in torch.autograd.grad(loss, found, allow_unused=True) if g is not None]

    plain, twice = gradients(False), gradients(True)
    assert len(plain) == len(twice) > 0
    assert all(torch.allclose(one, other, atol=1e-6) for one, other in zip(plain, twice, strict=True))
    assert hash_of(model) == before


def test_checkpointing_ends_after_an_error(model, before):
    with pytest.raises(ZeroDivisionError), model.checkpointed(True):
        raise ZeroDivisionError
    assert hash_of(model) == before


def test_picture_does_not_depend_on_its_neighbours_and_leaves_everything_as_it_was(lent, before):
    host, model = lent
    chance = torch.get_rng_state()
    first, other = picture_request(), picture_request(prompt=LONG, width=128, sampler=host.samplers()[0], seed=6)
    alone = next(iter(host.render(model, [first])))[0]
    beside = [picture for picture, _ in host.render(model, [other, first, picture_request(seed=7)])]
    assert [picture.size for picture in beside] == [(128, 64), (64, 64), (64, 64)]
    assert beside[1].tobytes() == alone.tobytes()
    assert beside[2].tobytes() != alone.tobytes()
    assert hash_of(model) == before
    assert torch.equal(torch.get_rng_state(), chance)


def test_picture_with_a_network_file_is_the_picture_of_the_attached_network(lent, tmp_path, before):
    host, model = lent
    network, file = network_of(model), tmp_path / "shape.safetensors"
    write_network(file, network.tensors(), {}, "float")
    requests = [picture_request(network=file, weight=weight) for weight in (1.0, 0.0, 0.5)] + [picture_request()]
    full, none, half, base = (picture.tobytes() for picture, _ in host.render(model, requests))
    assert none == base
    assert len({full, half, base}) == 3
    with network.attached():
        attached = next(iter(host.render(model, [picture_request()])))[0].tobytes()
    # merged into the weights, as the WebUI does it, sums are rounded otherwise
    merged = not isinstance(host, StandaloneHost | FakeHost)
    assert max(abs(a - b) for a, b in zip(attached, full, strict=True)) <= merged
    assert hash_of(model) == before


def test_pictures_have_what_is_in_the_background_below_their_network(lent, tmp_path, before):
    host, model = lent
    lower, upper = tmp_path / "lower.safetensors", tmp_path / "upper.safetensors"
    for file in (lower, upper):
        write_network(file, network_of(model).tensors(), {}, "float")
    background = ((lower, 0.4),)
    requests = [
        picture_request(background=background),
        picture_request(network=upper, weight=0.4),
        picture_request(network=upper, weight=0.6, background=background),
        picture_request(network=upper, weight=1.0),
        picture_request(network=upper, weight=0.0, background=background),
    ]
    (below, _), (same, _), (both, text), (whole, _), (none, _) = host.render(model, requests)
    assert below.tobytes() == same.tobytes() == none.tobytes()
    assert max(abs(a - b) for a, b in zip(both.tobytes(), whole.tobytes(), strict=True)) <= 2  # sums are rounded
    assert both.tobytes() != below.tobytes()
    first, second = "<lora:lower:0.4>", "<lora:upper:0.6>"
    prompt = text["parameters"].partition("\n")[0]
    assert first in prompt
    assert second in prompt
    assert hash_of(model) == before


def test_picture_tells_its_request_in_the_webuis_words(lent, tmp_path):
    host, model = lent
    file = tmp_path / "shape.safetensors"
    write_network(file, network_of(model, ("unet",)).tensors(), {}, "fp16")
    request = picture_request(network=file, weight=0.5, negative_prompt="blue", clip_skip=2)
    _, text = next(iter(host.render(model, [request])))
    prompt, _, rest = text["parameters"].partition("\n")
    assert prompt.replace("<lora:shape:0.5>", "").strip() == "a red circle"
    assert "<lora:shape:0.5>" in prompt
    assert rest.startswith("Negative prompt: blue\nSteps: 2, Sampler: ")
    assert ", Seed: 5, Size: 64x64, Model: tiny_" in text["parameters"]


def test_rendering_refuses_an_unknown_sampler_before_it_draws(lent):
    host, model = lent
    with pytest.raises(ConfigError, match="preview_sampler = 'Magic': choose one of"):
        next(iter(host.render(model, [picture_request(), picture_request(sampler="Magic")])))


def test_rendering_refuses_a_foreign_network_and_leaves_the_model(lent, tmp_path, before):
    host, model = lent
    if not isinstance(host, StandaloneHost | FakeHost):
        pytest.skip("the WebUI takes any file without a word")
    file = tmp_path / "foreign.safetensors"
    write_network(file, {"lora_unet_nowhere.lora_down.weight": torch.zeros(2, 8)}, {}, "float")
    with pytest.raises(ModelFileError, match=r"foreign\.safetensors"):
        next(iter(host.render(model, [picture_request(network=file)])))
    assert hash_of(model) == before


def test_rendering_that_is_broken_off_leaves_the_model(lent, tmp_path, before):
    host, model = lent
    file = tmp_path / "shape.safetensors"
    write_network(file, network_of(model).tensors(), {}, "float")
    drawing = host.render(model, [picture_request(network=file), picture_request(network=file, seed=6)])
    next(iter(drawing))
    assert hash_of(model) == before
    drawing.close()
    assert hash_of(model) == before


def test_tokens_are_counted_as_captions_are_cut(lent):
    host, model = lent
    captions = ["", "a cat", LONG, "saber (fate)"]
    assert host.count_tokens(captions) == [0, 2, 119, 4]
    one, two = (model.encode_captions([LONG], 1, length).context.shape[1] for length in (75, 150))
    assert (one, two) == (77, 154)
