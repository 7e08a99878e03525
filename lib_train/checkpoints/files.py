"""Network files on disk: written whole or not at all, and read with a clear word when that fails."""

import errno
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from lib_train.checkpoints.hashes import data_start, network_hashes
from lib_train.errors import FileError, ModelFileError, reason
from lib_train.file_kinds import SAFETENSORS, TORCH, kind_of_file, missing_file_text, wrong_kind_text
from lib_train.files import write_whole
from lib_train.networks.kinds import NOT_IN_BF16
from lib_train.texts import joined, say

PRECISIONS = {"fp16": torch.float16, "bf16": torch.bfloat16, "float": torch.float32}
_LONGEST_HEADER = 100 * 2**20
_WANTED = say("a .safetensors file")


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
        precision: one of ``PRECISIONS``; bf16 is fp16 for parts that it would ruin. A file with numbers beyond its
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
    ready, beyond = _cast(tensors, precision)
    content = save(ready, {key: text for key, text in metadata.items() if key.startswith("ss_")})
    start = data_start(content)
    header = {**json.loads(content[8:start]), "__metadata__": {**metadata, **network_hashes(content)}}
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    try:
        write_whole(path, len(text).to_bytes(8, "little") + text, memoryview(content)[start:], replace=replace)
    except FileExistsError as error:  # since a moment ago
        raise _taken(path) from error
    except OSError as error:
        raise unwritable(path, 8 + len(text) + len(content) - start, error) from error
    return beyond


def reject_taken(path: Path) -> None:
    """Raise a FileError where there is a file already."""
    if path.exists():
        raise _taken(path)


def _taken(path: Path) -> FileError:
    return FileError(
        say("{path}: is there already and is not written over; move it away or choose another name", path=path)
    )


def _cast(tensors: Mapping[str, Tensor], precision: str) -> tuple[dict[str, Tensor], list[str]]:
    """The tensors as a file holds them, and the names of those whose numbers ``precision`` cannot hold."""
    cast = {name: tensor.detach().to("cpu", _type(name, precision, tensor)) for name, tensor in tensors.items()}
    ready = {name: tensor.contiguous() for name, tensor in cast.items()}
    infinite = {name: found for name, tensor in ready.items() if (found := torch.isinf(tensor)).any()}
    beyond = [name for name, found in infinite.items() if torch.isfinite(tensors[name].detach().cpu()[found]).any()]
    return (_cast(tensors, "float")[0] if beyond else ready), beyond


def _type(name: str, precision: str, tensor: Tensor) -> torch.dtype:
    if not precision:
        return tensor.dtype
    return PRECISIONS["fp16" if precision == "bf16" and name.partition(".")[2] in NOT_IN_BF16 else precision]


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
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return FileError(
            say(
                "{path}: the disk is full, {size:.1f} MiB are needed; make room and resume",
                path=path,
                size=size / 2**20,
            )
        )
    return FileError(
        say("{path}: cannot be written ({why}); check the folder's permissions", path=path, why=reason(error))
    )


def read_network(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors and metadata of a network file; with PEFT's adapter_config.json beside it as its entry adapter_config.

    Raises:
        ModelFileError: it is missing, damaged or no safetensors file.
    """
    metadata, shapes = read_header(path)
    config = path.with_name("adapter_config.json")
    try:
        if path.name == "adapter_model.safetensors" and config.is_file():
            metadata["adapter_config"] = config.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise ModelFileError(
            say("{path}: cannot be read ({why}); check its permissions", path=config, why=reason(error))
        ) from error
    return read_tensors(path, shapes), metadata


def read_tensors(path: Path, names: Iterable[str]) -> dict[str, Tensor]:
    """Some tensors of a safetensors file.

    Raises:
        ModelFileError: it is damaged.
    """
    try:
        with safe_open(path, "pt") as file:
            return {name: file.get_tensor(name) for name in names}
    except (SafetensorError, OSError, ValueError) as error:
        raise ModelFileError(
            say("{path}: is damaged ({why}); take another copy", path=path, why=reason(error))
        ) from error


def read_metadata(path: Path) -> dict[str, str]:
    """Metadata of a safetensors file, from its header alone."""
    return read_header(path)[0]


def read_header(path: Path) -> tuple[dict[str, str], dict[str, tuple[str, tuple[int, ...]]]]:
    """Metadata, and type and shape of every tensor, without reading the tensors.

    Raises:
        ModelFileError: it is missing, cut short, or no safetensors file.
    """
    if not os.path.isfile(path):  # pathlib's own raises for names that no file can have
        raise ModelFileError(joined(": ", (path, missing_file_text(str(path), _WANTED))))
    try:
        kind = kind_of_file(path)
        if kind == TORCH:
            raise ModelFileError(
                say("{path}: is a torch file (.pt), which is not read here; convert it to .safetensors", path=path)
            )
        if kind != SAFETENSORS:
            raise ModelFileError(joined(": ", (path, wrong_kind_text(path, _WANTED))))
        return _header(path)
    except OSError as error:
        raise ModelFileError(
            say("{path}: cannot be read ({why}); check its permissions", path=path, why=reason(error))
        ) from error
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        raise _foreign(path, say("its header cannot be read ({error!r})", error=error)) from error


def _header(path: Path) -> tuple[dict[str, str], dict[str, tuple[str, tuple[int, ...]]]]:
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 2 <= length <= min(size - 8, _LONGEST_HEADER):
            raise _foreign(path, say("is no safetensors file, or cut short"))
        header = json.loads(file.read(length))
    metadata = header.pop("__metadata__", None) or {}
    shapes = {name: (str(entry["dtype"]), tuple(map(int, entry["shape"]))) for name, entry in header.items()}
    end = 8 + length + max((int(entry["data_offsets"][1]) for entry in header.values()), default=0)
    if end != size:
        raise _foreign(
            path, say("is cut short or damaged: {size} bytes, its header speaks of {end}", size=size, end=end)
        )
    return {str(key): str(text) for key, text in metadata.items()}, shapes


def _foreign(path: Path, why: str) -> ModelFileError:
    return ModelFileError(say("{path}: {why}; choose a .safetensors file, or take another copy", path=path, why=why))
