"""Tokenizers that tests share: making one takes a fifth of a second."""

from functools import cache
from typing import Any

from transformers import CLIPTokenizer

_made_anew = CLIPTokenizer.from_pretrained


@cache
def tokenizer_in(folder: Any) -> CLIPTokenizer:
    """CLIP's tokenizer of a folder."""
    return _made_anew(folder)
