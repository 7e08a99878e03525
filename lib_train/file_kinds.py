"""Recognises files by their first bytes: endings mislead, and downloads may be other files than expected."""

import json
import os
import re
import zipfile
from contextlib import suppress
from pathlib import Path

from lib_train.texts import say
from lib_train.vocabulary import TENSORS

SAFETENSORS, TORCH = "safetensors", "torch"
_LONGEST_HEADER = 100 * 2**20
_ARCHIVES = {
    b"PK\x03\x04": "zip", b"PK\x05\x06": "zip", b"\x1f\x8b": "gzip", b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!\x1a\x07": "rar", b"\xfd7zXZ\x00": "xz", b"BZh": "bzip2", b"\x28\xb5\x2f\xfd": "zstd",
}  # fmt: skip
_MODELS = {
    b"GGUF": say("a GGUF file (weights quantised for stable-diffusion.cpp or ComfyUI)"),
    b"\x89HDF\r\n\x1a\n": say("an HDF5 file (of Keras or TensorFlow)"),
    b"\x93NUMPY": say("a NumPy array"),
}
_OTHERS = {
    b"\x89PNG": say("a picture"), b"\xff\xd8\xff": say("a picture"), b"GIF8": say("a picture"),
    b"RIFF": say("a picture or sound"), b"%PDF": say("a PDF document"), b"\x7fELF": say("a program"),
    b"MZ": say("a program"), b"SQLite format 3": say("a database"),
}  # fmt: skip
_ADDRESS = re.compile(r"https?:/|hf:/|www\.|huggingface\.co/|civitai\.com/", re.IGNORECASE)
_HUB_NAME = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*")
_UNFINISHED = (".crdownload", ".part", ".partial", ".aria2", ".tmp", ".download", ".incomplete")
_NO_ARCHIVE = (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError)
"""What zipfile raises for what is no archive, is a damaged one, or one of a kind that it does not read."""


def kind_of_file(path: Path) -> str:
    """``SAFETENSORS`` or ``TORCH`` (a pickle of ``torch.save``, old or new), whatever its name; else "".

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(32)
    if _begins_a_header(head, path.stat().st_size):
        return SAFETENSORS
    if head[:1] == b"\x80" and head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        return TORCH
    names = _names_in(path)
    return TORCH if any(name.endswith("/data.pkl") for name in names) and not _is_program(names) else ""


def _begins_a_header(head: bytes, size: int) -> bool:
    length = int.from_bytes(head[:8], "little")
    return head[8:9] == b"{" and 2 <= length <= _LONGEST_HEADER and size > 8


def _names_in(path: Path) -> list[str]:
    with suppress(*_NO_ARCHIVE), zipfile.ZipFile(path) as archive:
        return archive.namelist()
    return []


def _is_program(names: list[str]) -> bool:
    return any("/code/" in name or name.endswith("/constants.pkl") for name in names)


def wrong_kind_text(path: Path, wanted: str) -> str:
    """What a file is that is neither of the two, and the way out: the end of a sentence that begins with its path.

    Args:
        wanted: what to choose instead, such as "a .safetensors file".

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    again = say("download it again, or choose {wanted}", wanted=wanted)
    if not head:
        return say("is empty; {again}", again=again)
    if path.suffix.lower() in _UNFINISHED:
        return say("is an unfinished download; let it end, or choose {wanted}", wanted=wanted)
    if not head.strip(b"\x00"):
        return say("begins with nothing but zeros: its download was not finished; {again}", again=again)
    if head.startswith(b"version https://git-lfs"):
        return say("is only a pointer of Git LFS, not the file itself; run git lfs pull, or {again}", again=again)
    for mark, kind in _ARCHIVES.items():
        if head.startswith(mark):
            return _archive_text(path, kind, wanted)
    if head[257:262] == b"ustar":
        return say("is a {kind} archive; unpack it, and choose {wanted} of what is in it", kind="tar", wanted=wanted)
    for mark, kind in (_MODELS | _OTHERS).items():
        if head.startswith(mark):
            return say("is {kind}; choose {wanted}", kind=kind, wanted=wanted)
    if head[:1] == b"\x08" and head[2:3] == b"\x12":
        return say("is an ONNX model, which cannot be trained on; choose {wanted}", wanted=wanted)
    return say("is {kind}; {again}", kind=_text_file_text(head), again=again)


def _archive_text(path: Path, kind: str, wanted: str) -> str:
    names = _names_in(path)
    if _is_program(names):
        return say("is a TorchScript program, which cannot be trained on; choose {wanted}", wanted=wanted)
    if kind == "zip" and not names:
        return say(
            "is a zip archive or a torch file that is cut short or damaged; take another copy, or choose {wanted}",
            wanted=wanted,
        )
    if fitting := [name for name in names if name.lower().endswith(TENSORS)]:
        return say(
            "is a {kind} archive that holds {name}; unpack it, and choose {wanted} of what is in it",
            kind=kind, name=fitting[0], wanted=wanted,
        )  # fmt: skip
    return say("is a {kind} archive; unpack it, and choose {wanted} of what is in it", kind=kind, wanted=wanted)


def _text_file_text(head: bytes) -> str:
    try:
        text = head.decode("utf-8", "strict" if len(head) < 4096 else "ignore").lstrip("\ufeff \t\r\n")
    except UnicodeDecodeError:
        return say("of a kind that is not known here, or damaged")
    if text[:1] == "<":
        return say("a web page, such as a login or an error saved in the place of the file")
    if not all(letter.isprintable() or letter.isspace() for letter in text):
        return say("of a kind that is not known here, or damaged")
    with suppress(ValueError, RecursionError):
        json.loads(text)
        return say("a text file (JSON)")
    return say("a text file")


def missing_file_text(name: str, wanted: str) -> str:
    """Why there is no file at a path: a folder, an address, a hub's name. See ``wrong_kind_text``."""
    path = Path(name)
    if os.path.isdir(name):  # pathlib's own raises for names that no file can have
        return _folder_text(path, wanted)
    if _ADDRESS.match(name):
        return say(
            "is an address, and nothing is downloaded here; download {wanted} from there, and give its path",
            wanted=wanted,
        )
    if _HUB_NAME.fullmatch(name) and path.suffix.lower() not in TENSORS and not os.path.exists(path.parent):
        return say(
            "is no file here; if it is a name on a model hub: nothing is downloaded from there, so download "
            "{wanted} of that model yourself, and give its path",
            wanted=wanted,
        )
    return say("there is no such file; check the path")


def _folder_text(path: Path, wanted: str) -> str:
    try:
        inside = sorted(found.name for found in path.iterdir() if found.suffix.lower() in TENSORS)
    except OSError:
        inside = []
    names = ", ".join([*inside[:3], *(["..."] if len(inside) > 3 else [])])
    if (path / "model_index.json").is_file() and inside:
        return say(
            "is a folder as diffusers keeps a model, which is not opened; choose {wanted} of the same model "
            "(in it: {names})",
            wanted=wanted, names=names,
        )  # fmt: skip
    if (path / "model_index.json").is_file():
        return say(
            "is a folder as diffusers keeps a model, which is not opened; choose {wanted} of the same model",
            wanted=wanted,
        )
    if inside:
        return say("is a folder; choose {wanted} (in it: {names})", wanted=wanted, names=names)
    return say("is a folder; choose {wanted}", wanted=wanted)
