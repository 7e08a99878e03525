"""Files that damaged disks, diverged trainings and other programs leave: each tool says what is wrong, or does it."""

import pytest
import torch
from safetensors.torch import load_file, save_file

from lib_train.config.tools import BlocksConfig, ConvertConfig, ExtractConfig, MergeConfig, ResizeConfig
from lib_train.errors import ConfigError, ModelFileError
from lib_train.lora_tools.blocks import blocks
from lib_train.lora_tools.convert import convert
from lib_train.lora_tools.extract import extract
from lib_train.lora_tools.into import merge_into
from lib_train.lora_tools.layers import opened
from lib_train.lora_tools.merge import merge
from lib_train.lora_tools.norms import norms_by_block
from lib_train.lora_tools.resize import resize
from tests.lora_tools.networks import LITTLE, UNET, chance, little_checkpoint, lora, written

NAME = f"{UNET}transformer_blocks_0_attn1_to_q"
CONV = "lora_unet_mid_block_resnets_0_conv1"
TOOLS = {
    "resize": lambda file, to: resize(file, to, ResizeConfig(rank=2)),
    "resize to a size": lambda file, to: resize(file, to, ResizeConfig(size_mb=1)),
    "blocks": lambda file, to: blocks(file, to, BlocksConfig(weights="0.5")),
    "merge": lambda file, to: merge([file.with_name("good.safetensors"), file], to, MergeConfig()),
    "merge to a rank": lambda file, to: merge([file, file], to, MergeConfig(rank=2)),
    "TIES": lambda file, to: merge([file], to, MergeConfig(ties=0.5)),
    "merge into": lambda file, to: merge_into([file], file.with_name("base.safetensors"), to, MergeConfig()),
    "convert": lambda file, to: convert(file, to, ConvertConfig(save_precision="fp16")),
    "convert names": lambda file, to: convert(file, to, ConvertConfig(names="peft")),
    "norms": lambda file, to: norms_by_block(opened(file)),
}


def one(rank=4, **parts):
    """A layer's LoRA, with other tensors for some of its parts, ``down``, ``up`` and ``alpha``, or further ones."""
    found = {"down": torch.randn(rank, 48, generator=chance()), "up": torch.randn(40, rank, generator=chance(1))}
    names = {"down": "lora_down.weight", "up": "lora_up.weight"}
    return {f"{NAME}.{names.get(part, part)}": tensor for part, tensor in {**found, **parts}.items()}


def tucker(core):
    """A convolution's LoRA with this in its middle."""
    outer = {"lora_down.weight": torch.ones(4, 32, 1, 1), "lora_up.weight": torch.ones(24, 4, 1, 1)}
    return {f"{CONV}.{part}": tensor for part, tensor in {**outer, "lora_mid.weight": core}.items()}


