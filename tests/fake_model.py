"""A base model of a few layers in plain torch, for tests of training: no diffusers, ready in milliseconds."""

import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from lib_train.diffusion.schedule import alphas_cumprod
from lib_train.host.protocol import (
    Conditioning,
    Identity,
    InTraining,
    Moments,
)
from lib_train.host.shared.emphasis import emphasised
from lib_train.host.shared.prompts import caption_chunks

WIDTH, _CHUNK = 8, 75


class _Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.proj_in = nn.Conv2d(WIDTH, WIDTH, 1)
        self.to_q, self.to_k, self.to_v = (nn.Linear(WIDTH, WIDTH) for _ in range(3))

    def forward(self, x: Tensor, context: Tensor) -> Tensor:
        rows = self.proj_in(x).flatten(2).transpose(1, 2)
        attended = F.scaled_dot_product_attention(self.to_q(rows), self.to_k(context), self.to_v(context))
        return x + attended.transpose(1, 2).view(x.shape)


class _Resnet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(WIDTH, WIDTH, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return x + F.silu(self.conv1(x))


class Level(nn.Module):
    """A resnet and an attention."""

    def __init__(self) -> None:
        super().__init__()
        self.resnets, self.attentions = nn.ModuleList([_Resnet()]), nn.ModuleList([_Attention()])


class FakeUnet(nn.Module):
    """Layers under diffusers' names, so that they are found as those of a real U-Net are."""

    def __init__(self, levels: int = 1) -> None:
        super().__init__()
        self.conv_in, self.conv_out = nn.Conv2d(4, WIDTH, 3, padding=1), nn.Conv2d(WIDTH, 4, 3, padding=1)
        self.down_blocks = nn.ModuleList([Level() for _ in range(levels)])
        self.checkpointed = False

    def forward(self, latents: Tensor, timesteps: Tensor, context: Tensor) -> Tensor:
        waves = timesteps[:, None] / 1000 * torch.arange(1, WIDTH + 1, device=latents.device)
        x = self.conv_in(latents) + waves.sin().to(latents.dtype)[:, :, None, None]
        for level in self.down_blocks:
            parts: Any = level
            for block, more in ((parts.resnets[0], ()), (parts.attentions[0], (context,))):
                x = checkpoint(block, x, *more, use_reentrant=False) if self.checkpointed else block(x, *more)
        return self.conv_out(F.silu(x))


class _TextLayer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.mlp = nn.ModuleDict({"fc1": nn.Linear(WIDTH, WIDTH)})

    def forward(self, x: Tensor) -> Tensor:
        return x + torch.tanh(self.mlp["fc1"](x))


class FakeText(nn.Module):
    """Words and marks for tokens, 75 to a chunk between a begin and ends, as CLIP's."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(128, WIDTH)
        self.encoder: Any = nn.ModuleDict({"layers": nn.ModuleList([_TextLayer()])})

    def forward(self, ids: Tensor, *, skip: int = 1) -> Tensor:
        plain = self.words(ids)
        return plain if skip > 1 else self.encoder["layers"][0](plain)


def tokens_of(caption: str) -> list[int]:
    """Numbers from 2 to 127, one for each word and mark of the caption."""
    return [2 + zlib.crc32(word.encode()) % 126 for word in re.findall(r"\w+|[^\w\s]", caption)]


class FakeModel:
    """A ``BaseModel`` on the CPU; its weights depend on ``seed`` alone. Its ``levels`` are IN01, IN04 and so on."""

    family, device = "sd1", torch.device("cpu")
    unet: Any
    text_encoders: Any

    def __init__(
        self, prediction_type: str = "epsilon", seed: int = 0, identity: Identity | None = None, levels: int = 1
    ) -> None:
        self.identity = identity or Identity("fake", None, "", None)
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.unet, self.text_encoders = FakeUnet(levels), [FakeText()]
        for module in (self.unet, *self.text_encoders):
            module.requires_grad_(False).eval()
        self.prediction_type, self.alphas_cumprod = prediction_type, alphas_cumprod()
        self.captions_encoded = 0

    def vae_key(self) -> str:
        return "fake"

    def text_key(self) -> str:
        return "fake"

    @torch.no_grad()
    def encode_images(self, pixels: Tensor) -> Moments:
        colours = F.avg_pool2d(pixels, 8)
        mean = torch.cat([colours, colours.mean(1, keepdim=True)], 1)
        return Moments(mean, torch.full_like(mean, 0.1))

    def vae_fault(self) -> str:
        return f"the VAE in {self.identity.title} is broken: take another copy, or choose another VAE"

    def encode_captions(
        self, captions: Sequence[str], clip_skip: int, max_token_length: int, weighted: bool = False
    ) -> Conditioning:
        self.captions_encoded += len(captions)
        texts = [caption_chunks(caption, tokens_of, max_token_length, weighted) for caption in captions]
        longest = max(map(len, texts))
        flat = [chunk for chunks in texts for chunk in [*chunks, *[[]] * (longest - len(chunks))]]
        rows = [[0, *(token for token, _ in chunk)] + [1] * (_CHUNK + 1 - len(chunk)) for chunk in flat]
        states = emphasised(self.text_encoders[0](torch.tensor(rows), skip=clip_skip), flat)
        return Conditioning(states.reshape(len(captions), -1, WIDTH))

    def predict(self, latents: Tensor, timesteps: Tensor, condition: Conditioning, sizes: Tensor) -> Tensor:
        return self.unet(latents, timesteps, condition.context)

    def between_steps(self, done: int, total: int, paused: Any) -> bool:
        return True

    def set_aside(self) -> Any:
        return nullcontext(lambda: None)

    def offering(self, network: InTraining) -> Any:
        """As inside the WebUI, but for the prompts."""
        return nullcontext("@training")

    @contextmanager
    def checkpointed(self, on: bool) -> Iterator[None]:
        self.unet.checkpointed = on
        try:
            yield
        finally:
            self.unet.checkpointed = False
