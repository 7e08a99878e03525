"""Base models of a few layers with all that settings reach: blocks on all sides, norms, two text encoders."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from lib_train.host.protocol import Conditioning, Moments
from tests.fake_model import WIDTH, FakeModel, FakeText, FakeUnet, Level


class _Normed(Level):
    def __init__(self) -> None:
        super().__init__()
        resnet: nn.Module = self.resnets[0]
        resnet.norm1 = nn.GroupNorm(2, WIDTH)


class WholeUnet(FakeUnet):
    """IN01, M00 and OUT03, each of a resnet, which has a norm, and an attention."""

    def __init__(self) -> None:
        super().__init__()
        self.down_blocks = nn.ModuleList([_Normed()])
        self.mid_block = _Normed()
        self.up_blocks = nn.ModuleList([nn.Module(), _Normed()])  # the first of SD1 and SD2 has no attention
        self.seen_checkpointed = False

    def forward(self, latents: Tensor, timesteps: Tensor, context: Tensor) -> Tensor:
        self.seen_checkpointed |= self.checkpointed
        waves = timesteps[:, None] / 1000 * torch.arange(1, WIDTH + 1)
        x = self.conv_in(latents) + waves.sin()[:, :, None, None]
        levels: list[Any] = [self.down_blocks[0], self.mid_block, self.up_blocks[1]]
        for level in levels:
            resnet = level.resnets[0]
            x = level.attentions[0](resnet(resnet.norm1(x)), context)
        out: Tensor = self.conv_out(x)
        return out


class Whole(FakeModel):
    """Keeps what it was asked for."""

    def __init__(self, family: str = "sd1", prediction_type: str = "epsilon") -> None:
        super().__init__(prediction_type)
        self.family = family
        self.pictures_encoded: list[int] = []
        with torch.random.fork_rng():
            torch.manual_seed(1)
            self.unet = WholeUnet()
            self.text_encoders = [FakeText() for _ in range(2 if family == "sdxl" else 1)]
            for text in self.text_encoders:
                text.encoder["layers"][0].layer_norm1 = nn.LayerNorm(WIDTH)
        for module in (self.unet, *self.text_encoders):
            module.requires_grad_(False).eval()

    def encode_images(self, pixels: Tensor) -> Moments:
        self.pictures_encoded.append(len(pixels))
        return super().encode_images(pixels)

    def encode_captions(
        self, captions: Sequence[str], clip_skip: int, max_token_length: int, weighted: bool = False
    ) -> Conditioning:
        """SDXL reads both text encoders at its own layers, whatever clip_skip is."""
        if self.family != "sdxl":
            return super().encode_captions(captions, clip_skip, max_token_length, weighted)
        first = super().encode_captions(captions, 1, max_token_length, weighted).context
        encoders = self.text_encoders
        try:
            self.text_encoders = encoders[1:]
            return Conditioning(first + super().encode_captions(captions, 1, max_token_length, weighted).context)
        finally:
            self.text_encoders = encoders
