"""Every kind of network that is trained here can be reckoned with by the tools."""

import pytest
import torch

from lib_train.config.network import NetworkConfig
from lib_train.config.tools import BlocksConfig, MergeConfig, ResizeConfig
from lib_train.host.standalone.host import StandaloneHost
from lib_train.lora_tools.base_file import opened_base
from lib_train.lora_tools.blocks import blocks
from lib_train.lora_tools.layers import deltas_in, opened
from lib_train.lora_tools.merge import merge
from lib_train.lora_tools.resize import resize
from lib_train.networks.kinds import KINDS
from lib_train.networks.targets import Target, targets_of
from tests.lora_tools.networks import chance, lora, written

RECKONED = [name for name, kind in KINDS.items() if kind.algebra is not None and kind.is_trained]


@pytest.fixture
def trained(checkpoints, tmp_path):
    """Makes a file of a kind with a layer of each sort, and what it adds to each."""
    host = StandaloneHost(device="cpu", dtype=torch.float32)
    with host.borrow(host.find(str(checkpoints["sd1"]))) as model:

        def make(kind):
            config, tensors, added = NetworkConfig(network_dim=2, conv_dim=2, train_norm=kind == "Norm"), {}, {}
            chosen: dict[str, Target] = {}
            for target in targets_of("sd1", model.unet, model.text_encoders):
                fits = target.block == "IN01" and (target.kind == "norm") == (kind == "Norm")
                if fits and KINDS[kind].size(target.layer, config):
                    chosen.setdefault(target.kind, target)
            for target in chosen.values():
                update = KINDS[kind].create(target, config, 0)
                for parameter in update.parameters().values():
                    draw = torch.randn(parameter.shape, generator=chance(parameter.numel())) * 0.3
                    parameter.data.copy_(draw.abs() + 0.5 if parameter.dim() == 1 else draw)
                for part, tensor in update.parameters().items():
                    tensors[f"{target.name}.{part}"] = update.stored(tensor.detach())
                tensors |= {f"{target.name}.{part}": tensor for part, tensor in update.constants().items()}
                added[target.name] = update.delta().detach()
            return written(tmp_path / "kind.safetensors", tensors), added

        yield make


def added_by(path, base):
    return {name: delta.dense() for name, delta in deltas_in(opened(path), base.weight).items()}


def close(found, wanted):
    assert found.keys() == wanted.keys()
    for name, one in wanted.items():
        torch.testing.assert_close(found[name].reshape(one.shape), one, rtol=1e-3, atol=1e-4 * float(one.abs().max()))


@pytest.mark.parametrize("kind", RECKONED)
def test_delta_is_that_of_training(checkpoints, trained, kind):
    path, wanted = trained(kind)
    with opened_base(checkpoints["sd1"]) as base:
        close(added_by(path, base), wanted)
        assert {name: delta.shape for name, delta in deltas_in(opened(path), base.weight).items()} == {
            name: tuple(one.shape) for name, one in wanted.items()
        }


@pytest.mark.parametrize("kind", RECKONED)
def test_block_at_half_adds_half(checkpoints, trained, tmp_path, kind):
    path, wanted = trained(kind)
    with opened_base(checkpoints["sd1"]) as base:
        blocks(path, tmp_path / "half.safetensors", BlocksConfig(weights="0.5", rank=999), base=base.weight)
        close(added_by(tmp_path / "half.safetensors", base), {name: one / 2 for name, one in wanted.items()})


@pytest.mark.parametrize("kind", [kind for kind in RECKONED if kind != "Norm"])  # no LoRA is on the same layers
@pytest.mark.parametrize("exactly", [True, False])
def test_sum_with_a_lora_is_that_of_both(checkpoints, trained, tmp_path, kind, exactly):
    path, wanted = trained(kind)
    shapes = {name: tuple(one.shape) for name, one in wanted.items() if one.dim() > 1}
    apart = {"lora_unet_mid_block_attentions_0_proj_in": (64, 64, 1, 1)}  # a kind may be of norms alone
    other = written(tmp_path / "lora.safetensors", lora(2, shapes=shapes | apart))
    with opened_base(checkpoints["sd1"]) as base:
        config = MergeConfig(weights=(0.5, -2), rank=None if exactly else 999)
        merge([path, other], tmp_path / "sum.safetensors", config, base=base.weight)
        plain = added_by(other, base)
        sums = {name: one / 2 - 2 * plain[name].reshape(one.shape) if name in plain else one / 2
                for name, one in wanted.items()}  # fmt: skip
        sums |= {name: -2 * plain[name] for name in apart}
        close(added_by(tmp_path / "sum.safetensors", base), sums)


@pytest.mark.parametrize("kind", RECKONED)
def test_enough_ranks_keep_it(checkpoints, trained, tmp_path, kind):
    path, wanted = trained(kind)
    with opened_base(checkpoints["sd1"]) as base:
        outcome = resize(path, tmp_path / "small.safetensors", ResizeConfig(rank=999), base.weight)
        close(added_by(tmp_path / "small.safetensors", base), wanted)
        assert outcome.error is not None
        assert outcome.error < 1e-5


def test_norms_of_two_files_are_summed_with_their_biases(tmp_path):
    name, files, draws = "lora_unet_mid_block_resnets_0_norm1", [], []
    for seed in (1, 2):
        draws.append([torch.randn(64, generator=chance(seed + part)) for part in (0, 10)])
        parts = dict(zip((f"{name}.w_norm", f"{name}.b_norm"), draws[-1], strict=True))
        files.append(written(tmp_path / f"{seed}.safetensors", parts))
    merge(files, tmp_path / "sum.safetensors", MergeConfig(weights=(0.5, -2)))
    found = opened(tmp_path / "sum.safetensors").tensors
    for part, (one, other) in zip(("w_norm", "b_norm"), zip(*draws, strict=True), strict=True):
        torch.testing.assert_close(found[f"{name}.{part}"], one / 2 - 2 * other)
