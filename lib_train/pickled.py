"""Tensors of a file that ``torch.save`` wrote. No code of the file is ever run."""

import pickle
import pickletools
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import torch
from torch import Tensor

from lib_train.errors import ModelFileError, OutOfMemory, is_short_of_memory, reason
from lib_train.texts import joined, say

_BROKEN = (
    pickle.PickleError, RuntimeError, OSError, EOFError, ValueError, LookupError, TypeError, AttributeError,
    AssertionError, ImportError, ArithmeticError, BufferError, struct.error, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What reading a damaged or foreign pickle raises."""
_WRAPPERS = ("state_dict", "model_state_dict", "model", "module", "params_ema", "params")
"""Under which names programs put their tensors one level down."""
_PLAIN = ("torch", "collections", "_codecs", "builtins", "__builtin__", "copy_reg", "copyreg")
"""Packages whose names are no sign of foreign objects."""
_RUNS_CODE = re.compile(
    r"torch\.(nn|optim|cuda|amp|jit|fx|distributed|utils|hub|serialization)\.(?!parameter\.)|collections\.abc\."
    r"|(builtins|__builtin__)\.(eval|exec|execfile|compile|getattr|setattr|open|__import__|input|globals)$"
)
"""What they have beside plain data: whole modules, optimizers, and functions that a pickle may call."""


@contextmanager
def file_errors(path: Path) -> Iterator[None]:
    """Turn an error of the system into a sentence about the file."""
    try:
        yield
    except (OSError, MemoryError, RuntimeError) as error:
        if is_short_of_memory(error):
            size = path.stat().st_size / 2**30
            raise OutOfMemory(
                say(
                    "{path}: its {size:.1f} GiB do not fit into the memory that is free; close other "
                    "programs, or choose a smaller copy of the model (fp16, pruned)",
                    path=path,
                    size=size,
                )
            ) from error
        if isinstance(error, OSError):
            why = reason(error) or say("it cannot be opened")
            raise ModelFileError(
                say("{path}: cannot be read ({why}); check its permissions and the disk", path=path, why=why)
            ) from error
        raise


def pickled_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors by name, wherever the file keeps them; what else is in it is passed over.

    Raises:
        ModelFileError: it is damaged, holds what cannot be read without running its code, or no tensors.
        MemoryError, RuntimeError: the memory did not suffice, in Python's or torch's words.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's, of protocols and old storages: nothing that a person can mend
        try:
            found = _loaded(path)
        except _BROKEN as error:
            if is_short_of_memory(error):
                raise
            raise ModelFileError(joined(": ", (path, _fault_of(path)))) from error
    tensors = _tensors_in(found)
    if not tensors:
        raise ModelFileError(
            say("{path}: holds no tensors by name ({found}); choose a checkpoint", path=path, found=_described(found))
        )
    strange = {str(tensor.dtype).removeprefix("torch.") for tensor in tensors.values() if tensor.is_complex()}
    if strange:
        raise ModelFileError(
            say(
                "{path}: holds tensors of the type {kind}; choose one in fp16, bf16 or fp32",
                path=path,
                kind=min(strange),
            )
        )
    return {name: tensor.detach() for name, tensor in tensors.items()}


def _fault_of(path: Path) -> str:
    foreign = next(_foreign_names(path), None)
    if foreign is None or not foreign.isprintable():
        return say("is cut short or damaged: its pickle cannot be read; take another copy")
    return say(
        "holds more than tensors ({foreign}), which cannot be read without running code from the file; "
        "choose a .safetensors file of the same model, or have the WebUI's Checkpoint Merger make one of it",
        foreign=foreign,
    )


def _loaded(path: Path) -> Any:
    if path.suffix.lower() == ".safetensors":  # newer versions of torch would go by the ending
        with path.open("rb") as file:
            return torch.load(file, map_location="cpu", weights_only=True)
    return torch.load(path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path))


def _tensors_in(found: Any) -> dict[str, Tensor]:
    for _ in range(4):
        if not isinstance(found, Mapping):
            break
        usable = {name: _plain(t) for name, t in found.items() if isinstance(name, str) and _is_usable(t)}
        inner = next((found[name] for name in _WRAPPERS if isinstance(found.get(name), Mapping)), None)
        if inner is None or (usable and inner is not found.get("state_dict")):
            return usable
        found = inner
    return {}


def _is_usable(value: Any) -> bool:
    return isinstance(value, Tensor) and not value.is_meta


def _plain(tensor: Tensor) -> Tensor:
    return tensor if tensor.layout == torch.strided else tensor.to_dense()


def _described(found: Any) -> str:
    if isinstance(found, Mapping):
        names = ", ".join(repr(name)[:40] for name in list(found)[:3])
        return say("a table of {names}", names=names) if found else say("an empty table")
    if isinstance(found, list | tuple | set | str | bytes):
        return say("a {kind} of {count}", kind=type(found).__name__, count=len(found))
    return say("a {kind}", kind=type(found).__name__)


def _foreign_names(path: Path) -> Iterator[str]:
    """Classes and functions of other packages that the file's pickles name, such as a training program's callbacks."""
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                inner = next(name for name in archive.namelist() if name.endswith("/data.pkl"))
                with archive.open(inner) as file:
                    yield from _named_in(file)
        else:
            with path.open("rb") as file:
                for _ in range(4):  # older files: a magic number, a version, the system, and then the object
                    yield from _named_in(file)
    except (*_BROKEN, MemoryError, StopIteration):
        return


def _is_foreign(name: str) -> bool:
    return name.partition(".")[0] not in _PLAIN or _RUNS_CODE.match(name) is not None


def _named_in(file: IO[bytes]) -> Iterator[str]:
    texts: list[str] = []
    for code, argument, _ in pickletools.genops(file):
        if isinstance(argument, str) and code.name != "GLOBAL":
            texts = [*texts[-1:], argument]
        name = str(argument).replace(" ", ".") if code.name == "GLOBAL" else ".".join(texts)
        if code.name in ("GLOBAL", "STACK_GLOBAL") and _is_foreign(name):
            yield name
