"""open_clip's text model: the same attributes, names and mathematics as version 2.20, sized by ``arch``."""

from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor, nn


class ResidualAttentionBlock(nn.Module):
    def __init__(self, width: int, heads: int, inner: int) -> None:
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attn = nn.MultiheadAttention(width, heads)
        self.mlp = nn.Sequential()
        self.mlp.add_module("c_fc", nn.Linear(width, inner))
        self.mlp.add_module("gelu", nn.GELU())
        self.mlp.add_module("c_proj", nn.Linear(inner, width))

    def forward(self, x: Tensor, attn_mask: Tensor | None = None) -> Tensor:
        normed = self.ln_1(x)
        mask = None if attn_mask is None else attn_mask.to(x.dtype)
        x = x + self.attn(normed, normed, normed, need_weights=False, attn_mask=mask)[0]
        return x + self.mlp(self.ln_2(x))


class Transformer(nn.Module):
    def __init__(self, width: int, layers: int, heads: int, inner: int) -> None:
        super().__init__()
        self.grad_checkpointing = False
        self.resblocks = nn.ModuleList(ResidualAttentionBlock(width, heads, inner) for _ in range(layers))


class CLIP(nn.Module):
    def __init__(self, width: int, layers: int, heads: int, inner: int) -> None:
        super().__init__()
        self.visual = nn.Identity()  # the embedders of ldm delete it
        self.transformer = Transformer(width, layers, heads, inner)
        self.token_embedding = nn.Embedding(49408, width)
        self.positional_embedding = nn.Parameter(torch.zeros(77, width))
        self.ln_final = nn.LayerNorm(width)
        self.text_projection = nn.Parameter(torch.eye(width))
        self.register_buffer("attn_mask", torch.full((77, 77), -torch.inf).triu(1), persistent=False)


def create_model_and_transforms(arch: dict[str, int], device: Any, pretrained: Any) -> tuple[CLIP, None, None]:
    return CLIP(**arch).to(device), None, None


class SimpleTokenizer:
    """Byte pairs as CLIP's, without begin and end."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer, self.encoder = tokenizer, {"<start_of_text>": 49406, "<end_of_text>": 49407}

    def encode(self, text: str) -> list[int]:
        found: list[int] = self._tokenizer(text, add_special_tokens=False, verbose=False).input_ids
        return found


tokenizer = SimpleNamespace(_tokenizer=None)
