"""What stands between the WebUI and the text encoders."""

from types import SimpleNamespace
from typing import Any

import open_clip
import torch
from modules import shared
from torch import Tensor, nn


def sdp_forward(self: Any, x: Tensor, context: Tensor | None = None, mask: Any = None) -> Tensor:
    parts = (
        layer(x if context is None or layer is self.to_q else context) for layer in (self.to_q, self.to_k, self.to_v)
    )
    q, k, v = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in parts)
    out = torch.nn.functional.scaled_dot_product_attention(q, k, v)
    found: Tensor = self.to_out(out.transpose(1, 2).flatten(2))
    return found


class Sdp:
    name = "sdp"

    def is_available(self) -> bool:
        return True

    def apply(self) -> None:
        from ldm.modules import attention

        attention.CrossAttention.forward = sdp_forward


optimizers = [SimpleNamespace(name="xformers"), Sdp()]


class Hijack:
    fixes: Any = None
    circular = False

    def __init__(self) -> None:
        self.comments: list[str] = []  # on the picture that is being made

    def apply_circular(self, enable: bool) -> None:
        """Tiling: every convolution of the loaded model continues at the opposite edge, until it is told otherwise."""
        if self.circular != enable:
            self.circular = enable
            for layer in (one for one in shared.sd_model.modules() if isinstance(one, nn.Conv2d)):
                layer.padding_mode = "circular" if enable else "zeros"

    def apply_optimizations(self, option: str | None = None) -> None:
        global current_optimizer
        current_optimizer = SimpleNamespace(name=option or shared.opts.data.get("cross_attention_optimization", "None"))


model_hijack = Hijack()
current_optimizer = SimpleNamespace(name="None")


class EmbeddingsWithFixes(nn.Module):
    """The token table, with a textual inversion's vectors in the prompt's places."""

    def __init__(self, wrapped: nn.Module) -> None:
        super().__init__()
        self.wrapped = wrapped

    def forward(self, ids: Tensor) -> Tensor:
        found: Tensor = self.wrapped(ids)
        return found if model_hijack.fixes is None else found * 0


class EmbedderWithCustomWords(nn.Module):
    """Around ldm's embedder: prompts in, token states out, 77 of a chunk."""

    def __init__(self, wrapped: Any) -> None:
        super().__init__()
        clip = wrapped.transformer.text_model.embeddings if hasattr(wrapped, "transformer") else wrapped.model
        clip.token_embedding = EmbeddingsWithFixes(clip.token_embedding)
        self.wrapped, self.id_start, self.id_end = wrapped, 49406, 49407
        self.id_pad = self.id_end if hasattr(wrapped, "transformer") else 0

    def tokenize(self, texts: list[str]) -> list[list[int]]:
        if not hasattr(self.wrapped, "transformer"):
            return [open_clip.tokenizer._tokenizer.encode(text) for text in texts]
        found: list[list[int]] = self.wrapped.tokenizer(texts, truncation=False, add_special_tokens=False).input_ids
        return found

    @torch.no_grad()
    def forward(self, text: str) -> Any:
        ids = self.tokenize([text])[0][:75]
        filled = torch.tensor([[self.id_start, *ids, self.id_end] + [self.id_pad] * (75 - len(ids))])
        if hasattr(self.wrapped, "transformer"):
            skip = shared.opts.data.get("CLIP_stop_at_last_layers", 1) if shared.sd_model.is_sd1 else 1
            states = self.wrapped.transformer(input_ids=filled, output_hidden_states=True)
            norm = self.wrapped.transformer.text_model.final_layer_norm
            return norm(states.hidden_states[-skip]) if skip > 1 else states.last_hidden_state
        return self.wrapped.encode_with_transformer(filled)
