import hashlib
import socket

import pytest
import torch

from lib_train.errors import HostBusyError, ModelFileError
from lib_train.host.protocol import PictureRequest
from lib_train.host.standalone import StandaloneHost
from tests.tiny import tiny_vae, write_file

FAMILIES = ("sd1", "sd2", "sdxl")


@pytest.fixture
def host():
    return StandaloneHost(device="cpu")


def hash_of(model):
    digest = hashlib.sha256()
    for module in (model.unet, *model.text_encoders, model.vae):
        for name, tensor in module.state_dict().items():
            digest.update(name.encode() + tensor.numpy().tobytes())
    return digest.hexdigest()


@pytest.fixture(params=FAMILIES)
def model(request, host, checkpoints):
    with host.borrow(host.find(str(checkpoints[request.param]))) as borrowed:
        yield borrowed


def test_borrowed_model_is_frozen_and_in_eval_mode(model):
    for module in (model.unet, *model.text_encoders):
        assert not module.training
        assert not any(p.requires_grad for p in module.parameters())


def test_prediction_has_the_latents_shape_and_gradients_reach_the_text_encoders(model):
    embedding = model.text_encoders[-1].text_model.embeddings.token_embedding.weight.requires_grad_()
    condition = model.encode_captions(["a red circle", "mochi"], 1, 75)
    sizes = torch.tensor([[64.0, 64, 0, 0, 64, 64]]).repeat(2, 1)
    output = model.predict(torch.randn(2, 4, 8, 8), torch.tensor([3, 500]), condition, sizes)
    assert output.shape == (2, 4, 8, 8)
    output.square().mean().backward()
    assert embedding.grad.abs().sum() > 0


def test_images_become_scaled_moments(model):
    moments = model.encode_images(torch.rand(2, 3, 64, 64) * 2 - 1)
    assert moments.mean.shape == moments.std.shape == (2, 4, 8, 8)
    assert moments.mean.dtype == torch.float32
    assert (moments.std > 0).all()
    raw = model.vae.encode(torch.zeros(1, 3, 64, 64)).latent_dist.mean
    factor = 0.13025 if model.family == "sdxl" else 0.18215
    assert torch.allclose(model.encode_images(torch.zeros(1, 3, 64, 64)).mean, raw * factor)


def test_long_captions_take_more_chunks_up_to_the_limit(model):
    long = ", ".join(["circle"] * 60)  # 119 tokens
    assert model.encode_captions([long, "a"], 1, 225).context.shape[:2] == (2, 154)
    assert model.encode_captions([long], 1, 75).context.shape[1] == 77


def test_a_caption_alone_and_beside_a_longer_one_begins_the_same(model):
    alone = model.encode_captions(["a"], 1, 225).context[0]
    beside = model.encode_captions(["a", ", ".join(["circle"] * 60)], 1, 225).context[0]
    assert torch.allclose(alone, beside[:77], atol=1e-5)
    assert torch.allclose(model.encode_captions([""], 1, 225).context[0], beside[77:], atol=1e-5)


def test_captions_are_taken_literally(model):
    plain, bracket = model.encode_captions(["(cat:1.5)", "cat"], 1, 75).context
    assert not torch.allclose(plain, bracket)


def test_checkpointing_gives_the_same_gradients_and_leaves_no_trace(model):
    weight = next(p for n, p in model.unet.named_parameters() if n.endswith("attn1.to_q.weight")).requires_grad_()

    def gradient(on):
        weight.grad = None
        condition = model.encode_captions(["a"], 1, 75)
        with model.checkpointed(on):
            sizes = torch.tensor([[64.0, 64, 0, 0, 64, 64]])
            generator = torch.Generator().manual_seed(1)
            latents = torch.randn(1, 4, 8, 8, generator=generator)
            model.predict(latents, torch.tensor([3]), condition, sizes).square().mean().backward()
        return weight.grad.clone()

    assert torch.allclose(gradient(False), gradient(True), atol=1e-6)
    assert not any("forward" in m.__dict__ for m in model.unet.modules())


@pytest.mark.parametrize("family", FAMILIES)
def test_family_and_weights_are_read_off_the_file(host, checkpoints, family):
    ref = host.find(str(checkpoints[family]))
    size = host.size_of(ref)
    with host.borrow(ref) as model:
        assert model.family == size.family == family
        assert sum(p.numel() for p in model.unet.parameters()) == size.weights["unet"]
        assert sum(p.numel() for e in model.text_encoders for p in e.parameters()) == size.weights["text_encoder"]
        assert sum(p.numel() for p in model.vae.parameters()) == size.weights["vae"]