ODD = {
    "matrices of two ranks": (one(down=torch.ones(5, 48)), "lora_up.weight is of rank 4, the rest of its layer of 5"),
    "middle of another rank": (tucker(torch.ones(3, 4, 3, 3)), "lora_up.weight is of rank 4, the rest of its layer of"),
    "middle of other columns": (tucker(torch.ones(4, 3, 3, 3)), "lora_down.weight is of rank 4, the rest of its layer"),
    "bias of another length": (
        {f"{NAME}.diff": torch.ones(40, 48), f"{NAME}.diff_b": torch.ones(41)}, r"has shape \(41,\)",
    ),
    "rank 0": (one(down=torch.ones(0, 48), up=torch.ones(40, 0)), "is missing or empty"),
    "half": ({f"{NAME}.lora_up.weight": torch.ones(40, 4)}, "is missing or empty"),
    "alpha alone": ({f"{NAME}.alpha": torch.tensor(1.0)}, "is missing or empty"),
    "nothing": ({}, "the file holds no tensors"),
    "both spellings": (one() | {f"{NAME}.lora_A.weight": torch.ones(4, 48)}, "is in the file twice"),
    "alphas": (one(alpha=torch.ones(4)), "alpha holds 4 numbers, not one"),
    "alpha of NaN": (one(alpha=torch.tensor(torch.nan)), "hold NaN or infinity"),
    "huge alpha": (one(alpha=torch.tensor(3e38)), "beyond the range of float32"),
    "huge numbers": (one(up=torch.full((40, 4), 3e38)), "beyond the range of float32"),
    "numbers of float64": (one(up=torch.full((40, 4), 1e200, dtype=torch.float64)), "beyond the range of float32"),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    written(tmp_path / "good.safetensors", one())
    little_checkpoint(tmp_path / "base.safetensors")
    return tmp_path


@pytest.mark.parametrize("odd", ODD)
def test_every_tool_names_the_file_and_what_is_wrong_with_it(folder, odd):
    tensors, told = ODD[odd]
    save_file(tensors, folder / "odd.safetensors")
    before = {path.name for path in folder.iterdir()}
    for tool in TOOLS.values():
        with pytest.raises(ModelFileError, match=rf"odd\.safetensors: .*{told}"):
            tool(folder / "odd.safetensors", folder / "b.safetensors")
    assert {path.name for path in folder.iterdir()} == before


USABLE = {
    "ranks by layer": lora(shapes={NAME: (40, 48)}) | lora(2, shapes={CONV: (24, 32, 3, 3)}),
    "alpha 0": one(alpha=torch.tensor(0.0)),
    "rank above both sides": one(60),
    **{str(kind): {key: tensor.to(kind) for key, tensor in one().items()}
       for kind in (torch.float8_e4m3fn, torch.float64, torch.int8)},
}  # fmt: skip


@pytest.mark.parametrize("usable", USABLE)
def test_every_tool_writes_what_can_be_read_again(folder, usable):
    save_file(USABLE[usable], folder / "odd.safetensors")
    to = folder / "b.safetensors"
    for tool in TOOLS.values():
        tool(folder / "odd.safetensors", to)
        if to.exists():
            assert all(tensor.float().isfinite().all() for tensor in load_file(to).values())
            to.unlink()


@pytest.mark.parametrize("kind", [torch.float8_e4m3fn, torch.float8_e5m2])
def test_numbers_of_8_bits_are_converted_without_loss(folder, kind):
    tensors = {key: tensor.to(kind) for key, tensor in one().items()}
    save_file(tensors, folder / "odd.safetensors")
    for precision, wanted in (("keep", kind), ("fp16", torch.float16)):
        to = folder / f"{precision}.safetensors"
        convert(folder / "odd.safetensors", to, ConvertConfig(save_precision=precision))
        found = load_file(to)
        assert {tensor.dtype for tensor in found.values()} == {wanted}
        assert all(torch.equal(found[key].float(), tensor.float()) for key, tensor in tensors.items())


@pytest.mark.parametrize("way", ["blocks", "merge"])
def test_weights_that_lead_beyond_float32_are_refused(folder, way):
    file, to = folder / "odd.safetensors", folder / "b.safetensors"
    up = torch.zeros(40, 4)
    up[3, 2] = 3e37
    save_file(one(up=up, down=torch.full((4, 48), 0.1)), file)
    with pytest.raises(ModelFileError, match="beyond the range of float32.* choose other files or smaller weights"):
        if way == "blocks":
            blocks(file, to, BlocksConfig(weights="100"))
        else:
            merge([file], to, MergeConfig(weights=(100,), blocks=("100",)))
    assert not to.exists()
    with pytest.raises(ConfigError, match="1e300 is too large; write numbers from -100 to 100"):
        blocks(file, to, BlocksConfig(weights="1e300"))


def test_norms_alone_have_every_size(folder):
    tensors = {"lora_unet_mid_block_resnets_0_norm1.w_norm": torch.ones(32),
               "lora_unet_mid_block_resnets_0_norm1.b_norm": torch.ones(32)}  # fmt: skip
    save_file(tensors, folder / "odd.safetensors")
    for size in (0.02, 1e308):
        outcome = resize(folder / "odd.safetensors", folder / f"{size}.safetensors", ResizeConfig(size_mb=size))
        assert (outcome.error, outcome.notes) == (0, ())
        assert torch.equal(load_file(outcome.path)["lora_unet_mid_block_resnets_0_norm1.w_norm"], torch.ones(32))


def test_what_depends_on_a_base_model_that_is_not_given_is_told_as_unknown(folder):
    save_file(one(dora_scale=torch.ones(1, 48)), folder / "odd.safetensors")
    outcome = merge([folder / "odd.safetensors"], folder / "b.safetensors", MergeConfig())
    assert (outcome.error, outcome.after.norm, outcome.before[0].norm) == (None, None, None)


BASES = {
    "integers": (torch.ones(40, 48, dtype=torch.int8), "holds tensors of the type int8; choose one in fp16"),
    "NaN": (torch.full((40, 48), torch.nan), "hold NaN or infinity"),
    "infinity": (torch.full((40, 48), torch.inf), "hold NaN or infinity"),
    "no sides": (torch.tensor(1.0), "has no layer|not in this base model"),
    "one side": (torch.ones(40), r"has no layer|has shape \(40, 48\), in the checkpoint \(40,\)"),
}


@pytest.mark.parametrize("odd", BASES)
def test_checkpoint_that_cannot_be_reckoned_with_is_named(folder, odd):
    weight, told = BASES[odd]
    tuned, base = little_checkpoint(folder / "tuned.safetensors", 1, w=weight), folder / "base.safetensors"
    written(folder / "a.safetensors", lora(shapes=LITTLE))
    before = {path.name for path in folder.iterdir()}
    with pytest.raises(ModelFileError, match=rf"tuned\.safetensors: .*({told})"):
        extract(base, tuned, folder / "b.safetensors", ExtractConfig(conv_rank=2))
    with pytest.raises(ModelFileError, match=rf"(tuned|a)\.safetensors: .*({told})"):
        merge_into([folder / "a.safetensors"], tuned, folder / "b.safetensors", MergeConfig())
    assert {path.name for path in folder.iterdir()} == before


def test_difference_that_is_too_large_is_told(folder):
    tuned = little_checkpoint(folder / "tuned.safetensors", w=torch.full((40, 48), 3e38))
    with pytest.raises(ModelFileError, match=rf"tuned\.safetensors: {NAME}: what is added there is beyond the range"):
        extract(folder / "base.safetensors", tuned, folder / "b.safetensors", ExtractConfig(conv_rank=2))


def test_files_of_other_families_are_told_by_name(folder):
    sdxl = written(folder / "xl.safetensors", one(), {"ss_base_model_version": "sdxl_base_v1-0"})
    with pytest.raises(ModelFileError, match=r"xl\.safetensors: is for SDXL, .*good\.safetensors for SD1"):
        merge([folder / "good.safetensors", sdxl], folder / "b.safetensors", MergeConfig())
    stranger = written(
        folder / "te2.safetensors", lora(shapes={"lora_te2_text_model_encoder_layers_0_mlp_fc1": (4, 4)})
    )
    with pytest.raises(ModelFileError, match=r"te2\.safetensors: 1 of the file's 1 layers are not in this base model"):
        merge_into(
            [folder / "good.safetensors", stranger],
            folder / "base.safetensors",
            folder / "b.safetensors",
            MergeConfig(),
        )
