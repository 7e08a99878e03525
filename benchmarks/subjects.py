"""What is measured: the embedded model, and a full-size SD1.5 with random weights, with pictures to train on."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel

from lib_train.networks.keys import ldm_unet_weight, ldm_vae_weight


@dataclass(frozen=True)
class Subject:
    """A model to measure with its training size. ``file`` empty is the embedded model."""

    name: str
    file: str
    side: int


def write_sd15(path: Path) -> None:
    """A full-size SD1.5 checkpoint in fp16 (2 GB) whose weights are small random numbers."""
    generator = torch.Generator().manual_seed(0)
    with torch.device("meta"):
        unet = UNet2DConditionModel(cross_attention_dim=768, attention_head_dim=8)
        vae = AutoencoderKL(
            block_out_channels=(128, 256, 512, 512),
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
            layers_per_block=2,
        )
        text = CLIPTextModel(CLIPTextConfig(hidden_size=768, intermediate_size=3072, num_attention_heads=12,
                                            num_hidden_layers=12, vocab_size=49408))  # fmt: skip
    tensors = dict(ldm_unet_weight(*item) for item in _random(unet, generator))
    tensors |= dict(ldm_vae_weight(*item) for item in _random(vae, generator))
    tensors |= {f"cond_stage_model.transformer.{name}": tensor for name, tensor in _random(text, generator)}
    save_file(tensors, path)


def _random(module: nn.Module, generator: torch.Generator) -> Iterator[tuple[str, Tensor]]:
    for name, tensor in module.state_dict().items():
        if not tensor.is_floating_point():
            continue
        if tensor.dim() == 1:
            values = (
                torch.ones(tensor.shape) if "norm" in name and name.endswith("weight") else torch.zeros(tensor.shape)
            )
        else:
            fan_in = tensor[0].numel()
            values = torch.randn(tensor.shape, generator=generator) * (0.5 / fan_in**0.5)
        yield name, values.half()


@contextmanager
def pictures(side: int, count: int) -> Iterator[Path]:
    """A dataset folder of ``count`` noise pictures of ``side`` pixels with captions, each counted 100 times."""
    with tempfile.TemporaryDirectory() as folder:
        inner = Path(folder) / "100_noise"
        inner.mkdir()
        generator = torch.Generator().manual_seed(1)
        for index in range(count):
            pixels = torch.randint(0, 256, (side, side, 3), generator=generator, dtype=torch.uint8)
            Image.fromarray(pixels.numpy()).save(inner / f"{index}.png")
            (inner / f"{index}.txt").write_text(f"noise, number {index}")
        yield Path(folder)
