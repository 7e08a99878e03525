"""Files that LyCORIS wrote, in each tool: what they add is what the WebUI's reader makes of them, by its formula."""

import pytest
import torch
from safetensors.torch import load_file, save_file

from lib_train.checkpoints.files import read_network
from lib_train.checkpoints.inspect import inspected
from lib_train.checkpoints.reader import read_otherwise
from lib_train.config.tools import BlocksConfig, ConvertConfig, MergeConfig, ResizeConfig
from lib_train.errors import ModelFileError
from lib_train.host.standalone.host import StandaloneHost
from lib_train.lora_tools.base_file import opened_base
from lib_train.lora_tools.blocks import blocks
from lib_train.lora_tools.convert import convert
from lib_train.lora_tools.into import merge_into
from lib_train.lora_tools.layers import deltas_in, opened, parted
from lib_train.lora_tools.merge import merge
from lib_train.lora_tools.resize import resize
from lib_train.networks.targets import Target, targets_of
from tests.lora_tools.networks import lora, written
from tests.lora_tools.of_lycoris import FILES, NEEDS_BASE, written_by_lycoris
from tests.networks.kinds.ways import webui_delta

pytest.importorskip("lycoris", reason="LyCORIS is not installed")
every = pytest.mark.parametrize("way", FILES)
APART = {"lora_unet_mid_block_attentions_0_proj_in": (64, 64, 1, 1)}
"""A layer that none of the files has."""
_AT_1 = ["The WebUI applies BOFT as", "The WebUI applies a resca"]
DIFFER = {
    "OFT, rescaled": _AT_1[1:], "BOFT": _AT_1[:1], "BOFT, constraint and rescaled": _AT_1,
    "GLoRA": ["The WebUI puts on nothing"],
}  # fmt: skip
"""Which files the WebUI reads otherwise than LyCORIS means them, and how that is told."""


@pytest.fixture(scope="module")
def base(checkpoints):
    with opened_base(checkpoints["sd1"]) as opened_file:
        yield opened_file


@pytest.fixture(scope="module")
def targets(checkpoints):
    """A layer of each sort of one block and of a text encoder, and the two that (IA)3 has on the other side."""
    host = StandaloneHost(device="cpu", dtype=torch.float32)
    with host.borrow(host.find(str(checkpoints["sd1"]))) as model:
        chosen: dict[tuple[str, str, bool], Target] = {}
        for target in targets_of("sd1", model.unet, model.text_encoders):
            if target.block == "IN01" or "_layers_0_mlp" in target.name:
                chosen.setdefault((target.part, target.kind, target.name[-8:] == "ff_net_2"), target)
        yield list(chosen.values())


@pytest.fixture
def file(targets, tmp_path):
    """Writes a file of a way; gives back its path and what it adds to each layer, float64."""

    def make(way, dtype=torch.float16, name="theirs"):
        path = tmp_path / f"{name}.safetensors"
        weights = {target.name: target.module.weight for target in targets}
        tensors = parted(written_by_lycoris(way, targets, path, dtype))
        return path, {
            layer: parts["w_norm"].double() if "w_norm" in parts else webui_delta(parts, weights[layer])
            for layer, parts in tensors.items()
        }

    return make


def added_by(path, base):
    return {name: delta.dense().double() for name, delta in deltas_in(opened(path), base.weight).items()}


def close(found, wanted, tolerance=1e-4):
    assert found.keys() == wanted.keys()
    for name, one in wanted.items():
        limit = tolerance * float(one.abs().max())
        torch.testing.assert_close(found[name].reshape(one.shape), one, rtol=0, atol=limit)


@every
def test_inspect_knows_kind_sizes_and_that_the_webui_reads_the_file_as_it_was_meant(file, way):
    path, wanted = file(way)
    found, kind = inspected(path), way.partition(",")[0]
    assert ("LoCon" if kind == "LoRA" else kind) in found.kind.split(" and ")
    assert found.strange == found.others == ()
    assert (found.base, found.precision, sum(found.modules.values())) == ("SD1", "F16", len(wanted))
    ranked = ("L" in kind or "DoRA" in kind) and "full_matrix" not in way
    assert set(found.dims) == ({2} if ranked else set())
    assert [note[:25] for note in read_otherwise(path)] == DIFFER.get(way, [])


@every
def test_what_it_adds_is_what_the_webui_puts_on(file, base, way):
    path, wanted = file(way)
    assert all(one.abs().max() > 1e-3 for one in wanted.values())
    close(added_by(path, base), wanted)
    if way in NEEDS_BASE:
        with pytest.raises(ModelFileError, match="give the checkpoint that it was trained on with --base"):
            deltas_in(opened(path))[next(iter(wanted))]


@every
def test_what_is_gone_on_from_adds_the_same(file, targets, way):
    path, wanted = file(way)
    named = {target.name: target for target in targets}
    updates = {name: stored.kind.read(stored.parts, named[name]) for name, stored in opened(path).layers.items()}
    close({name: update.delta().detach().double() for name, update in updates.items()}, wanted)


def test_dora_of_outputs_as_lycoris_trains_by_default_is_told_and_refused(file, monkeypatch):
    """The WebUI takes the magnitudes for those of inputs, and every tool would have to choose between the two."""
    monkeypatch.setitem(FILES, "DoRA", ("locon", {"weight_decompose": True, "wd_on_out": True}))
    path, _ = file("DoRA")
    (note,) = read_otherwise(path)
    assert note.startswith("The WebUI takes the magnitudes of 5 DoRA layers for those of the inputs")
    with pytest.raises(ModelFileError, match="dora_scale has shape .*: only lengths for each input.*wd_on_output"):
        opened(path)


