import json

import pytest
import torch

from lib_train.checkpoints.files import write_network
from lib_train.checkpoints.inspect import described, inspected, require_sound
from lib_train.errors import ModelFileError
from tests.tiny import write_file

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


def test_layers_of_parts_that_are_not_known_are_counted_together(tmp_path):
    names = ("lora_prior_x", "lora_refiner_x", "decoder.x", "lora_unet_x")
    facts = found(tmp_path, {key: tensor for name in names for key, tensor in layer(name).items()})
    assert facts.modules == {"U-Net": 1, "other layers": 3}
    assert "layers      4: 1 in the U-Net, 3 in the other layers" in described(facts.path)


def test_alphas_are_told_to_six_digits(tmp_path):
    assert found(tmp_path, layer(alpha=0.1)).alphas == {0.099976: 1}  # float16 holds 0.0999755859375


def test_file_that_says_nothing_of_itself_has_no_trigger_tags_and_settings(tmp_path):
    facts = found(tmp_path, layer())
    assert (facts.trigger, facts.tags, facts.settings) == ("", (), {})


def test_parts_are_told_by_the_first_word_of_dotted_names(tmp_path):
    dotted = (f"unet.{LAYER}", "text_encoder.layers.0.mlp.fc1", "text_encoder_2.layers.0.mlp.fc1")
    keys = [f"{name}.lora_{end}.weight" for name in dotted for end in "AB"]
    path = write_file(tmp_path / "a.safetensors", {key: torch.zeros(4, 4) for key in keys})
    assert inspected(path).modules == {"U-Net": 1, "second text encoder": 1, "text encoder": 1}


def test_tags_are_the_twenty_most_frequent(tmp_path):
    tags = {f"tag {number}": number for number in range(1, 26)}
    facts = found(tmp_path, layer(), {"ss_tag_frequency": json.dumps({"1_a": tags})})
    assert facts.tags == tuple((f"tag {number}", number) for number in range(25, 5, -1))


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
        "trigger     not known; try the most frequent tags",
    ]
    assert lines[6] == "tags        cat (90), mochi (6), hat (2)"
    assert [line.split(maxsplit=1) for line in lines[8:]] == [["seed", "42"], ["training_comment", "red ?[31m?now"]]


def test_size_is_told_in_mib_and_layers_are_counted_in_words(tmp_path):
    tensors = {key: tensor for name in "xyz" for key, tensor in layer(f"{LAYER}_{name}", wide=2**17).items()}
    lines = described(found(tmp_path, tensors).path).splitlines()
    assert lines[0] == "file        a.safetensors, 3.0 MiB, F16"  # 3 x 4 x 131072 numbers of 2 bytes
    assert lines[3:5] == ["dims        4 (3 layers)", "alphas      2 (3 layers)"]


@pytest.mark.parametrize(("count", "named"), [(2, "a, b"), (3, "a, b, c"), (4, "a, b, c, ..."), (5, "a, b, c, ...")])
def test_names_are_cut_after_three(tmp_path, count, named):
    others = {name: torch.zeros(1) for name in "abcde"[:count]}
    path = write_file(tmp_path / "a.safetensors", others | {key: torch.zeros(4, 768) for key in KOHYA})
    assert described(path).splitlines()[6] == f"others      {count} tensors that belong to no layer: {named}"