def test_loading_never_touches_the_network(host, checkpoints, monkeypatch):
    def refused(*args, **kwargs):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    with host.borrow(host.find(str(checkpoints["sdxl"]))) as model:
        next(host.render(model, [PictureRequest(prompt="a", steps=1, width=64, height=64)]))


def test_device_is_taken_once_and_given_back_after_an_error(host, checkpoints):
    ref = host.find(str(checkpoints["sd1"]))
    with pytest.raises(ZeroDivisionError), host.borrow(ref):
        with pytest.raises(HostBusyError), host.borrow(ref):
            pass
        raise ZeroDivisionError
    with host.borrow(ref) as model:
        assert model.family == "sd1"


def test_separate_vae_takes_the_place_of_the_checkpoints_own(host, checkpoints, tmp_path):
    torch.manual_seed(9)
    file = write_file(tmp_path / "other.vae.safetensors", tiny_vae())
    with host.borrow(host.find(str(checkpoints["sd1"]))) as own:
        key = own.vae_key()
    with host.borrow(host.find(str(checkpoints["sd1"]), str(file))) as other:
        assert other.vae_key() != key
        assert other.identity.vae_title == "other.vae.safetensors"


def test_yaml_beside_a_checkpoint_overrides_scale_and_prediction(host, checkpoints, tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(checkpoints["sd1"].read_bytes())
    path.with_suffix(".yaml").write_text("model: {params: {scale_factor: 0.5, parameterization: v}}")
    with host.borrow(host.find(str(path))) as model:
        assert (model.scale_factor, model.prediction_type) == (0.5, "v")


@pytest.mark.parametrize(("said", "kind"), [("v", "v"), ("epsilon", "epsilon")])
def test_sd2_prediction_follows_the_files_own_word(host, checkpoints, tmp_path, said, kind):
    from safetensors.torch import load_file

    path = write_file(tmp_path / "m.safetensors", load_file(checkpoints["sd2"]), {"modelspec.prediction_type": said})
    with host.borrow(host.find(str(path))) as model:
        assert model.prediction_type == kind


def test_pickled_checkpoint_opens_when_it_holds_tensors_alone(host, checkpoints, tmp_path):
    from safetensors.torch import load_file

    torch.save({"state_dict": load_file(checkpoints["sd1"])}, tmp_path / "model.ckpt")
    with host.borrow(host.find(str(tmp_path / "model.ckpt"))) as model:
        assert model.family == "sd1"


class Evil:
    def __reduce__(self):
        return (print, ("run",))


def test_pickled_code_is_refused(host, tmp_path, capsys):
    torch.save({"state_dict": {"a": Evil()}}, tmp_path / "evil.ckpt")
    with pytest.raises(ModelFileError, match=r"evil.ckpt: cannot be opened without running code"):
        host.size_of(host.find(str(tmp_path / "evil.ckpt")))
    assert "run" not in capsys.readouterr().out


def test_rendering_gives_the_same_picture_alone_and_beside_others_and_leaves_the_model(model, host):
    before = hash_of(model)
    one = PictureRequest(prompt="a (red:1.3) circle", seed=5, steps=3, width=64, height=64)
    other = PictureRequest(prompt="BREAK b", seed=6, steps=3, width=96, height=64, sampler="DPM++ 2M Karras")
    alone = next(host.render(model, [one]))[0]
    state = torch.get_rng_state()
    beside = [picture for picture, _ in host.render(model, [other, one])]
    assert beside[1].tobytes() == alone.tobytes()
    assert beside[0].size == (96, 64)
    assert torch.equal(torch.get_rng_state(), state)
    assert hash_of(model) == before


def test_picture_tells_its_settings_in_the_webuis_words(host, checkpoints):
    request = PictureRequest(prompt="a", negative_prompt="b", seed=5, steps=1, width=64, height=64, clip_skip=2)
    with host.borrow(host.find(str(checkpoints["sd1"]))) as model:
        _, text = next(host.render(model, [request]))
    assert text["parameters"] == (
        "a\nNegative prompt: b\nSteps: 1, Sampler: Euler a, CFG scale: 7, Seed: 5, Size: 64x64, "
        "Model: tiny_sd1, Clip skip: 2"
    )
