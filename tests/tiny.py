"""Tiny checkpoints with random weights under the names of real single files: 32 channels, two text layers."""

from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors.torch import save_file
from torch import Tensor
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from lib_train.networks.keys import ldm_unet_weight, ldm_vae_weight

_FOUR = {"block_out_channels": (32, 32, 64, 64), "norm_num_groups": 32}


def tiny_sd1(path: Path, seed: int = 0) -> Path:
    """An SD1-shaped checkpoint of 8 MB."""
    torch.manual_seed(seed)
    unet = UNet2DConditionModel(cross_attention_dim=64, attention_head_dim=(1, 1, 2, 2), **_FOUR)
    text = {f"cond_stage_model.transformer.{name}": tensor for name, tensor in _text(CLIPTextModel).items()}
    return _write(path, unet, "sd1", text)


def tiny_sd2(path: Path, seed: int = 0) -> Path:
    """An SD2-shaped checkpoint: open_clip names, linear projections."""
    torch.manual_seed(seed)
    unet = UNet2DConditionModel(cross_attention_dim=64, attention_head_dim=1, use_linear_projection=True, **_FOUR)
    text = _open_clip(_text(CLIPTextModel, layers=3, hidden_act="gelu"), "cond_stage_model.model.")
    return _write(path, unet, "sd2", text)


def tiny_sdxl(path: Path, seed: int = 0) -> Path:
    """An SDXL-shaped checkpoint: two text encoders, three levels, size vector."""
    torch.manual_seed(seed)
    unet = UNet2DConditionModel(
        block_out_channels=(32, 64, 64),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        transformer_layers_per_block=(1, 1, 2),
        cross_attention_dim=128,
        attention_head_dim=1,
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=256,
        projection_class_embeddings_input_dim=6 * 256 + 64,
    )
    first = {f"conditioner.embedders.0.transformer.{name}": t for name, t in _text(CLIPTextModel).items()}
    second = _text(CLIPTextModelWithProjection, hidden_act="gelu")
    return _write(path, unet, "sdxl", first | _open_clip(second, "conditioner.embedders.1.model."))


def write_file(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str] | None = None) -> Path:
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path, metadata)
    return path


def tiny_vae() -> dict[str, Tensor]:
    """An ldm-named VAE, as in a separate VAE file."""
    vae = AutoencoderKL(
        block_out_channels=(32, 32, 32, 32),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=1,
    )
    named = dict(ldm_vae_weight(*item) for item in vae.state_dict().items())
    return {name.removeprefix("first_stage_model."): tensor for name, tensor in named.items()}


def _write(path: Path, unet: Any, family: str, text: dict[str, Tensor]) -> Path:
    tensors = dict(ldm_unet_weight(name, tensor, family) for name, tensor in unet.state_dict().items())
    tensors |= {f"first_stage_model.{name}": tensor for name, tensor in tiny_vae().items()}
    return write_file(path, tensors | text)


def _text(kind: Any, layers: int = 2, hidden_act: str = "quick_gelu") -> dict[str, Tensor]:
    config = CLIPTextConfig(
        hidden_size=64, intermediate_size=128, num_hidden_layers=layers, num_attention_heads=1, projection_dim=64,
        vocab_size=49408, hidden_act=hidden_act,
    )  # fmt: skip
    encoder = kind(config)
    torch.nn.init.normal_(encoder.text_model.final_layer_norm.bias, 0.1, 0.1)  # with a mean of 0, emphasis divides by 0
    return dict(encoder.state_dict())


def _open_clip(text: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    out: dict[str, Tensor] = {}
    for name, tensor in text.items():
        if "_proj." in name and ".self_attn." in name and "out_proj" not in name:
            continue
        for ours, theirs in (
            ("text_model.encoder.layers.", "transformer.resblocks."),
            ("text_model.embeddings.token_embedding.", "token_embedding."),
            ("text_model.embeddings.position_embedding.weight", "positional_embedding"),
            ("text_model.final_layer_norm.", "ln_final."),
            ("layer_norm1.", "ln_1."),
            ("layer_norm2.", "ln_2."),
            ("mlp.fc1.", "mlp.c_fc."),
            ("mlp.fc2.", "mlp.c_proj."),
            ("self_attn.out_proj.", "attn.out_proj."),
        ):
            name = name.replace(ours, theirs)
        if name == "text_projection.weight":
            name, tensor = "text_projection", tensor.t()
        out[prefix + name] = tensor
    layers = {name.split(".")[3] for name in text if ".layers." in name}
    for layer in layers:
        for kind in ("weight", "bias"):
            parts = [text[f"text_model.encoder.layers.{layer}.self_attn.{p}_proj.{kind}"] for p in "qkv"]
            out[f"{prefix}transformer.resblocks.{layer}.attn.in_proj_{kind}"] = torch.cat(parts)
    return out
