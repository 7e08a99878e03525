"""Network files on disk: written whole or not at all, and read with a clear word when that fails."""

import errno
import json
import os
import struct
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor

from lib_train.checkpoints.hashes import with_hashes
from lib_train.errors import FileError, ModelFileError

PRECISIONS = {"fp16": torch.float16, "bf16": torch.bfloat16, "float": torch.float32}
_LONGEST_HEADER = 100 * 2**20


def write_network(
    path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str], precision: str = "fp16"
) -> None:
    """Write a network file with its hashes. A crash at any moment leaves no file under ``path``, or the whole one.

    Args:
        tensors: live tensors under their names; all are cast, alphas too, as readers expect.
        metadata: strings alone; ``sshs_*`` are added here.

    Raises:
        FileError: a file is there already, or the disk is full or read-only.
    """
    if path.exists():
        raise FileError(f"{path}: is there already and is not written over; move it away or choose another name")
    kind = PRECISIONS[precision]
    ready = {name: tensor.detach().to("cpu", kind).contiguous() for name, tensor in tensors.items()}
    content = save(ready, with_hashes(ready, metadata))
    write_whole(path, content)


def write_whole(path: Path, content: bytes) -> None:
    """Write bytes under a temporary name, bring them to the disk, and only then give them their name.

    Raises:
        FileError: the disk is full or cannot be written to; nothing is left behind.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
        sync_folder(path.parent)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise unwritable(path, len(content), error) from error


def unwritable(path: Path, size: int, error: OSError) -> FileError:
    """What to tell a person when ``path`` with ``size`` bytes could not be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return FileError(f"{path}: the disk is full, {size / 2**20:.1f} MiB are needed; make room and resume")
    return FileError(f"{path}: cannot be written ({error.strerror or error}); check the folder's permissions")


def sync_folder(folder: Path) -> None:
    """Bring a folder's list of names to the disk, where the system can (Windows cannot, and needs not)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_network(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors and metadata of a network file.

    Raises:
        ModelFileError: it is missing, damaged or no safetensors file.
    """
    metadata = read_metadata(path)
    try:
        return dict(load_file(path)), metadata
    except (SafetensorError, OSError, ValueError) as error:
        raise ModelFileError(f"{path}: is damaged ({error}); take another copy") from error


def read_metadata(path: Path) -> dict[str, str]:
    """Metadata of a safetensors file, from its header alone."""
    return read_header(path)[0]


def read_header(path: Path) -> tuple[dict[str, str], dict[str, tuple[str, tuple[int, ...]]]]:
    """Metadata, and type and shape of every tensor, without reading the tensors.

    Raises:
        ModelFileError: it is missing, cut short, or no safetensors file.
    """
    wrong: Callable[[str], ModelFileError] = lambda why: ModelFileError(  # noqa: E731
        f"{path}: {why}; choose a .safetensors file, or take another copy"
    )
    if not path.is_file():
        raise ModelFileError(f"{path}: there is no such file; check the path")
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
        if not 2 <= length <= min(size - 8, _LONGEST_HEADER):
            raise wrong("is no safetensors file, or cut short")
        try:
            header = json.loads(file.read(length))
            metadata = header.pop("__metadata__", {})
            shapes = {name: (str(entry["dtype"]), tuple(entry["shape"])) for name, entry in header.items()}
            end = max((entry["data_offsets"][1] for entry in header.values()), default=0)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise wrong(f"its header cannot be read ({error})") from error
    if 8 + length + end != size:
        raise wrong(f"is cut short: {size} bytes, {8 + length + end} belong to it")
    return {str(key): str(value) for key, value in metadata.items()}, shapes