@pytest.mark.parametrize(
    ("fields", "kind", "dims"),
    [
        ({"lora_down.weight": (4, 768, 3, 3)}, "LoCon", {4: 1}),
        ({"lora_down.weight": (4, 768, 1, 1)}, "LoRA", {4: 1}),
        ({"hada_w1_a": (320, 6), "hada_w1_b": (6, 768)}, "LoHa", {6: 1}),
        ({"lokr_w1": (20, 16), "lokr_w2_a": (32, 5), "lokr_w2_b": (5, 20)}, "LoKr", {5: 1}),
        ({"lokr_w1": (20, 16), "lokr_w2": (32, 20)}, "LoKr", {}),
        ({"lora_down.weight": (4, 768), "dora_scale": (1, 768)}, "DoRA", {4: 1}),
        ({"hada_w1_a": (8, 4), "hada_w1_b": (4, 768), "dora_scale": (1, 768)}, "LoHa with DoRA", {4: 1}),
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
        (
            {
                f"{LAYER}.lokr_w1": torch.zeros(16, 24),
                f"{LAYER}.lokr_w2_a": torch.zeros(20, 4),
                f"{LAYER}.lokr_w2_b": torch.zeros(4, 32),
            },
            {},
            "SD1",
        ),
        ({f"{LAYER}.lokr_w1_b": torch.zeros(4, 32), f"{LAYER}.lokr_w2": torch.zeros(40, 64)}, {}, "SDXL"),
        (layer(wide=1024), {}, "SD2"),
        (layer("lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k", wide=2048), {}, "SDXL"),
        (layer("lora_te2_text_model_x"), {}, "SDXL"),
        (layer("lora_te_text_model_x"), {}, "unknown"),
        (layer(wide=64), {}, "unknown"),
        ({f"{LAYER}.hada_w1_a": torch.zeros(8, 4), f"{LAYER}.hada_w1_b": torch.zeros(4, 2048)}, {}, "SDXL"),
        ({f"{LAYER}.diff": torch.zeros(8, 1024)}, {}, "SD2"),
        ({f"{LAYER}.a2.weight": torch.zeros(4, 4), f"{LAYER}.b2.weight": torch.zeros(4, 768)}, {}, "SD1"),
        (layer(wide=64), {"ss_base_model_version": "sd_v2_v"}, "SD2"),
        (layer(wide=64), {"ss_base_model_version": "sdxl_base_v1-0"}, "SDXL"),
        (layer(), {"modelspec.architecture": "flux-1-dev/lora"}, "Flux or a relative of it (Chroma, HunyuanVideo)"),
        ({f"{LAYER}.diff": torch.zeros(8)}, {}, "unknown"),
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
    for name in ("x", "model.diffusion_model.out.2.bias", "first_stage_model.scale"):
        with pytest.raises(
            ModelFileError, match="holds no network that is known; choose a file of LoRA, LoCon.*, IA3, Norm"
        ):
            found(tmp_path, {name: torch.zeros(1)})


KOHYA = {f"{LAYER}.{part}": (4, 768) for part in ("lora_down.weight", "lora_up.weight")}
PEFT = "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k"


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        (KOHYA, "LoRA for SD1"),
        ({f"{LAYER}.hada_w1_a": (8, 4), f"{LAYER}.hada_w1_b": (4, 768)}, "LoHa for SD1"),
        (KOHYA | {f"{LAYER}.dora_scale": (1, 768)}, "DoRA for SD1"),
        (
            {f"{PEFT}.lora_A.weight": (4, 1024), f"{PEFT}.lora_B.weight": (8, 4)},
            "LoRA for SD2, with PEFT's names",
        ),
        (
            {f"{PEFT}.lora.down.weight": (4, 2048), f"{PEFT}.lora.up.weight": (8, 4)},
            "LoRA for SDXL, with diffusers' names",
        ),
        (
            {PEFT.replace(".to_k", f".processor.to_k_lora.{end}.weight"): (4, 768) for end in ("down", "up")},
            "LoRA for SD1, with old diffusers' names",
        ),
        (
            {f"{PEFT}.lora_A.my_style.weight": (4, 768), f"{PEFT}.lora_B.my_style.weight": (8, 4)},
            "LoRA for SD1, with PEFT's names",
        ),
        ({f"{PEFT}.oft_R.weight": (4, 28)}, "another OFT for unknown (another OFT: not supported yet)"),
        (
            {f"lora_unet.{PEFT}.lora_{end}.weight": (4, 768) for end in ("down", "up")},
            "LoRA for SD1, with dotted names",
        ),
        (
            {"transformer.single_transformer_blocks.0.attn.to_q.lora_A.weight": (4, 3072)},
            "LoRA for Flux or a relative of it (Chroma, HunyuanVideo), with PEFT's names",
        ),
    ],
    ids=[
        "kohya",
        "LoHa",
        "DoRA",
        "PEFT",
        "diffusers",
        "old diffusers",
        "PEFT's adapter",
        "PEFT's OFT",
        "OneTrainer",
        "Flux",
    ],
)
def test_a_person_is_told_kind_base_and_what_is_not_supported(tmp_path, keys, told):
    path = write_file(tmp_path / "a.safetensors", {key: torch.zeros(shape) for key, shape in keys.items()})
    lines = described(path).splitlines()
    assert lines[1] == f"kind        {told}"
    assert lines[2].startswith("layers      1: 1 in the ")


def test_tensors_that_belong_to_no_layer_are_named_and_so_are_embeddings(tmp_path):
    embeddings = [f"bundle_emb.{name}.string_to_param.{end}" for name in ("cat", "dog") for end in ("*", "x")]
    keys = KOHYA | dict.fromkeys(embeddings, (2, 768)) | {"note": (1,)}
    path = write_file(tmp_path / "a.safetensors", {key: torch.zeros(shape) for key, shape in keys.items()})
    assert inspected(path).bundled == ("cat", "dog")
    bundled, others, *_ = described(path).splitlines()[6:]
    assert bundled == "bundled     2 embeddings that are not read here: cat, dog"
    assert others == "others      1 tensors that belong to no layer: note"


def test_few_layers_of_another_kind_among_many_are_named(tmp_path):
    tensors = {key: t for number in range(263) for key, t in layer(f"{LAYER}_{number}").items()}
    odd = [f"lora_unet_odd_{number}" for number in range(3)]
    tensors |= {f"{name}.oft_blocks": torch.zeros(4, 8, 8) for name in odd}
    path = write_file(tmp_path / "a.safetensors", tensors)
    text = described(path)
    assert inspected(path).strange == tuple(odd)
    assert "kind        LoRA and OFT for unknown" in text
    assert f"strange     3 layers of another kind than most: {', '.join(odd)}" in text


def test_layers_of_nan_are_counted_and_named_and_refused_for_pictures(tmp_path):
    tensors = {key: t for number in range(6) for key, t in layer(f"{LAYER}_{number}").items()}
    sound = write_file(tmp_path / "sound.safetensors", dict(tensors))
    require_sound([sound])
    assert "broken" not in described(sound)
    for number, value in enumerate([torch.nan, torch.inf, -torch.inf, torch.nan]):
        tensors[f"{LAYER}_{number}.lora_{'down' if number else 'up'}.weight"][0, 0] = value
    tensors[f"{LAYER}_4.alpha"] = torch.tensor(torch.nan)
    for kind in (torch.float32, torch.float16, torch.bfloat16):
        path = write_file(tmp_path / "a.safetensors", {name: tensor.to(kind) for name, tensor in tensors.items()})
        names = f"{LAYER}_0, {LAYER}_1, {LAYER}_2, ..."
        assert f"broken      5 layers hold NaN or infinity: {names}" in described(path)
        with pytest.raises(
            ModelFileError, match=rf"a\.safetensors: 5 of its layers hold NaN or infinity \({names}\): its"
        ):
            require_sound([sound, path])
