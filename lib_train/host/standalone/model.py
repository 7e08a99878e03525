"""A ``BaseModel`` made of diffusers' and transformers' modules."""

import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from lib_train.diffusion.schedule import alphas_cumprod, with_zero_terminal_snr
from lib_train.host.protocol import Conditioning, Identity, InTraining, Moments
from lib_train.host.shared.checkpointing import checkpointed
from lib_train.host.shared.emphasis import emphasised
from lib_train.host.shared.faults import vae_fault
from lib_train.host.shared.fingerprints import fingerprint
from lib_train.host.shared.prompts import CHUNK, Chunk, caption_chunks, chunks_of
from lib_train.host.shared.transfer import sent
from lib_train.texts import say

_CHECKPOINTED = ("BasicTransformerBlock", "ResnetBlock2D", "CLIPEncoderLayer")
_BEGIN, _END = 49406, 49407
_EXTRA_NETWORK = re.compile(r"<\w+:[^>]+>")


class StandaloneModel:
    """One loaded checkpoint; implements ``BaseModel``."""

    def __init__(
        self,
        *,
        family: str,
        prediction_type: str,
        zero_terminal_snr: bool,
        unet: nn.Module,
        text_encoders: Sequence[nn.Module],
        vae: nn.Module,
        tokenizer: Any,
        scale_factor: float,
        device: torch.device,
        identity: Identity,
    ) -> None:
        self.family, self.prediction_type, self.zero_terminal_snr = family, prediction_type, zero_terminal_snr
        self.unet, self.vae = unet, vae
        self.text_encoders: Sequence[nn.Module] = list(text_encoders)
        self.tokenizer, self.scale_factor, self.device, self.identity = tokenizer, scale_factor, device, identity
        self.alphas_cumprod = with_zero_terminal_snr(alphas_cumprod()) if zero_terminal_snr else alphas_cumprod()
        self._unet_dtype, self._vae_dtype = (next(module.parameters()).dtype for module in (unet, vae))
        self._fingerprints: dict[str, str] = {}

    def vae_key(self) -> str:
        return f"{self.scale_factor}/{self._fingerprint('vae', [self.vae])}"

    def text_key(self) -> str:
        return f"{self.family}/{self._fingerprint('text', self.text_encoders)}"

    def _fingerprint(self, name: str, modules: Sequence[nn.Module]) -> str:
        if name not in self._fingerprints:
            self._fingerprints[name] = fingerprint(modules)
        return self._fingerprints[name]

    @torch.no_grad()
    def encode_images(self, pixels: Tensor) -> Moments:
        vae: Any = self.vae
        # One by one a CPU is as fast and touches a part of the memory; a GPU wants them together.
        parts = torch.split(pixels, 1) if self.device.type == "cpu" else (pixels,)
        found = [vae.encode(_rows(part.to(self.device, self._vae_dtype))).latent_dist for part in parts]
        mean, std = (torch.cat([getattr(one, name) for one in found]).float() for name in ("mean", "std"))
        return Moments(mean * self.scale_factor, std * self.scale_factor)

    def vae_fault(self) -> str:
        file = self.identity.vae_title or self.identity.title
        way_out = say("give a VAE made for fp16 (vae), or set mixed_precision to bf16 or no")
        return vae_fault(self.vae, file, self._vae_dtype, way_out)

    @torch.no_grad()
    def decode_latents(self, latents: Tensor) -> Tensor:
        """Scaled latents (B, 4, h, w) -> pixels (B, 3, 8 h, 8 w), float32 in [-1, 1]."""
        vae: Any = self.vae
        decoded: Tensor = vae.decode((latents / self.scale_factor).to(self.device, self._vae_dtype)).sample
        return decoded.float().clamp(-1, 1)

    def encode_captions(
        self, captions: Sequence[str], clip_skip: int, max_token_length: int, weighted: bool = False
    ) -> Conditioning:
        chunks = [caption_chunks(caption, self._tokens, max_token_length, weighted) for caption in captions]
        return self._encode_chunks(chunks, clip_skip)

    def encode_guidance(self, negative: str, prompt: str, clip_skip: int) -> Conditioning:
        """A negative prompt and a prompt in the WebUI's syntax -> their conditioning, in this order.

        ``<lora:name:weight>`` tags are left out: networks come with the request. As in the WebUI, no negative prompt
        is all zeros for SDXL.
        """
        comma = self._tokens(",")[0]
        texts = [_EXTRA_NETWORK.sub("", text) for text in (negative, prompt)]
        found = self._encode_chunks([chunks_of(text, self._tokens, comma) for text in texts], clip_skip)
        if found.pooled is None or texts[0]:
            return found
        wanted = torch.tensor([0.0, 1.0], device=self.device, dtype=found.context.dtype)
        return Conditioning(found.context * wanted[:, None, None], found.pooled * wanted[:, None])

    def _encode_chunks(self, texts: Sequence[Sequence[Chunk]], clip_skip: int) -> Conditioning:
        """Conditioning of B lists of chunks; shorter ones are filled up with empty chunks."""
        longest = max(len(chunks) for chunks in texts)
        flat = [chunk for chunks in texts for chunk in [*chunks, *[[]] * (longest - len(chunks))]]
        states, pooled = [], None
        for index, encoder in enumerate(self.text_encoders):
            ids = sent(torch.tensor([self._padded(chunk, index) for chunk in flat]), self.device)
            hidden, pooled = self._encoded(encoder, ids, index, clip_skip)
            states.append(emphasised(hidden, flat))
        context = torch.cat(states, -1)
        return Conditioning(
            context.reshape(len(texts), -1, context.shape[-1]),
            None if pooled is None else pooled.reshape(len(texts), longest, -1)[:, 0],
        )

    def _tokens(self, text: str) -> list[int]:
        return tokens_of(self.tokenizer, text)

    def _padded(self, chunk: Chunk, index: int) -> list[int]:
        pad = 0 if self.family == "sd2" or index == 1 else _END
        ids = [_BEGIN, *(token for token, _ in chunk), _END]
        return ids + [pad] * (CHUNK + 2 - len(ids))

    def _encoded(self, encoder: Any, ids: Tensor, index: int, clip_skip: int) -> tuple[Tensor, Tensor | None]:
        out = encoder(input_ids=ids, output_hidden_states=True)
        if self.family == "sdxl":
            return out.hidden_states[-2], out.text_embeds if index == 1 else None
        if self.family == "sd2" or clip_skip == 1:
            return out.last_hidden_state, None
        return encoder.text_model.final_layer_norm(out.hidden_states[-clip_skip]), None

    def predict(self, latents: Tensor, timesteps: Tensor, condition: Conditioning, sizes: Tensor) -> Tensor:
        unet: Any = self.unet
        added = {}
        if self.family == "sdxl":
            assert condition.pooled is not None
            added = {"added_cond_kwargs": {"text_embeds": condition.pooled.to(self._unet_dtype), "time_ids": sizes}}
        context = condition.context.to(self._unet_dtype)
        output: Tensor = unet(latents.to(self._unet_dtype), timesteps, context, return_dict=False, **added)[0]
        return output

    def between_steps(self, done: int, total: int, paused: Callable[[], AbstractContextManager[None]]) -> bool:
        return True  # nobody else is here

    def set_aside(self) -> AbstractContextManager[Callable[[], None]]:
        return nullcontext(lambda: None)  # nor can anybody change it

    def offering(self, network: InTraining) -> AbstractContextManager[str]:
        return nullcontext("")  # prompts of its own it has none

    def checkpointed(self, on: bool) -> AbstractContextManager[None]:
        return checkpointed([self.unet, *self.text_encoders] if on else [], _CHECKPOINTED)


def tokens_of(tokenizer: Any, text: str) -> list[int]:
    """Ids of a text by a tokenizer of transformers, without begin and end."""
    found: list[int] = tokenizer(text, add_special_tokens=False, verbose=False).input_ids
    return found


def _rows(pixels: Tensor) -> Tensor:
    """In the memory format in which convolutions are fastest, as the weights are."""
    return pixels if pixels.device.type == "mps" else pixels.contiguous(memory_format=torch.channels_last)
