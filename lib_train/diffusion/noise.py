"""Noise of a step, drawn on the CPU so that every device trains on the same.

B pictures, C channels, h x w latent pixels.
"""

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from lib_train.chance import seed_of


def generator_of(*position: int | str) -> Generator:
    """A CPU generator whose stream depends on ``position`` alone, such as (seed, "noise", step, micro-step)."""
    return Generator().manual_seed(seed_of(*position))


def training_noise(
    latents: Tensor,
    generator: Generator,
    *,
    offset: float = 0.0,
    random_strength: bool = False,
    adaptive: float = 0.0,
    levels: int = 0,
    discount: float = 0.3,
) -> Tensor:
    """Gaussian noise, float32, for latents (B, C, h, w).

    Args:
        offset: see ``channel_offset``; 0 is off.
        levels: see ``pyramid``; 0 is off.
    """
    noise = torch.randn(latents.shape, generator=generator)
    if offset:
        noise += channel_offset(latents, generator, offset, random_strength=random_strength, adaptive=adaptive)
    return pyramid(noise, generator, levels, discount) if levels else noise


def channel_offset(
    latents: Tensor, generator: Generator, offset: float, *, random_strength: bool = False, adaptive: float = 0.0
) -> Tensor:
    """A second noise (B, C, 1, 1), to be added to each whole channel.

    Args:
        offset: its standard deviation.
        random_strength: whether ``offset`` is the most, and each batch draws its own from 0 on.
        adaptive: times a channel's mean, without its sign, is added to its ``offset``; below 0 the sum ends at 0.

    Source:
        Guttenberg 2023, "Diffusion with Offset Noise"; noise_offset, noise_offset_random_strength and
        adaptive_noise_scale of kohya's sd-scripts.
    """
    strength = offset * torch.rand(1, generator=generator) if random_strength else torch.tensor(offset)
    if adaptive:
        strength = (strength + adaptive * latents.mean((2, 3), keepdim=True).abs()).clamp(min=0)
    return strength * torch.randn(*latents.shape[:2], 1, 1, generator=generator)


def pyramid(noise: Tensor, generator: Generator, levels: int, discount: float) -> Tensor:
    """Noise with coarser noises on it, each 2 to 4 times as coarse as the one before, of deviation 1 in each picture.

    Args:
        levels: most of them; there are no more when one is a pixel wide.
        discount: strength of level i is discount^i; the first one is as fine as the noise itself.

    Source:
        Whitaker 2023, "Multi-Resolution Noise for Diffusion Model Training"; multires_noise_iterations of kohya's
        sd-scripts, which brings a whole batch to deviation 1, so that a picture depends on those beside it.
    """
    height, width = noise.shape[2:]
    for level in range(levels):
        coarser = float(torch.rand(1, generator=generator)) * 2 + 2
        size = max(1, int(height / coarser**level)), max(1, int(width / coarser**level))
        rough = torch.randn(*noise.shape[:2], *size, generator=generator)
        noise = noise + F.interpolate(rough, size=(height, width), mode="bilinear") * discount**level
        if 1 in size:
            break
    return noise / noise.std((1, 2, 3), keepdim=True)


def balanced(bars: Tensor) -> Tensor:
    """Strength (1000,) of an offset at each timestep, from nearly 0 without noise to 1 in pure noise: so it shifts what
    is drawn as a whole, and teaches no shift where a picture is nearly done.

    Args:
        bars: cumulative alphas (1000,). One of 0 at the end, pure noise, counts as the one before it.

    Source:
        Kutsuna 2024, "Generalized Diffusion Model with Adjusted Offset Noise", https://arxiv.org/abs/2412.03134,
        equation 34, as OneTrainer has it.
    """
    known = bars.double()[:-1] if bars[-1] == 0 else bars.double()
    before = torch.cat([torch.ones(1, dtype=torch.float64), known[:-1]])
    alphas = known / before
    total, sums = torch.tensor(1.0, dtype=torch.float64), []
    for step in range(len(known)):
        if step:
            share = (1 - alphas[step]) * before[step].sqrt() / (alphas[step] * (1 - before[step]))
            total = total + share * total / before[step].sqrt()
        sums.append(total)
    strengths = torch.stack(sums) / (1 - known).sqrt()
    strengths = strengths / strengths[-1]
    return torch.cat([strengths, strengths[-1:]])[: len(bars)].float()


class Perturbation:
    """What changes noise when its timesteps are known.

    Args:
        offset: see ``channel_offset``, as strong as ``by_timestep`` says; 0 is off.
        by_timestep: (1000,).
        input: strength of more noise that the model sees and is not to predict; 0 is off.
        random_input: whether ``input`` is the most, and each batch draws its own from 0 on.

    Source:
        Ning et al. 2023, "Input Perturbation Reduces Exposure Bias in Diffusion Models",
        https://arxiv.org/abs/2301.11706; ip_noise_gamma of kohya's sd-scripts.
    """

    def __init__(
        self,
        *,
        offset: float = 0.0,
        random_strength: bool = False,
        adaptive: float = 0.0,
        by_timestep: Tensor | None = None,
        input: float = 0.0,
        random_input: bool = False,
    ) -> None:
        self._offset, self._random, self._adaptive = offset, random_strength, adaptive
        self._by_timestep, self._input, self._random_input = by_timestep, input, random_input

    def __call__(
        self, latents: Tensor, noise: Tensor, timesteps: Tensor, generator: Generator
    ) -> tuple[Tensor, Tensor]:
        """The noise to predict, and the noise that the model sees, (B, C, h, w) each."""
        if self._offset and self._by_timestep is not None:
            shift = channel_offset(
                latents, generator, self._offset, random_strength=self._random, adaptive=self._adaptive
            )
            noise = noise + self._by_timestep[timesteps][:, None, None, None] * shift
        if not self._input:
            return noise, noise
        strength = self._input * torch.rand(1, generator=generator) if self._random_input else self._input
        return noise, noise + strength * torch.randn(noise.shape, generator=generator)