def test_lokr_of_whole_matrices_with_rs_lora_is_told(file, base):
    """LyCORIS scales it, and the WebUI does not."""
    path, _ = file("LoKr, full_matrix")
    tensors, metadata = read_network(path)
    save_file(tensors, path, metadata | {"ss_network_args": '{"algo": "lokr", "rs_lora": "True"}'})
    assert [note[:34] for note in read_otherwise(path)] == ["The WebUI applies no scale to 5 Lo"]


@every
def test_resize_keeps_it_with_enough_ranks(file, base, tmp_path, way):
    path, wanted = file(way)
    outcome = resize(path, tmp_path / "a.safetensors", ResizeConfig(rank=999, save_precision="float"), base.weight)
    close(added_by(tmp_path / "a.safetensors", base), wanted)
    assert outcome.error is not None
    assert outcome.error < 1e-4
    assert {way} == {"Norm"} or set(inspected(tmp_path / "a.safetensors").kind.split(" and ")) == {"LoCon"}


@every
@pytest.mark.parametrize("exactly", [True, False])
def test_merge_sums_it_with_another(file, base, tmp_path, way, exactly):
    path, wanted = file(way)
    other = written(tmp_path / "lora.safetensors", lora(3, shapes=APART | {
        name: tuple(one.shape) for name, one in wanted.items() if one.dim() > 1}))  # fmt: skip
    config = MergeConfig(weights=(0.5, -2), rank=None if exactly else 999, save_precision="float")
    merge([path, other], tmp_path / "a.safetensors", config, base=base.weight)
    plain = added_by(other, base)
    sums = {name: one / 2 - 2 * plain.get(name, torch.zeros(one.shape)) for name, one in wanted.items()}
    close(added_by(tmp_path / "a.safetensors", base), sums | {name: -2 * plain[name] for name in APART})


@every
def test_checkpoint_that_it_is_merged_into_has_it(file, base, checkpoints, tmp_path, way):
    path, wanted = file(way, torch.float32)
    merge_into([path], checkpoints["sd1"], tmp_path / "a.safetensors", MergeConfig(weights=(0.7,)))
    before, after, parts = load_file(checkpoints["sd1"]), load_file(tmp_path / "a.safetensors"), opened(path).parts
    changed = set()
    for name, one in wanted.items():
        key, rows, bias = base.places[name]
        assert rows is None
        torch.testing.assert_close(after[key].double(), before[key].double() + 0.7 * one, rtol=1e-4, atol=1e-5)
        changed.add(key)
        for part in {"diff_b", "b_norm"} & parts[name].keys():
            torch.testing.assert_close(after[bias], before[bias] + 0.7 * parts[name][part])
            changed.add(bias)
    assert all(torch.equal(after[key], before[key]) for key in before if key not in changed)


@every
def test_convert_keeps_every_number_and_rounds_what_may_be_rounded(file, base, tmp_path, way):
    path, wanted = file(way)
    convert(path, tmp_path / "whole.safetensors", ConvertConfig(save_precision="float"))
    before, after = (read_network(one)[0] for one in (path, tmp_path / "whole.safetensors"))
    assert before.keys() == after.keys()
    assert all(torch.equal(after[key], before[key].float()) for key in before)
    convert(path, tmp_path / "bf16.safetensors", ConvertConfig(save_precision="bf16"))
    close(added_by(tmp_path / "bf16.safetensors", base), wanted, tolerance=0.05)
    assert len(read_otherwise(tmp_path / "bf16.safetensors")) == len(DIFFER.get(way, []))


@every
def test_blocks_at_half_add_half(file, base, tmp_path, way):
    path, wanted = file(way)
    config = BlocksConfig(weights="0.5", rank=999, save_precision="float")
    blocks(path, tmp_path / "a.safetensors", config, base=base.weight)
    close(added_by(tmp_path / "a.safetensors", base), {name: one / 2 for name, one in wanted.items()})


def test_glora_in_the_order_of_lycoris_1_adds_the_same(file, base, tmp_path):
    """Each pair the other way round, as the WebUI reads them still."""
    path, wanted = file("GLoRA")
    turned = {"a1.weight": "a2.weight", "a2.weight": "a1.weight", "b1.weight": "b2.weight", "b2.weight": "b1.weight"}
    tensors, metadata = read_network(path)
    split = {key: key.partition(".") for key in tensors}
    old = {f"{name}.{turned.get(part, part)}": tensors[key] for key, (name, _, part) in split.items()}
    save_file(old, tmp_path / "old.safetensors", metadata)
    close(added_by(tmp_path / "old.safetensors", base), wanted)
    blocks(tmp_path / "old.safetensors", tmp_path / "half.safetensors", BlocksConfig(weights="0.5"), base=base.weight)
    close(added_by(tmp_path / "half.safetensors", base), {name: one / 2 for name, one in wanted.items()}, 1e-3)


def test_glora_without_kernels_becomes_a_lora_of_twice_its_rank(file, base, tmp_path):
    path, _ = file("GLoRA")
    resize(path, tmp_path / "a.safetensors", ResizeConfig(rank=999), base.weight)
    ranks = {
        name: stored.parts["lora_down.weight"].shape[0]
        for name, stored in opened(tmp_path / "a.safetensors").layers.items()
    }
    assert {rank for name, rank in ranks.items() if "conv1" not in name} == {4}
