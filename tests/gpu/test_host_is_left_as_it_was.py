"""Settings of torch, its chance, and the memory of the device are as before after a run, a picture or an error."""

import warnings
from dataclasses import replace

import pytest
import torch

from lib_train.app.service import Service
from lib_train.errors import OutOfMemory
from lib_train.host.protocol import Conditioning
from lib_train.host.standalone.host import StandaloneHost
from lib_train.host.standalone.model import StandaloneModel
from tests.training.runs import run_config


def switches():
    """Every switch of torch that decides how it computes, by name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # newer versions of torch rename some
        return {
            "matmul_tf32": torch.backends.cuda.matmul.allow_tf32,
            "fp16_reduction": torch.backends.cuda.matmul.allow_fp16_reduced_precision_reduction,
            "bf16_reduction": torch.backends.cuda.matmul.allow_bf16_reduced_precision_reduction,
            "matmul_precision": torch.get_float32_matmul_precision(),
            "cudnn_tf32": torch.backends.cudnn.allow_tf32,
            "cudnn": (torch.backends.cudnn.enabled, torch.backends.cudnn.benchmark, torch.backends.cudnn.deterministic),
            "attention": (torch.backends.cuda.flash_sdp_enabled(), torch.backends.cuda.mem_efficient_sdp_enabled(),
                          torch.backends.cuda.math_sdp_enabled()),
            "deterministic": torch.are_deterministic_algorithms_enabled(),
            "dtype": torch.get_default_dtype(),
            "gradients": (torch.is_grad_enabled(), torch.is_inference_mode_enabled()),
            "threads": torch.get_num_threads(),
        }  # fmt: skip


def chance():
    states = [torch.get_rng_state(), *(torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [])]
    return [state.tolist() for state in states]


@pytest.fixture
def service(device, tmp_path):
    return Service(StandaloneHost(device=device.type, dtype=torch.float32), tmp_path / "out")


@pytest.fixture
def config(checkpoints, squares):
    found = replace(run_config(squares, max_train_steps=2), base_model=str(checkpoints["sd1"]))
    preview = replace(
        found.preview, preview_prompts=("a",), preview_steps=(2,), preview_width=(64,), preview_height=(64,)
    )
    return replace(found, preview=preview)


@pytest.mark.parametrize("tf32", [False, True])
def test_a_run_with_previews_leaves_torchs_settings_and_chance(service, config, monkeypatch, tf32):
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", tf32)
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", tf32)
    before, states = switches(), chance()
    assert before["cudnn_tf32"] is tf32
    assert len(service.train("p", "v1", config).grids) == 1
    assert switches() == before
    assert chance() == states


def predicted(model):
    latents = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(1)).to(model.device)
    with torch.no_grad():
        condition: Conditioning = model.encode_captions(["a"], 1, 75)
        sizes = torch.zeros(1, 6, device=model.device)
        return model.predict(latents, torch.tensor([9], device=model.device), condition, sizes)


def allocated(device):
    return torch.cuda.memory_allocated() if device.type == "cuda" else 0


def test_out_of_memory_in_a_step_is_told_and_the_model_computes_as_before(service, config, device, monkeypatch):
    """The device itself runs out: a tensor of a petabyte is asked for in the middle of a step."""
    ref = service.host.find(config.base_model)
    predict, held = StandaloneModel.predict, []

    def greedy(self, *args):
        output, ballast = predict(self, *args), torch.empty(2**26, dtype=torch.uint8, device=device)
        held.append(allocated(device))
        torch.empty(2**50, dtype=torch.uint8, device=device)
        return output, ballast

    with service.host.borrow(ref) as model:
        before = predicted(model).cpu()
    with monkeypatch.context() as broken:
        broken.setattr(StandaloneModel, "predict", greedy)
        with pytest.raises(OutOfMemory, match="lower train_batch_size or resolution") as caught:
            service.train("p", "v1", config)
    assert len(held) == 1
    assert allocated(device) <= held[0] - (2**26 if device.type == "cuda" else 0)  # although the error is still held
    assert caught.value.__cause__ is not None
    with service.host.borrow(ref) as model:
        assert torch.equal(predicted(model).cpu(), before)
