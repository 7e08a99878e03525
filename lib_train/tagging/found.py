"""Which tagger a file is, by what lies beside it, and which ones lie in some folders."""

import os
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from lib_train.errors import MissingPackage, ModelFileError
from lib_train.tagging.labels import read_selected_tags, read_tag_mapping, read_top_tags
from lib_train.tagging.onnx import FAMILIES, PACKAGE, OnnxTagger
from lib_train.tagging.tagger import Tagger
from lib_train.tagging.wd_timm import WdTimm
from lib_train.texts import either, say

ENDINGS = (".safetensors", ".onnx")
_DEPTH = 4
"""Folders inside folders that are looked into: the hub's cache has three."""
_MOST = 200
_LISTS = {
    "wd": ("{stem}.csv", "selected_tags.csv"),
    "cl": ("{stem}_tag_mapping.json", "tag_mapping.json"),
    "joytag": ("{stem}_top_tags.txt", "top_tags.txt"),
}
"""Kind of tagger -> names of the list that lies beside its model, its own first."""
_READERS = {"wd": read_selected_tags, "cl": read_tag_mapping, "joytag": read_top_tags}


class Found(NamedTuple):
    """A tagger's files."""

    name: str
    """For people: of the file, or of its folder where all files are called alike."""
    kind: str
    """"wd", "cl" or "joytag"."""
    model: Path
    labels: Path
    config: Path | None = None
    """timm's description, which belongs to safetensors."""

    @property
    def usual_threshold(self) -> float:
        """See ``Tagger``."""
        return FAMILIES[self.kind].usual_threshold

    @property
    def missing(self) -> str:
        """The package that would run it, as a sentence; empty where that is installed."""
        package, module, needed_for = (PACKAGE, "onnxruntime", say("a tagger as ONNX"))
        if self.config:
            package, module, needed_for = "timm", "timm", say("a WD tagger as safetensors")
        missing: str = "" if find_spec(module) else MissingPackage(package, needed_for).args[0]
        return missing

    def opened(self, device: str) -> Tagger:
        """Loaded, on that device; an ONNX file goes where onnxruntime can.

        Raises:
            MissingPackage: what runs it is not installed.
            ModelFileError: one of the files cannot be used.
        """
        labels = _READERS[self.kind](self.labels)
        if self.config:
            return WdTimm(self.model, self.config, labels, self.labels, device)
        return OnnxTagger(self.model, self.kind, labels, self.labels)


def recognised(model: Path, kind: str = "") -> Found:
    """The tagger that a file is.

    Args:
        kind: one of the three where somebody says so; empty goes by what lies beside the file.

    Raises:
        ModelFileError: there is no such file, it is no tagger, or what belongs to it is missing.
    """
    if model.suffix.lower() not in ENDINGS:
        raise ModelFileError(
            say("{path}: a tagger's file ends in {endings}; choose another", path=model, endings=either(ENDINGS))
        )
    if not model.is_file():
        raise ModelFileError(say("{path}: there is no such file; name a tagger's file", path=model))
    is_timm = model.suffix.lower() == ".safetensors"
    kinds = [kind] if kind else ["wd"] if is_timm else list(_LISTS)
    if is_timm and kinds != ["wd"]:
        raise ModelFileError(
            say("{path}: of {kind} only the ONNX file can be used; take that", path=model, kind=kinds[0])
        )
    lists = {one: path for one in kinds if (path := _beside(model, _LISTS[one]))}
    if len(lists) != 1:
        names = either(_LISTS[one][-1] for one in (lists or kinds))
        why = say("more than one list of tags lies beside it ({names}); choose its kind", names=names)
        if not lists:
            why = say("{names} is missing beside it; get it from where the model comes from", names=names)
        raise ModelFileError(say("{path}: {why}", path=model, why=why))
    ((found, labels),) = lists.items()
    config = _beside(model, ("{stem}.json", "config.json")) if is_timm else None
    if is_timm and config is None:
        why = say("{names} is missing beside it; get it from where the model comes from", names="config.json")
        raise ModelFileError(say("{path}: {why}", path=model, why=why))
    name = model.parent.name if model.stem == "model" else model.stem
    return Found(name, found, model, labels, config)


def taggers_in(folders: Iterable[Path]) -> list[Found]:
    """Taggers in folders and in those inside them, by name; files that are none are left out."""
    found: dict[Path, Found] = {}
    for path in (path for folder in folders for path in _files(folder)):
        try:
            found.setdefault(path, recognised(path))
        except ModelFileError:
            continue
    return sorted(found.values(), key=lambda one: (one.name.lower(), one.model))


def _beside(model: Path, names: Iterable[str]) -> Path | None:
    paths = (model.with_name(name.replace("{stem}", model.stem)) for name in names)
    return next((path for path in paths if path.is_file()), None)


def _files(folder: Path) -> list[Path]:
    """Files that may be taggers, as far as the folder can be read."""
    found: list[Path] = []
    if not os.path.isdir(folder):  # os.walk raises at names that no file system takes
        return found
    for inner, folders, names in os.walk(folder):
        if len(Path(inner).relative_to(folder).parts) >= _DEPTH:
            folders.clear()
        folders.sort()
        found += [Path(inner, name) for name in sorted(names) if name.lower().endswith(ENDINGS)]
        if len(found) > _MOST:
            break
    return found
