"""An open checkpoint or VAE file: names and shapes are read at once, tensors on access."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from io import BufferedIOBase, RawIOBase
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lib_train.errors import ModelFileError
from lib_train.file_kinds import SAFETENSORS, TORCH, kind_of_file, missing_file_text, wrong_kind_text
from lib_train.networks.keys import ldm_vae_weight
from lib_train.pickled import file_errors, pickled_tensors
from lib_train.texts import joined, say

"""Endings of the files that are offered as base models; a file opens by what it holds, whatever its ending."""
WANTED = say("a .safetensors or .ckpt file")
_FIRST_STAGE, _CLIP = "first_stage_model.", "cond_stage_model.transformer."
_OLD_ATTENTION = {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}
_TYPES = {
    "F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64,
    "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8, "BOOL": torch.bool,
    "F8_E4M3": torch.float8_e4m3fn, "F8_E5M2": torch.float8_e5m2,
}  # fmt: skip
"""As safetensors spells them."""


@dataclass(frozen=True)
class TensorFile:
    """Tensors by name, read on access so that memory holds each once."""

    path: Path
    shapes: Mapping[str, tuple[int, ...]]
    take: Callable[[str], Tensor]
    """May be called from several threads at once."""
    metadata: Mapping[str, str]

    def renamed(self, names: Mapping[str, str]) -> "TensorFile":
        """The same file with only these tensors: new name -> name in the file."""
        shapes = {new: self.shapes[old] for new, old in names.items()}
        return replace(self, shapes=shapes, take=lambda name: self.take(names[name]))


def require_file(name: str | Path, setting: str = "") -> Path:
    """The path, when a file is there.

    Raises:
        ModelFileError: none is; says what is there instead. ``setting`` names where the path was given.
    """
    if not os.path.isfile(name):  # pathlib's own raises for names that no file can have
        owner = f"{setting} = {str(name)!r}" if setting else str(name)
        raise ModelFileError(joined(": ", (owner, missing_file_text(str(name), WANTED))))
    return Path(name)


def open_tensors(path: Path) -> TensorFile:
    """The file's tensors, under the names that SD1.x, SD2.x and SDXL are published with.

    Raises:
        ModelFileError: the file is missing, damaged, or of a kind that is not opened.
        OutOfMemory: the machine has too little memory to open it.
    """
    require_file(path)
    with file_errors(path):
        kind = kind_of_file(path)
        if kind == SAFETENSORS:
            file = _open_safetensors(path)
        elif kind == TORCH:
            tensors = pickled_tensors(path)
            file = TensorFile(path, {name: tuple(t.shape) for name, t in tensors.items()}, tensors.__getitem__, {})
        else:
            raise ModelFileError(joined(": ", (path, wrong_kind_text(path, WANTED))))
    return file.renamed({_published(name): name for name in file.shapes})


def _published(name: str) -> str:
    """Some SD1 checkpoints leave out ``text_model.``."""
    rest = name.removeprefix(_CLIP)
    if rest != name and rest.startswith(("embeddings.", "encoder.", "final_layer_norm.")):
        return f"{_CLIP}text_model.{rest}"
    return name


def _open_safetensors(path: Path) -> TensorFile:
    from safetensors import SafetensorError, safe_open

    try:
        with path.open("rb") as raw:
            length = int.from_bytes(raw.read(8), "little")
            header: dict[str, Any] = json.loads(raw.read(length))
            mark = _mark_of(raw)
        with safe_open(path, "pt") as file:  # checks the header against the file's size
            metadata: Mapping[str, str] = file.metadata() or {}
    except (SafetensorError, ValueError, RecursionError) as error:
        raise ModelFileError(
            say("{path}: is no whole safetensors file ({why}); take another copy", path=path, why=_fault_of(path))
        ) from error
    header.pop("__metadata__", None)
    strange = {entry["dtype"] for entry in header.values()}.difference(_TYPES)
    if strange:
        raise ModelFileError(
            say(
                "{path}: holds tensors of the type {kind}; choose one in fp16, bf16 or fp32",
                path=path,
                kind=min(strange),
            )
        )

    def take(name: str) -> Tensor:
        entry = header[name]
        begin, end = entry["data_offsets"]
        with file_errors(path):
            found = _read(path, 8 + length + begin, end - begin, mark)
            return found.view(_TYPES[entry["dtype"]]).reshape(entry["shape"])

    return TensorFile(path, {name: tuple(entry["shape"]) for name, entry in header.items()}, take, metadata)


def _fault_of(path: Path) -> str:
    """Whether a file that safetensors refuses is truncated, as broken downloads are."""
    size = path.stat().st_size
    with path.open("rb") as raw:
        length = int.from_bytes(raw.read(8), "little")
        if 8 + length > size:
            return say("it is cut short within its header, {size} bytes", size=size)
        try:
            entries = json.loads(raw.read(length))
            end = 8 + length + max(entry["data_offsets"][1] for name, entry in entries.items() if name[:2] != "__")
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return say("its header is damaged")
    if size < end:
        return say("it is cut short: {size} bytes of {whole}", size=size, whole=end)
    return say("its header does not fit its length")


def _mark_of(file: BufferedIOBase | RawIOBase) -> tuple[int, int, int]:
    """Which file it is, its bytes, and when somebody wrote last."""
    stat = os.fstat(file.fileno())
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def _read(path: Path, begin: int, count: int, mark: tuple[int, int, int]) -> Tensor:
    """Bytes of a file in memory of their own. A mapped file would stay in memory beside what is made of it."""
    found = torch.empty(count, dtype=torch.uint8)
    with path.open("rb", buffering=0) as raw:
        raw.seek(begin)
        if raw.readinto(found.numpy().data) != count or _mark_of(raw) != mark:
            raise ModelFileError(
                say("{path}: was changed while it was read; wait until it is written, and begin again", path=path)
            )
    return found


def vae_of(file: TensorFile) -> TensorFile:
    """The VAE in a checkpoint or VAE file, under ldm's names ("encoder.conv_in.weight"); diffusers' are translated."""
    inner = {name.removeprefix(_FIRST_STAGE): name for name in file.shapes if name.startswith(_FIRST_STAGE)}
    if inner:
        return file.renamed(inner)
    if any(name.startswith("encoder.down_blocks.") for name in file.shapes):
        return file.renamed({_ldm_vae_name(name): name for name in file.shapes})
    return file


def _ldm_vae_name(name: str) -> str:
    parts = [_OLD_ATTENTION.get(part, part) for part in name.split(".")] if ".attentions." in name else [name]
    return ldm_vae_weight(".".join(parts), torch.empty(0))[0].removeprefix(_FIRST_STAGE)
