"""Base models for tests: full-size ones without memory (meta device), and narrow ones with random weights."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from diffusers import UNet2DConditionModel
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection


def unet_of(family: str, width: int = 320) -> nn.Module:
    """The family's U-Net as diffusers builds it; ``width`` is the first level's, 32 at least, everything follows it."""
    narrow = width < 320
    heads = 2 if narrow else 8
    if family == "sdxl":
        return UNet2DConditionModel(
            block_out_channels=(width, 2 * width, 4 * width),
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
            transformer_layers_per_block=(1, 1, 2) if narrow else (1, 2, 10),
            cross_attention_dim=sum(_hidden(family, narrow)),
            attention_head_dim=2 if narrow else (5, 10, 20),
            use_linear_projection=True,
            addition_embed_type="text_time",
            addition_time_embed_dim=8 if narrow else 256,
            projection_class_embeddings_input_dim=6 * 8 + 64 if narrow else 2816,
        )
    return UNet2DConditionModel(
        sample_size=64,
        block_out_channels=(width, 2 * width, 4 * width, 4 * width),
        cross_attention_dim=_hidden(family, narrow)[0],
        attention_head_dim=heads if narrow or family == "sd1" else (5, 10, 20, 20),
        use_linear_projection=family == "sd2",
    )


def text_encoders_of(family: str, *, narrow: bool = False) -> list[nn.Module]:
    """The family's text encoders as transformers builds them: one, or SDXL's two."""
    layers = {"sd1": (12,), "sd2": (23,), "sdxl": (12, 32)}[family]
    out: list[nn.Module] = []
    for hidden, depth in zip(_hidden(family, narrow), layers, strict=True):
        kind = CLIPTextModelWithProjection if out else CLIPTextModel
        config = CLIPTextConfig(
            vocab_size=1000 if narrow else 49408,
            hidden_size=hidden,
            intermediate_size=4 * hidden,
            num_hidden_layers=2 if narrow else depth,
            num_attention_heads=hidden // (32 if narrow else 64),
            projection_dim=hidden,
        )
        out.append(kind(config))
    return out


def _hidden(family: str, narrow: bool) -> tuple[int, ...]:
    full = {"sd1": (768,), "sd2": (1024,), "sdxl": (768, 1280)}[family]
    return tuple(64 for _ in full) if narrow else full


def narrow_base(family: str, seed: int = 0) -> tuple[nn.Module, list[nn.Module]]:
    """A frozen U-Net of 32 channels and its text encoders, with weights that depend on ``seed`` alone."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        unet, encoders = unet_of(family, 32), text_encoders_of(family, narrow=True)
    for module in (unet, *encoders):
        module.requires_grad_(False).eval()
    return unet, encoders


@contextmanager
def without_memory() -> Iterator[None]:
    """While entered, new modules have shapes and no numbers."""
    with torch.device("meta"):
        yield


def unet_inputs(family: str, batch: int = 2, size: int = 8, seed: int = 1) -> dict[str, object]:
    """Arguments of a narrow U-Net's forward."""
    chance = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=chance)

    inputs: dict[str, object] = {
        "sample": normal(batch, 4, size, size),
        "timestep": torch.full((batch,), 500),
        "encoder_hidden_states": normal(batch, 7, 128 if family == "sdxl" else 64),
    }
    if family == "sdxl":
        inputs["added_cond_kwargs"] = {"text_embeds": normal(batch, 64), "time_ids": torch.ones(batch, 6)}
    return inputs
