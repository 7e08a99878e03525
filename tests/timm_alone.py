"""timm without torchvision, whose wheels fit one build of torch only: what timm takes of it, no tagger uses."""

import importlib
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

_NAME = "torchvision"


class _Named(type):
    """A class that also has whatever constants are asked for."""

    def __getattr__(cls, name: str) -> str:
        if name.startswith("_"):
            raise AttributeError(name)
        return name


class _Any(ModuleType):
    """A module with a class of whatever name is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Named(name, (), {})


class _Standin(MetaPathFinder, Loader):
    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        return ModuleSpec(name, self, is_package=True) if name.partition(".")[0] == _NAME else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Any(spec.name)

    def exec_module(self, module: ModuleType) -> None: ...


def import_timm() -> Any:
    """timm, with torchvision where that works; no trace of a stand-in stays, so that others do not take it for real."""
    if "timm" in sys.modules:
        return sys.modules["timm"]
    try:
        importlib.import_module(_NAME)
        return importlib.import_module("timm")
    except (ImportError, RuntimeError):  # it is not there, or of another build of torch
        _forget()
    standin = _Standin()
    sys.meta_path.insert(0, standin)
    try:
        return importlib.import_module("timm")
    finally:
        sys.meta_path.remove(standin)
        _forget(_NAME)


def _forget(*names: str) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] in (names or (_NAME, "timm"))]:
        del sys.modules[name]
