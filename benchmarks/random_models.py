"""Base models of full size whose weights are small random numbers, made where they are used."""

from pathlib import Path

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from torch import Generator, nn
from transformers.models.clip.configuration_clip import CLIPTextConfig
from transformers.models.clip.modeling_clip import CLIPTextModel, CLIPTextModelWithProjection

from lib_train.host.protocol import Identity
from lib_train.host.standalone.model import StandaloneModel
from lib_train.models.single_file import clip_tokenizer

_TEXTS = {"sd1": ((768, 12, 12),), "sdxl": ((768, 12, 12), (1280, 32, 20))}  # width, layers, heads


def random_model(family: str, device: torch.device, dtype: torch.dtype, *, tiny: bool = False) -> StandaloneModel:
    """SD1.5 ("sd1") or SDXL ("sdxl") of this type on the device; SDXL's VAE is float32.

    Args:
        tiny: 32 channels instead of 320, and two text layers, for trying what measures them.
    """
    with torch.device("meta"):
        unet, texts, vae = _unet(family, tiny), _texts(family, tiny), _vae(tiny)
    generator = Generator(device).manual_seed(0)
    channels_last = torch.channels_last
    made = [_filled(module, device, dtype, generator) for module in (unet, *texts)]
    for encoder in made[1:]:
        encoder.text_model.embeddings.position_ids = torch.arange(77, device=device)[None]  # type: ignore[union-attr]
    return StandaloneModel(
        family=family,
        prediction_type="epsilon",
        zero_terminal_snr=False,
        unet=made[0].to(memory_format=channels_last),  # type: ignore[call-overload]
        text_encoders=made[1:],
        vae=_filled(vae, device, torch.float32 if family == "sdxl" else dtype, generator).to(  # type: ignore[call-overload]
            memory_format=channels_last
        ),
        tokenizer=clip_tokenizer(),
        scale_factor=0.13025 if family == "sdxl" else 0.18215,
        device=device,
        identity=Identity(f"random_{family}", Path(f"random_{family}.safetensors"), "", None),
    )


def _unet(family: str, tiny: bool) -> nn.Module:
    width = 32 if tiny else 320
    hidden = 64 if tiny else sum(text[0] for text in _TEXTS[family])
    if family == "sd1":
        heads = 1 if tiny else 8
        return UNet2DConditionModel(
            block_out_channels=(width, 2 * width, 4 * width, 4 * width), cross_attention_dim=hidden,
            attention_head_dim=heads,
        )  # fmt: skip
    return UNet2DConditionModel(
        block_out_channels=(width, 2 * width, 4 * width),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        transformer_layers_per_block=(1, 1, 1) if tiny else (1, 2, 10),
        cross_attention_dim=2 * hidden if tiny else hidden,
        attention_head_dim=1 if tiny else (5, 10, 20),
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=256,
        projection_class_embeddings_input_dim=6 * 256 + (64 if tiny else 1280),
    )


def _texts(family: str, tiny: bool) -> list[nn.Module]:
    found: list[nn.Module] = []
    for width, layers, heads in _TEXTS[family]:
        width, layers, heads = (64, 2, 1) if tiny else (width, layers, heads)
        config = CLIPTextConfig(
            hidden_size=width, intermediate_size=4 * width, num_attention_heads=heads, num_hidden_layers=layers,
            vocab_size=49408, projection_dim=width, eos_token_id=49407,
        )  # fmt: skip
        found.append(CLIPTextModelWithProjection(config) if found else CLIPTextModel(config))
    return found


def _vae(tiny: bool) -> nn.Module:
    widths = (32, 32, 32, 32) if tiny else (128, 256, 512, 512)
    return AutoencoderKL(
        block_out_channels=widths,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=1 if tiny else 2,
    )


@torch.no_grad()
def _filled(module: nn.Module, device: torch.device, dtype: torch.dtype, generator: Generator) -> nn.Module:
    """The module of the meta device with numbers that keep activations at the size of their inputs or below."""
    made = module.to(dtype).to_empty(device=device)
    for name, weight in made.named_parameters():
        if weight.dim() == 1:
            weight.fill_(float("norm" in name and name.endswith("weight")))
        else:
            weight.normal_(0, 0.5 / weight[0].numel() ** 0.5, generator=generator)
    return made.eval().requires_grad_(False)
