"""An open safetensors file, whose tensors are read into memory of their own.

A mapped file that becomes shorter would end the whole process (SIGBUS), and one that is written over would change the
numbers that were read already.
"""

import json
import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from lib_train.errors import ModelFileError, reason
from lib_train.file_kinds import SAFETENSORS, TORCH, kind_of_file, missing_file_text, wrong_kind_text
from lib_train.texts import joined, say

_LONGEST_HEADER = 100 * 2**20
_WANTED = say("a .safetensors file")
_TYPES = {
    "F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64,
    "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8, "BOOL": torch.bool,
    "F8_E4M3": torch.float8_e4m3fn, "F8_E5M2": torch.float8_e5m2,
}  # fmt: skip
"""As safetensors spells them."""


class Entry(NamedTuple):
    """What the header says of a tensor."""

    kind: str
    """Its type, as safetensors spells it."""
    shape: tuple[int, ...]
    begin: int
    """Of its bytes, behind the header."""
    end: int


@dataclass(frozen=True)
class OpenTensors:
    """See ``opened_tensors``."""

    path: Path
    metadata: dict[str, str]
    header: Mapping[str, Any]
    """As it stands in the file."""
    entries: Mapping[str, Entry]
    """Of each tensor by name, in the header's order."""
    size: int
    """Bytes of the file."""
    _file: BufferedReader = field(repr=False)
    _start: int = field(repr=False)
    _state: tuple[int, int] = field(repr=False)

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Of each tensor by name."""
        return {name: entry.shape for name, entry in self.entries.items()}

    def take(self, name: str) -> Tensor:
        """A tensor.

        Raises:
            ModelFileError: the header contradicts itself, or the file was changed since it was opened.
        """
        entry = self.entries[name]
        kind, count = _TYPES.get(entry.kind), entry.end - entry.begin
        if kind is None:
            raise ModelFileError(
                say("{path}: holds tensors of the type {kind}; choose one in fp16, bf16 or fp32",
                    path=self.path, kind=entry.kind)
            )  # fmt: skip
        if min((entry.begin, *entry.shape)) < 0 or count != math.prod(entry.shape) * kind.itemsize:
            why = say("its header does not fit its length")
            raise ModelFileError(say("{path}: is damaged ({why}); take another copy", path=self.path, why=why))
        found = torch.empty(count, dtype=torch.uint8)
        self.read_into(name, 0, found.numpy().data)
        return found.view(kind).reshape(entry.shape)

    def read_into(self, name: str, skip: int, room: memoryview) -> None:
        """Fill ``room`` with bytes of a tensor behind its first ``skip``.

        Raises:
            ModelFileError: as ``take``.
        """
        try:
            self._file.seek(self._start + self.entries[name].begin + skip)
            changed = self._file.readinto(room) < len(room) or state_of(self._file) != self._state
        except OSError as error:
            raise _unreadable(self.path, error) from error
        if changed:
            raise changed_since(self.path)


@contextmanager
def opened_tensors(path: Path) -> Iterator[OpenTensors]:
    """A safetensors file, open: what is put in its place meanwhile is not seen, and what is written into it is told.

    Raises:
        ModelFileError: it is missing, cut short, or no safetensors file.
    """
    if not os.path.isfile(path):  # pathlib's own raises for names that no file can have
        raise ModelFileError(joined(": ", (path, missing_file_text(str(path), _WANTED))))
    try:
        file = path.open("rb")
    except OSError as error:
        raise _unreadable(path, error) from error
    with file:
        yield _opened(path, file)


def read_header(path: Path) -> tuple[dict[str, str], dict[str, tuple[str, tuple[int, ...]]]]:
    """Metadata, and type and shape of every tensor, without reading the tensors.

    Raises:
        ModelFileError: see ``opened_tensors``.
    """
    with opened_tensors(path) as file:
        return file.metadata, {name: (entry.kind, entry.shape) for name, entry in file.entries.items()}


def _opened(path: Path, file: BufferedReader) -> OpenTensors:
    try:
        kind = kind_of_file(path)
        if kind == TORCH:
            raise ModelFileError(
                say("{path}: is a torch file (.pt), which is not read here; convert it to .safetensors", path=path)
            )
        if kind != SAFETENSORS:
            raise ModelFileError(joined(": ", (path, wrong_kind_text(path, _WANTED))))
        return _with_header(path, file)
    except OSError as error:
        raise _unreadable(path, error) from error
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        raise _foreign(path, say("its header cannot be read ({error!r})", error=error)) from error


def _with_header(path: Path, file: BufferedReader) -> OpenTensors:
    state = size, _ = state_of(file)
    length = int.from_bytes(file.read(8), "little")
    if not 2 <= length <= min(size - 8, _LONGEST_HEADER):
        raise _foreign(path, say("is no safetensors file, or cut short"))
    header = json.loads(file.read(length))
    tensors = {name: entry for name, entry in header.items() if name != "__metadata__"}
    entries = {name: _entry(one) for name, one in tensors.items()}
    metadata = {str(key): str(text) for key, text in (header.get("__metadata__") or {}).items()}
    end = 8 + length + max((entry.end for entry in entries.values()), default=0)
    if end != size:
        raise _foreign(
            path, say("is cut short or damaged: {size} bytes, its header speaks of {end}", size=size, end=end)
        )
    return OpenTensors(path, metadata, header, entries, size, file, 8 + length, state)


def _entry(found: Mapping[str, Any]) -> Entry:
    begin, end = found["data_offsets"]
    return Entry(str(found["dtype"]), tuple(map(int, found["shape"])), int(begin), int(end))


def state_of(file: BufferedReader) -> tuple[int, int]:
    """Bytes, and when somebody wrote last."""
    stat = os.fstat(file.fileno())
    return stat.st_size, stat.st_mtime_ns


def changed_since(path: Path) -> ModelFileError:
    """What to tell of a file that somebody wrote into while it was read."""
    return ModelFileError(
        say("{path}: was changed while it was read; wait until it is written, and begin again", path=path)
    )


def _unreadable(path: Path, error: OSError) -> ModelFileError:
    return ModelFileError(say("{path}: cannot be read ({why}); check its permissions", path=path, why=reason(error)))


def _foreign(path: Path, why: str) -> ModelFileError:
    return ModelFileError(say("{path}: {why}; choose a .safetensors file, or take another copy", path=path, why=why))
