"""Network files on disk: written whole or not at all, and read with a clear word when that fails."""

import errno
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import torch
from safetensors.torch import save
from torch import Tensor

from lib_train.checkpoints.hashes import data_start, network_hashes
from lib_train.checkpoints.opened import opened_tensors, read_header
from lib_train.errors import FileError, ModelFileError, reason
from lib_train.files import free_bytes, write_whole
from lib_train.network_kinds import split
from lib_train.networks.kinds import NOT_IN_BF16
from lib_train.networks.peft_kinds import WIDE
from lib_train.texts import say

PRECISIONS = {"fp16": torch.float16, "bf16": torch.bfloat16, "float": torch.float32}


def write_network(
    path: Path,
    tensors: Mapping[str, Tensor],
    metadata: Mapping[str, str],
    precision: str = "fp16",
    *,
    replace: bool = False,
) -> list[str]:
    """Write a network file with its hashes. A crash at any moment leaves what was at ``path``, or the whole new file.

    Args:
        tensors: live tensors under their names; all are cast, alphas too, as readers expect.
        precision: one of ``PRECISIONS``; bf16 is fp16 for parts that it would ruin, and 16 bits are 32 for PEFT's of
            (IA)3, which are learned as differences from 1. A file with numbers beyond its
            range (65504 in fp16) is float32 as a whole: cast, they would be infinite, and the file of no use. Empty
            leaves each tensor in its own.
        metadata: strings alone; ``sshs_*`` are added here.
        replace: whether a file that is there already may be written over.

    Returns:
        Names of the tensors with numbers beyond the range of ``precision``; empty where the file is of that.

    Raises:
        FileError: a file is there already, or the disk is full or read-only.
    """
    if not replace:
        reject_taken(path)
    metadata = {key: whole_letters(text) for key, text in metadata.items()}
    ready, beyond = _cast(tensors, precision)
    content = save(ready, {key: text for key, text in metadata.items() if key.startswith("ss_")})
    start = data_start(content)
    header = {**json.loads(content[8:start]), "__metadata__": {**metadata, **network_hashes(content)}}
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    try:
        write_whole(path, len(text).to_bytes(8, "little") + text, memoryview(content)[start:], replace=replace)
    except OSError as error:
        raise unwritable(path, 8 + len(text) + len(content) - start, error) from error
    return beyond


def whole_letters(text: str) -> str:
    r"""The text with ? for what is no letter, such as bytes of a name that are no Unicode: JSON has none of them.

    >>> whole_letters("caf\udce9 猫")
    'caf? 猫'
    """
    return text.encode("utf-8", "replace").decode()


def reject_taken(path: Path) -> None:
    """Raise a FileError where there is a file already, or a link, or none can be."""
    if os.path.lexists(path):
        raise _taken(path)
    try:
        if not os.access(path.parent, os.W_OK):
            os.stat(path.parent)
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        with suppress(FileNotFoundError):
            os.lstat(path)  # whose name may be too long
    except (OSError, ValueError) as error:
        raise unwritable(path, 0, OSError(*error.args) if isinstance(error, ValueError) else error) from error


def _taken(path: Path) -> FileError:
    return FileError(
        say("{path}: is there already and is not written over; move it away or choose another name", path=path)
    )


def _cast(tensors: Mapping[str, Tensor], precision: str) -> tuple[dict[str, Tensor], list[str]]:
    """The tensors as a file holds them, and the names of those whose numbers ``precision`` cannot hold."""
    cast = {name: tensor.detach().to("cpu", _type(name, precision, tensor)) for name, tensor in tensors.items()}
    ready = {name: tensor.contiguous() for name, tensor in cast.items()}
    if not precision:
        return ready, []
    infinite = {name: found for name, tensor in ready.items() if (found := torch.isinf(tensor)).any()}
    beyond = [name for name, found in infinite.items() if torch.isfinite(tensors[name].detach().cpu()[found]).any()]
    return (_cast(tensors, "float")[0] if beyond and precision != "float" else ready), beyond


def _type(name: str, precision: str, tensor: Tensor) -> torch.dtype:
    part = split(name)[1]
    if not precision or part in WIDE and tensor.dtype in (torch.float32, torch.float64):
        return tensor.dtype
    if part in WIDE:
        return torch.float32
    return PRECISIONS["fp16" if precision == "bf16" and part in NOT_IN_BF16 else precision]


def holds(path: Path, tensors: Mapping[str, Tensor], precision: str) -> bool:
    """Whether a file is what ``write_network`` makes of these tensors, whatever its metadata."""
    try:
        found, _ = read_network(path)
    except ModelFileError:
        return False
    ready, _ = _cast(tensors, precision)
    return found.keys() == ready.keys() and all(
        found[name].dtype == tensor.dtype and torch.equal(found[name], tensor) for name, tensor in ready.items()
    )


def unwritable(path: Path, size: int, error: OSError) -> FileError:
    """What to tell a person when ``path`` with ``size`` bytes could not be written."""
    if isinstance(error, FileExistsError):  # since a moment ago
        return _taken(path)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _without_room(path, size, free_bytes(path.parent) or 0)
    return FileError(
        say("{path}: cannot be written ({why}); check the folder's permissions", path=path, why=reason(error))
    )


def require_room(path: Path, size: int) -> None:
    """Raise a FileError where the disk has no room for ``path`` with ``size`` bytes."""
    free = free_bytes(path.parent)
    if free is not None and free < size:
        raise _without_room(path, size, free)


def _without_room(path: Path, size: int, free: int) -> FileError:
    return FileError(
        say("{path}: the disk is full: {size:.1f} MiB are needed, {free:.1f} MiB are free; make room, then resume or "
            "begin again",
            path=path, size=size / 2**20, free=free / 2**20)
    )  # fmt: skip


def read_network(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors and metadata of a network file; with PEFT's adapter_config.json beside it as its entry adapter_config.

    Raises:
        ModelFileError: it is missing, damaged or no safetensors file.
    """
    with opened_tensors(path) as file:
        tensors, metadata = {name: file.take(name) for name in file.entries}, file.metadata
    return tensors, with_config(path, metadata)


def with_config(path: Path, metadata: Mapping[str, str]) -> dict[str, str]:
    """The metadata of a network file, with PEFT's adapter_config.json beside it as its entry adapter_config.

    Raises:
        ModelFileError: that cannot be read.
    """
    found = dict(metadata)
    config = path.with_name("adapter_config.json")
    try:
        if path.name == "adapter_model.safetensors" and config.is_file():
            found["adapter_config"] = config.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise ModelFileError(
            say("{path}: cannot be read ({why}); check its permissions", path=config, why=reason(error))
        ) from error
    return found


def read_metadata(path: Path) -> dict[str, str]:
    """Metadata of a safetensors file, from its header alone."""
    return read_header(path)[0]
