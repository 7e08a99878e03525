"""Text-encoder outputs of all distinct captions, made once."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor

from lib_train.dataset.kept import made, read_tensors, write_tensors

Encoded = tuple[Tensor, Tensor | None]
"""Context (B, 77 * n, C), and for SDXL the pooled output (B, P)."""
Encode = Callable[[Sequence[str]], Encoded]
_BATCH = 16


class ContextStore:
    """Conditioning of each distinct caption, as long as its own text asks.

    Captions of one batch must be of one length: shorter ones get the empty caption's chunks behind them, just what
    the text encoder gives when such captions are encoded together.

    Args:
        captions: the texts that will be asked for; "" is always among them.
        key: what the text encoders are, and everything else that decides their output.
        folder: where outputs are kept; None keeps them in memory alone.
        encode: for captions that are asked for and not there, each by itself; None where ``fill`` comes first.
    """

    def __init__(self, captions: Sequence[str], key: str, folder: Path | None, encode: Encode | None = None) -> None:
        self._captions = list(dict.fromkeys(["", *captions]))
        self._key, self._folder, self._encode = key, folder, encode
        self._kept: dict[str, Encoded] = {}
        if folder is not None:
            made(folder)
            for caption in self._captions:
                self._read(folder, caption)

    def fill(self, encode: Encode) -> Iterator[tuple[int, int]]:
        """Encode what is missing; yields (done, total) after each batch.

        Raises:
            FileError: the folder cannot be written to.
        """
        missing = [caption for caption in self._captions if caption not in self._kept]
        for done, caption in enumerate(missing, start=1):
            self._keep(caption, encode)
            self._write(caption)
            if done % _BATCH == 0 or done == len(missing):
                yield done, len(missing)

    def condition(self, captions: Sequence[str]) -> Encoded:
        """Conditioning of B captions, (B, T, C) with the T of the longest, and pooled (B, P) or None."""
        for caption in ("", *captions):
            if self._encode is not None and caption not in self._kept:
                self._keep(caption, self._encode)
        found = [self._kept[caption] for caption in captions]
        longest = max(context.shape[0] for context, _ in found)
        filler = self._kept[""][0]
        contexts = []
        for context, _ in found:
            lacking = (longest - context.shape[0]) // filler.shape[0]
            contexts.append(torch.cat([context, *[filler] * lacking]))
        pooled = [one for _, one in found if one is not None]
        return torch.stack(contexts), torch.stack(pooled) if pooled else None

    def _keep(self, caption: str, encode: Encode) -> None:
        context, pooled = encode([caption])
        self._kept[caption] = context[0].float().cpu(), None if pooled is None else pooled[0].float().cpu()

    def _write(self, caption: str) -> None:
        if self._folder is not None:
            context, pooled = self._kept[caption]
            tensors = {"context": context} | ({} if pooled is None else {"pooled": pooled})
            write_tensors(self._file(self._folder, caption), tensors)

    def _read(self, folder: Path, caption: str) -> None:
        found = read_tensors(self._file(folder, caption))
        if "context" in found:
            self._kept[caption] = found["context"], found.get("pooled")

    def _file(self, folder: Path, caption: str) -> Path:
        return folder / f"{hashlib.sha256(repr((self._key, caption)).encode()).hexdigest()[:40]}.safetensors"
