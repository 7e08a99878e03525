import pytest
import torch
from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint, convert_ldm_vae_checkpoint
from safetensors.torch import load_file

from lib_train.errors import ModelFileError
from lib_train.models.families import anatomy_of
from lib_train.models.single_file import blank_texts, blank_unet, blank_vae
from lib_train.models.tensor_file import open_tensors
from tests.tiny import write_file

FAMILIES = ["sd1", "sd2", "sdxl"]


@pytest.fixture(params=FAMILIES)
def checkpoint(request, checkpoints):
    return checkpoints[request.param]


def opened(path):
    file = open_tensors(path)
    return file, anatomy_of(file.shapes, str(path))


def test_unet_has_the_weights_that_diffusers_own_reader_gives_it(checkpoint):
    file, anatomy = opened(checkpoint)
    unet = blank_unet(file, anatomy).filled(torch.float32, torch.device("cpu"))
    config = dict(unet.config) | {"class_embed_type": None}
    theirs = convert_ldm_unet_checkpoint(load_file(checkpoint), config)
    ours = unet.state_dict()
    assert theirs.keys() == ours.keys()
    assert all(torch.equal(theirs[name].float(), ours[name]) for name in ours)
    assert not unet.training
    assert not any(weight.requires_grad for weight in unet.parameters())


def test_vae_has_the_weights_that_diffusers_own_reader_gives_it(checkpoint):
    vae = blank_vae(open_tensors(checkpoint)).filled(torch.float32, torch.device("cpu"))
    theirs = convert_ldm_vae_checkpoint(load_file(checkpoint), dict(vae.config))
    ours = vae.state_dict()
    assert theirs.keys() == ours.keys()
    assert all(torch.equal(theirs[name].float(), ours[name]) for name in ours)


def test_vae_file_with_diffusers_names_gives_the_same_vae(checkpoints, tmp_path):
    vae = blank_vae(open_tensors(checkpoints["sd1"])).filled(torch.float32, torch.device("cpu"))
    path = write_file(tmp_path / "vae.safetensors", {n: t.contiguous() for n, t in vae.state_dict().items()})
    again = blank_vae(open_tensors(path)).filled(torch.float32, torch.device("cpu"))
    assert all(torch.equal(tensor, again.state_dict()[name]) for name, tensor in vae.state_dict().items())


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_weights_have_the_type_that_is_asked_for(checkpoints, dtype):
    file, anatomy = opened(checkpoints["sdxl"])
    blanks = [blank_unet(file, anatomy), *blank_texts(file, anatomy), blank_vae(file)]
    for blank in blanks:
        assert {weight.dtype for weight in blank.filled(dtype, torch.device("cpu")).parameters()} == {dtype}


def test_missing_wrong_and_surplus_tensors_are_named(checkpoints, tmp_path):
    tensors = load_file(checkpoints["sd1"])
    name = "model.diffusion_model.time_embed.0.bias"
    for changed, told in (
        ({n: t for n, t in tensors.items() if n != name}, f"1 tensors are missing, such as {name}"),
        (tensors | {name: torch.zeros(3)}, rf"{name} has \(3,\), not \("),
        (tensors | {"model.diffusion_model.extra": torch.zeros(3)}, "1 tensors belong to no layer .*extra"),
    ):
        file, anatomy = opened(write_file(tmp_path / "a.safetensors", changed))
        with pytest.raises(ModelFileError, match=rf"a\.safetensors: {told}"):
            blank_unet(file, anatomy).filled(torch.float32, torch.device("cpu"))


def test_loading_leaves_torchs_threads_as_they_were(checkpoints):
    before = torch.get_num_threads()
    torch.set_num_threads(before + 1)
    try:
        blank_vae(open_tensors(checkpoints["sd1"])).filled(torch.float32, torch.device("cpu"))
        assert torch.get_num_threads() == before + 1
    finally:
        torch.set_num_threads(before)
