import pytest

from lib_train.network_kinds import foreign_family, kinds_of, layers_of, spelling_of, split, strange_layers

A = "lora_unet_mid_block_attentions_0_proj_in"
D = "unet.mid_block.attentions.0.proj_in"
KINDS = {
    "LoRA": ({"lora_down.weight": (4, 8), "lora_up.weight": (6, 4), "alpha": ()}, 4),
    "LoCon": ({"lora_down.weight": (4, 8, 3, 3), "lora_up.weight": (6, 4, 1, 1), "alpha": ()}, 4),
    "LoCon (Tucker)": (
        {"lora_down.weight": (4, 8, 1, 1), "lora_mid.weight": (4, 4, 3, 3), "lora_up.weight": (6, 4, 1, 1)}, 4
    ),
    "LoHa": ({f"hada_w{n}_{e}": ((6, 5), (5, 8))[e == "b"] for n in (1, 2) for e in "ab"}, 5),
    "LoHa (Tucker)": ({f"hada_w{n}_{e}": (5, 8) for n in (1, 2) for e in "ab"} | {"hada_t1": (5, 5, 3, 3)}, 5),
    "LoKr": ({"lokr_w1": (2, 2), "lokr_w2_a": (3, 7), "lokr_w2_b": (7, 4), "alpha": ()}, 7),
    "LoKr (Tucker)": ({"lokr_w1": (2, 2), "lokr_t2": (7, 7, 3, 3), "lokr_w2_b": (7, 4)}, 7),
    "DoRA": ({"lora_down.weight": (4, 8), "lora_up.weight": (6, 4), "dora_scale": (1, 8)}, 4),
    "LoHa with DoRA": ({"hada_w1_a": (6, 5), "hada_w1_b": (5, 8), "dora_scale": (1, 8)}, 5),
    "IA3": ({"weight": (1, 8), "on_input": ()}, None),
    "OFT": ({"oft_blocks": (2, 4, 4), "alpha": (), "rescale": (6, 1)}, None),
    "BOFT": ({"oft_blocks": (3, 2, 4, 4), "alpha": ()}, None),
    "GLoRA": ({"a1.weight": (8, 4), "a2.weight": (4, 8), "b1.weight": (6, 4), "b2.weight": (4, 8)}, 4),
    "GLoRA (a convolution's)": (
        {"a1.weight": (8, 4, 1, 1), "a2.weight": (4, 8, 1, 1), "b1.weight": (6, 4, 1, 1), "b2.weight": (4, 8, 3, 3)}, 4
    ),
    "T-LoRA": ({"q_layer.weight": (4, 8), "p_layer.weight": (6, 4), "lambda_layer": (1, 4), "alpha": ()}, 4),
    "Full": ({"diff": (6, 8), "diff_b": (6,)}, None),
    "Norm": ({"w_norm": (8,), "b_norm": (8,)}, None),
    "unknown": ({"something": (3,)}, None),
}  # fmt: skip
"""As LyCORIS 3 and 4 and sd-scripts write them, each with its rank."""


@pytest.mark.parametrize(("kind", "parts", "dim"), [(kind, *rest) for kind, rest in KINDS.items()], ids=KINDS)
def test_each_kind_is_known_by_its_parts_with_rank_and_alpha(kind, parts, dim):
    layers = layers_of({f"{A}.{part}": shape for part, shape in parts.items()})
    assert list(layers) == [A]
    assert kinds_of(layers) == {kind.removesuffix(" (a convolution's)"): 1}
    assert layers[A].dim == dim
    assert layers[A].alpha == (f"{A}.alpha" if "alpha" in parts else None)


