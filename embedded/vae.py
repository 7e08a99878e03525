"""Train the embedded model's autoencoder on drawn scenes and doodles: ``python -m embedded.vae --out build``."""

import argparse
import sys
import time
from pathlib import Path
from random import Random

import numpy
import torch
from diffusers import AutoencoderKL
from torch import Tensor

from embedded.state import Training
from lib_train.demo.world import SIDE, doodle, draw, random_scene

STAGES = ((0.0, 32, 16), (0.6, 64, 8), (0.85, SIDE, 2))
"""Share of the steps after which a stage begins, side of its crops, pictures a step.

Small crops learn fastest; whole pictures come last, so that group norms see what they will see.
"""


def build() -> AutoencoderKL:
    """SD1's autoencoder with 64 channels everywhere: GroupNorm's 32 groups need at least two channels each."""
    return AutoencoderKL(
        block_out_channels=(64,) * 4,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=1,
        norm_num_groups=32,
    )


def pool(seed: int, count: int) -> Tensor:
    """(count, 3, SIDE, SIDE) uint8: scenes and doodles in turn."""
    rng = Random(seed)
    pictures = [draw(random_scene(rng)) if i % 2 else doodle(rng) for i in range(count)]
    return torch.from_numpy(numpy.stack([numpy.asarray(p) for p in pictures])).permute(0, 3, 1, 2).contiguous()


def crops(pictures: Tensor, side: int, count: int, rng: Random) -> Tensor:
    """(count, 3, side, side) in [-1, 1], each from a random place of a random picture."""
    out = []
    for _ in range(count):
        picture = pictures[rng.randrange(len(pictures))]
        top, left = rng.randint(0, SIDE - side), rng.randint(0, SIDE - side)
        out.append(picture[:, top : top + side, left : left + side])
    return torch.stack(out).float().div(127.5).sub(1).contiguous(memory_format=torch.channels_last)


def loss_of(vae: AutoencoderKL, pixels: Tensor, noise: Tensor) -> Tensor:
    """Absolute and squared error of the redrawn picture, and a little pull of the latents to a normal distribution."""
    with torch.autocast("cpu", torch.bfloat16):
        mean, log_variance = vae.quant_conv(vae.encoder(pixels)).float().chunk(2, dim=1)
        log_variance = log_variance.clamp(-20, 10)
        latents = mean + noise * (0.5 * log_variance).exp()
        redrawn = vae.decoder(vae.post_quant_conv(latents)).float()
    error = redrawn - pixels
    pull = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).mean()
    return error.abs().mean() + 0.5 * error.square().mean() + 1e-4 * pull


@torch.no_grad()
def decibels(vae: AutoencoderKL, pixels: Tensor) -> float:
    """Peak signal-to-noise ratio of redrawn pictures in [-1, 1]."""
    error = (vae.decode(vae.encode(pixels).latent_dist.mode()).sample.clamp(-1, 1) - pixels).square().mean()
    return float(10 * torch.log10(4 / error))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=7000)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    run = Training(
        build().to(memory_format=torch.channels_last), options.out / "vae.pt", total=options.steps, peak=7e-4
    )

    pictures, unseen, begun = pool(1, 8000), pool(2, 64), time.monotonic()
    for step in run.steps():
        side, count = next((side, count) for start, side, count in reversed(STAGES) if step >= start * options.steps)
        pixels = crops(pictures, side, count, Random(step))
        loss = loss_of(run.module, pixels, torch.randn(count, 4, side // 8, side // 8))
        loss.backward()
        if step % 200 == 0:
            psnr = decibels(run.average, crops(unseen, SIDE, 16, Random(0)))
            sys.stdout.write(f"{step} loss {loss.item():.4f} psnr {psnr:.2f} dB, {time.monotonic() - begun:.0f} s\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
