"""Train the embedded model's U-Net and text encoder on drawn scenes: ``python -m embedded.denoiser --out build``.

Needs the autoencoder of ``embedded.vae`` in the same folder, and the tokenizer files of ``embedded.tokenizer``.
"""

import argparse
import sys
import time
from collections import deque
from pathlib import Path
from random import Random

import numpy
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizerFast

from embedded.state import Training
from embedded.vae import build as build_vae
from lib_train.demo.world import Scene, caption, draw, random_scene
from lib_train.diffusion.schedule import alphas_cumprod
from lib_train.models.embedded import TOKENIZER_FOLDER

BATCH = 32
EMPTY_RATE = 0.1
"""Share of empty captions: what classifier-free guidance compares with."""


class Denoiser(nn.Module):
    """Text encoder and U-Net, trained together from nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.text = CLIPTextModel(text_config())
        self.unet = UNet2DConditionModel(
            sample_size=16,
            block_out_channels=(64,) * 4,
            cross_attention_dim=64,
            attention_head_dim=2,  # heads: 2 of width 32 take half the time of 8 of width 8
            norm_num_groups=32,
        ).to(memory_format=torch.channels_last)

    def forward(self, noisy: Tensor, timesteps: Tensor, ids: Tensor) -> Tensor:
        context = self.text(input_ids=ids).last_hidden_state
        return self.unet(noisy, timesteps, context).sample


def text_config() -> CLIPTextConfig:
    """CLIP-L's text encoder, narrow: 12 layers of width 64 with one head, the whole vocabulary."""
    return CLIPTextConfig(
        vocab_size=49408, hidden_size=64, intermediate_size=256, num_hidden_layers=12, num_attention_heads=1,
        projection_dim=64, max_position_embeddings=77, bos_token_id=49406, eos_token_id=49407, pad_token_id=1,
    )  # fmt: skip


def scenes(seed: int, count: int) -> list[Scene]:
    rng = Random(seed)
    return [random_scene(rng) for _ in range(count)]


@torch.no_grad()
def latents_of(vae: AutoencoderKL, drawn: list[Scene]) -> Tensor:
    """(N, 4, 16, 16): mean latents of the drawn scenes."""
    out = []
    for start in range(0, len(drawn), 32):
        pixels = numpy.stack([numpy.asarray(draw(scene)) for scene in drawn[start : start + 32]])
        batch = torch.from_numpy(pixels).permute(0, 3, 1, 2).float().div(127.5).sub(1)
        out.append(vae.encode(batch.contiguous(memory_format=torch.channels_last)).latent_dist.mean)
    return torch.cat(out)


def prepared(folder: Path, count: int) -> tuple[Tensor, list[Scene], Tensor, Tensor]:
    """Latents (N, 4, 16, 16) with mean 0 and deviation 1 in each channel, their scenes, and that mean and deviation."""
    drawn = scenes(3, count)
    path = folder / "latents.pt"
    if not path.exists():
        vae = build_vae().to(memory_format=torch.channels_last)
        vae.load_state_dict(torch.load(folder / "vae.pt", weights_only=True)["average"])
        torch.save(latents_of(vae.eval(), drawn), path)
    latents = torch.load(path, weights_only=True)
    mean, deviation = latents.mean((0, 2, 3)), latents.std((0, 2, 3))
    return (latents - mean[:, None, None]) / deviation[:, None, None], drawn, mean, deviation


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--scenes", type=int, default=10000)
    options = parser.parse_args()
    latents, drawn, _, _ = prepared(options.out, options.scenes)
    tokenizer = CLIPTokenizerFast.from_pretrained(TOKENIZER_FOLDER, local_files_only=True)
    torch.manual_seed(0)
    run = Training(Denoiser(), options.out / "denoiser.pt", total=options.steps, peak=1e-3)
    bars, losses, begun = alphas_cumprod(), deque[float](maxlen=200), time.monotonic()
    for step in run.steps():
        rng = Random(step)
        picked = [rng.randrange(len(drawn)) for _ in range(BATCH)]
        captions = ["" if rng.random() < EMPTY_RATE else caption(drawn[i], rng) for i in picked]
        ids = tokenizer(captions, padding="max_length", truncation=True, max_length=77, return_tensors="pt").input_ids
        timesteps = torch.randint(0, 1000, (BATCH,))
        noise, bar = torch.randn(BATCH, 4, 16, 16), bars[timesteps][:, None, None, None]
        noisy = bar.sqrt() * latents[picked] + (1 - bar).sqrt() * noise
        error = (run.module(noisy, timesteps, ids) - noise).square().mean((1, 2, 3))
        ratio = bars[timesteps] / (1 - bars[timesteps])
        loss = (error * ratio.clamp(max=5) / ratio).mean()
        loss.backward()
        losses.append(loss.item())
        if step % 100 == 0:
            mean = sum(losses) / len(losses)
            sys.stdout.write(f"{step} loss {mean:.4f}, {time.monotonic() - begun:.0f} s\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