@pytest.mark.parametrize(
    ("key", "name", "part", "spelling"),
    [
        (f"{A}.lora_down.weight", A, "lora_down.weight", "kohya's"),
        (f"{A}.lora_up.weight", A, "lora_up.weight", "kohya's"),
        (f"{D}.lora_A.weight", D, "lora_down.weight", "PEFT's"),
        (f"base_model.model.{D}.lora_B.default.weight", f"base_model.model.{D}", "lora_up.weight", "PEFT's"),
        (f"{D}.lora_magnitude_vector.weight", D, "dora_scale", "PEFT's"),
        (f"{D}.lora_magnitude_vector.my-style", D, "dora_scale", "PEFT's"),
        (f"{D}.lora_A.my-style.weight", D, "lora_down.weight", "PEFT's"),
        (f"{D}.lora_embedding_B.v2", D, "lora_up.weight", "PEFT's"),
        (f"lora_unet.{D}.lora_up.weight", f"lora_unet.{D}", "lora_up.weight", "dotted"),
        (f"{D}.oft_R.weight", D, "oft_R.weight", "kohya's"),
        (f"{D}.lora.down.weight", D, "lora_down.weight", "diffusers'"),
        ("text_encoder.layers.0.mlp.fc1.lora_linear_layer.up.weight", "text_encoder.layers.0.mlp.fc1", "lora_up.weight",
         "diffusers'"),
        ("mid_block.attn1.processor.to_q_lora.down.weight", "mid_block.attn1.processor.to_q", "lora_down.weight",
         "old diffusers'"),
        (f"{A}.hada_w1_a", A, "hada_w1_a", "kohya's"),
        ("oft_unet_x.oft_blocks", "oft_unet_x", "oft_blocks", "kohya's"),
        ("diffusion_model.blocks.0.ffn.0.diff", "diffusion_model.blocks.0.ffn.0", "diff", "kohya's"),
        ("model.diffusion_model.out.2.weight", "model.diffusion_model.out.2.weight", "", "kohya's"),
    ],
)  # fmt: skip
def test_names_of_every_program_are_taken_apart(key, name, part, spelling):
    assert split(key) == (name, part)
    assert spelling_of([key]) == spelling


def test_tensors_of_a_checkpoint_are_no_layers():
    names = ("out.2.weight", "out.2.bias", "logit_scale", "x.scale", "x.alpha", "alpha")
    assert layers_of({f"model.diffusion_model.{name}": (3,) for name in names}) == {}
    assert layers_of({f"{A}.alpha": ()}) == {}


def test_mixed_files_tell_each_kind_and_few_strange_layers():
    shapes = {f"lora_unet_{n}.lora_down.weight": (4, 8) for n in range(20)} | {"lora_unet_x.w_norm": (8,)}
    layers = layers_of(shapes)
    assert kinds_of(layers) == {"LoRA": 20, "Norm": 1}
    assert strange_layers(layers) == ["lora_unet_x"]
    half = layers_of({f"lora_unet_{n}.{'w_norm' if n % 2 else 'diff'}": (4, 8) for n in range(20)})
    assert strange_layers(half) == []


@pytest.mark.parametrize(
    ("key", "metadata", "family"),
    [
        (A, {}, ""),
        (D, {}, ""),
        ("lora_unet_input_blocks_4_1_transformer_blocks_0_attn1_to_q", {}, ""),
        ("lora_te_text_model_encoder_layers_0_self_attn_q_proj", {}, ""),
        ("text_encoder.text_model.encoder.layers.0.self_attn.q_proj", {}, ""),
        ("lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn1_to_q", {}, ""),
        ("lora_unet_double_blocks_0_img_attn_qkv", {}, "Flux"),
        ("transformer.single_transformer_blocks.0.attn.to_q", {}, "Flux"),
        ("lora_unet_joint_blocks_0_context_block_attn_qkv", {}, "Stable Diffusion 3"),
        ("transformer.transformer_blocks.0.attn.add_q_proj", {}, "Stable Diffusion 3"),
        ("transformer_blocks.0.img_mod.1", {}, "Qwen-Image"),
        ("diffusion_model.blocks.0.self_attn.q", {}, "Wan"),
        ("lora_unet_blocks_0_cross_attn_k", {}, "Wan"),
        ("diffusion_model.layers.0.attention.qkv", {}, "Lumina"),
        ("lora_prior_unet_down_blocks_0", {}, "Stable Cascade"),
        ("base_model.model.model.layers.0.self_attn.q_proj", {}, "a language model"),
        (A, {"modelspec.architecture": "flux-1-dev/lora"}, "Flux"),
        (A, {"ss_base_model_version": "sd3_m"}, "Stable Diffusion 3"),
        (
            A,
            {"modelspec.architecture": "stable-diffusion-xl-v1-base/lora", "ss_base_model_version": "sdxl_base_v1-0"},
            "",
        ),
        (A, {"modelspec.architecture": "stable-diffusion-v1/lora", "ss_base_model_version": "sd_v1"}, ""),
    ],
)
def test_other_families_are_told_by_names_or_metadata(key, metadata, family):
    found = foreign_family([f"{key}.lora_down.weight"], metadata)
    assert found.startswith(family)
    assert bool(found) == bool(family)
