import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from lib_train.config.tools import MergeConfig
from lib_train.errors import ConfigError, FileError, ModelFileError
from lib_train.lora_tools import into
from lib_train.lora_tools.base_file import opened_base
from lib_train.lora_tools.into import merge_into
from tests.lora_tools.networks import chance, dense, lora, written


def network(checkpoint, seed, rank=3, every=5):
    """A LoRA on each fifth layer of a checkpoint, and on all of its first attention of a text encoder."""
    with opened_base(checkpoint) as base:
        shapes = {name: base.shape(name) for name in base.places if len(base.shape(name)) > 1}
    names = [name for place, name in enumerate(shapes) if place % every == 0 or "_layers_0_self_attn_" in name]
    return lora(rank, seed=seed, shapes={name: shapes[name] for name in names})


def wanted_of(checkpoint, networks, weights):
    """The checkpoint's tensors with the networks added, float64, by hand."""
    tensors = {key: tensor.double() for key, tensor in load_file(checkpoint).items()}
    with opened_base(checkpoint) as base:
        for one, weight in zip(networks, weights, strict=True):
            for name, delta in dense(one).items():
                key, rows, _ = base.places[name]
                part = tensors[key][rows or slice(None)]
                part += weight * delta.reshape(part.shape)
    return tensors


@pytest.mark.parametrize("family", ["sd1", "sd2", "sdxl"])
def test_checkpoint_gets_what_the_networks_add_and_keeps_the_rest_to_the_bit(checkpoints, tmp_path, family):
    base, networks, weights = checkpoints[family], [], (1, -0.5)
    files = []
    for seed in (1, 2):
        networks.append(network(base, seed))
        version = {"sd1": "sd_v1", "sd2": "sd_v2", "sdxl": "sdxl_base_v1-0"}[family]
        files.append(written(tmp_path / f"{seed}.safetensors", networks[-1], {"ss_base_model_version": version}))
    to = tmp_path / "merged.safetensors"
    outcome = merge_into(files, base, to, MergeConfig(weights=weights))
    before, after, wanted = load_file(base), load_file(to), wanted_of(base, networks, weights)
    assert list(before) == list(after)
    changed = {key for key in before if not torch.equal(before[key].double(), wanted[key])}
    assert len(changed) > 20
    for key, tensor in after.items():
        assert tensor.dtype == before[key].dtype
        if key in changed:
            torch.testing.assert_close(tensor.double(), wanted[key], rtol=1e-5, atol=1e-5)
        else:
            assert torch.equal(tensor, before[key])
    off = sum(float((wanted[key] - before[key].double()).square().sum()) for key in changed)
    assert outcome.after.norm == pytest.approx(off**0.5, rel=1e-4)
    assert outcome.error is not None
    assert outcome.error < 1e-5


@pytest.fixture
def half(checkpoints, tmp_path):
    """The SD1 checkpoint in half precision, with metadata."""
    tensors = {key: tensor.half() for key, tensor in load_file(checkpoints["sd1"]).items()}
    path = tmp_path / "half.safetensors"
    save_file(tensors, path, {"modelspec.title": "Half", "modelspec.hash_sha256": "stale"})
    return path


def test_types_and_metadata_stay_and_the_rounding_is_told(half, tmp_path):
    one = network(half, 1)
    to = tmp_path / "b.safetensors"
    outcome = merge_into([written(tmp_path / "a.safetensors", one)], half, to, MergeConfig(weights=(0.01,)))
    with safe_open(to, "pt") as file:
        assert file.metadata() == {"modelspec.title": "Half", "modelspec.merged_from": "a * 0.01"}
    before, after, wanted = load_file(half), load_file(to), wanted_of(half, [one], (0.01,))
    assert {tensor.dtype for tensor in after.values()} == {torch.float16}
    for key, tensor in after.items():
        torch.testing.assert_close(tensor.double(), wanted[key], rtol=1e-3, atol=1e-6)
    lost = sum(float((after[key].double() - wanted[key]).square().sum()) for key in after)
    whole = sum(float((wanted[key] - before[key].double()).square().sum()) for key in after)
    assert outcome.error == pytest.approx((lost / whole) ** 0.5, rel=1e-2)
    assert outcome.after.precision == "F16"


