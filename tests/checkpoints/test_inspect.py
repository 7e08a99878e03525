import pytest
import torch

from lib_train.checkpoints.files import write_network
from lib_train.checkpoints.inspect import described, inspected
from lib_train.errors import ModelFileError

LAYER = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"
TAGS = '{"10_a": {"mochi": 5, "hat": 2}, "1_b": {"mochi": 1}, "4_reg": {"cat": 90}}'


def layer(name=LAYER, *, rank=4, alpha=2.0, wide=768, kernel=None):
    down = (rank, wide) if kernel is None else (rank, wide, kernel, kernel)
    return {
        f"{name}.lora_down.weight": torch.zeros(down),
        f"{name}.lora_up.weight": torch.zeros(8, rank),
        f"{name}.alpha": torch.tensor(alpha),
    }


def found(tmp_path, tensors, metadata=None):
    write_network(tmp_path / "a.safetensors", tensors, metadata or {}, replace=True)
    return inspected(tmp_path / "a.safetensors")


def test_inspection_tells_parts_dims_alphas_trigger_tags_and_settings(tmp_path):
    metadata = {"ss_network_dim": "4", "ss_v2": "False", "ss_base_model_version": "sd_v1", "ss_min_snr_gamma": "None",
                "modelspec.trigger_phrase": "mochi", "ss_tag_frequency": TAGS,
                "ss_dataset_dirs": '{"10_a": {}, "1_b": {}}', "ss_reg_dataset_dirs": '{"4_reg": {}}'}  # fmt: skip
    tensors = layer() | layer(LAYER + "2", rank=8) | layer("lora_te_text_model_x", alpha=4.0)
    facts = found(tmp_path, tensors, metadata)
    assert (facts.kind, facts.base, facts.precision, facts.trigger) == ("LoRA", "SD1", "F16", "mochi")
    assert facts.modules == {"U-Net": 2, "text encoder": 1}
    assert facts.dims == {4: 2, 8: 1}
    assert facts.alphas == {2.0: 2, 4.0: 1}
    assert facts.tags == (("mochi", 6), ("hat", 2))
    assert facts.settings == {"ss_network_dim": "4"}
    assert facts.size_bytes == (tmp_path / "a.safetensors").stat().st_size


def test_text_for_a_person_has_it_all_and_no_control_characters(tmp_path):
    metadata = {"ss_tag_frequency": TAGS, "ss_training_comment": "red \x1b[31m\nnow", "ss_seed": "42"}
    found(tmp_path, layer(), metadata)
    lines = described(tmp_path / "a.safetensors").splitlines()
    assert lines[0].startswith("file        a.safetensors, 0.0 MiB, F16")
    assert lines[1:6] == [
        "kind        LoRA for SD1",
        "layers      1: 1 in the U-Net",
        "dims        4 (1 layer)",
        "alphas      2 (1 layer)",
        "trigger     not told; try the most frequent tags",
    ]
    assert lines[6] == "tags        cat (90), mochi (6), hat (2)"
    assert [line.split(maxsplit=1) for line in lines[8:]] == [["seed", "42"], ["training_comment", "red ?[31m?now"]]


@pytest.mark.parametrize(
    ("fields", "kind", "dims"),
    [
        ({"lora_down.weight": (4, 768, 3, 3)}, "LoCon", {4: 1}),
        ({"lora_down.weight": (4, 768, 1, 1)}, "LoRA", {4: 1}),
        ({"hada_w1_a": (320, 6), "hada_w1_b": (6, 768)}, "LoHa", {6: 1}),
        ({"lokr_w1": (20, 16), "lokr_w2_a": (32, 5), "lokr_w2_b": (5, 20)}, "LoKr", {5: 1}),
        ({"lokr_w1": (20, 16), "lokr_w2": (32, 20)}, "LoKr", {}),
        ({"lora_down.weight": (4, 768), "dora_scale": (1, 768)}, "DoRA", {4: 1}),
        ({"hada_w1_a": (8, 4), "hada_w1_b": (4, 768), "dora_scale": (1, 768)}, "DoRA", {4: 1}),
        ({"oft_blocks": (2, 4, 4)}, "OFT", {}),
        ({"something": (2,), "alpha": (2,)}, "unknown", {}),
    ],
)
def test_kind_and_rank_are_read_off_the_tensors(tmp_path, fields, kind, dims):
    facts = found(tmp_path, {f"{LAYER}.{field}": torch.zeros(shape) for field, shape in fields.items()})
    assert (facts.kind, facts.dims, facts.alphas) == (kind, dims, {})


@pytest.mark.parametrize(
    ("tensors", "metadata", "base"),
    [
        (layer(), {}, "SD1"),
        (layer(wide=1024), {}, "SD2"),
        (layer("lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k", wide=2048), {}, "SDXL"),
        (layer("lora_te2_text_model_x"), {}, "SDXL"),
        (layer("lora_te_text_model_x"), {}, "unknown"),
        (layer(wide=64), {}, "unknown"),
        (layer(wide=64), {"ss_base_model_version": "sd_v2_v"}, "SD2"),
        (layer(wide=64), {"ss_base_model_version": "sdxl_base_v1-0"}, "SDXL"),
    ],
)
def test_base_is_told_by_the_metadata_or_else_by_shapes(tmp_path, tensors, metadata, base):
    assert found(tmp_path, tensors, metadata).base == base


@pytest.mark.parametrize(
    "tags", ["broken", "[1]", '{"a": 5}', '{"a": {"b": "c"}}', '{"a": {"b": Infinity}}', "[" * 9999]
)
def test_nonsense_in_the_tags_is_passed_over(tmp_path, tags):
    assert found(tmp_path, layer(), {"ss_tag_frequency": tags}).tags == ()


def test_file_without_a_network_is_refused(tmp_path):
    with pytest.raises(ModelFileError, match="holds no LoRA"):
        found(tmp_path, {"x": torch.zeros(1)})