def test_whole_weights_and_biases_are_added(half, tmp_path):
    name, key = "lora_unet_mid_block_resnets_0_conv1", "model.diffusion_model.middle_block.0.in_layers.2"
    diff, bias = torch.randn(64, 64, 3, 3, generator=chance()), torch.randn(64, generator=chance())
    file = written(tmp_path / "a.safetensors", {f"{name}.diff": diff, f"{name}.diff_b": bias})
    merge_into([file], half, tmp_path / "b.safetensors", MergeConfig(weights=(0.5,)))
    before, after = load_file(half), load_file(tmp_path / "b.safetensors")
    for part, added in (("weight", diff), ("bias", bias)):
        wanted = (before[f"{key}.{part}"].float() + added / 2).half()
        torch.testing.assert_close(after[f"{key}.{part}"], wanted)


def test_doras_follow_each_other_as_in_a_prompt(half, tmp_path):
    name, key = "lora_unet_mid_block_attentions_0_proj_in", "model.diffusion_model.middle_block.1.proj_in.weight"
    weight = load_file(half)[key].double()
    files = []
    for seed, factor in ((1, 1.0), (2, 0.5)):
        one = lora(2, seed=seed, shapes={name: tuple(weight.shape)})
        delta = dense(one)[name].view(weight.shape)
        lengths = torch.rand(1, weight.shape[1], 1, 1, generator=chance(seed)) + 0.5
        norms = (weight + delta).flatten(2).pow(2).sum((0, 2), keepdim=True).sqrt()[..., None]
        weight = weight + factor * ((weight + delta) * lengths.double() / norms - weight)
        files.append(written(tmp_path / f"{seed}.safetensors", one | {f"{name}.dora_scale": lengths}))
    merge_into(files, half, tmp_path / "b.safetensors", MergeConfig(weights=(1, 0.5)))
    found = load_file(tmp_path / "b.safetensors")[key].double()
    torch.testing.assert_close(found, weight, rtol=1e-3, atol=1e-4)


def test_nothing_is_left_where_it_cannot_be_done(half, tmp_path, monkeypatch):
    names = {path.name for path in tmp_path.iterdir()} | {"a.safetensors", "huge.safetensors", "wide.safetensors"}
    file = written(tmp_path / "a.safetensors", network(half, 1))
    name = "lora_unet_mid_block_attentions_0_proj_in"
    huge = written(tmp_path / "huge.safetensors", lora(1, 1e9, shapes={name: (64, 64, 1, 1)}))
    wide = written(tmp_path / "wide.safetensors", lora(1, shapes={name: (64, 72, 1, 1)}))
    to = tmp_path / "b.safetensors"
    with pytest.raises(ModelFileError, match=r"proj_in.weight would hold numbers beyond the range"):
        merge_into([huge], half, to, MergeConfig())
    with pytest.raises(ModelFileError, match=r"has shape \(64, 72, 1, 1\), in the checkpoint \(64, 64, 1, 1\)"):
        merge_into([wide], half, to, MergeConfig())
    with pytest.raises(ConfigError, match="rank = 'rank 4': leave it out"):
        merge_into([file], half, to, MergeConfig(rank=4))
    monkeypatch.setattr(into, "_copy", full_disk)
    with pytest.raises(FileError, match="b.safetensors: the disk is full"):
        merge_into([file], half, to, MergeConfig())
    assert {path.name for path in tmp_path.iterdir()} == names


def full_disk(*args):
    raise OSError(28, "No space left on device")


def test_layers_that_the_checkpoint_has_not_are_named(half, tmp_path):
    name = "lora_unet_down_blocks_3_attentions_0_proj_in"
    file = written(tmp_path / "a.safetensors", lora(shapes={name: (64, 64, 1, 1)}))
    with pytest.raises(ModelFileError, match=f"1 layers are not in this base model .*{name}"):
        merge_into([file], half, tmp_path / "b.safetensors", MergeConfig())
