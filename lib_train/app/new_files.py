"""Names of new LoRA files."""

from lib_train.errors import ConfigError, Problem
from lib_train.store.layout import is_odd, is_reserved
from lib_train.texts import say

ENDING = ".safetensors"
_LONGEST = 200
"""Bytes of a file's name without its ending."""


def stem_of(name: str) -> str:
    """A new file's name without its ending.

    Raises:
        ConfigError: no file can have it.
    """
    stem = name.strip().removesuffix(ENDING)
    if not stem or stem.startswith(".") or set(stem) & set('/\\:*?"<>|') or is_odd(stem):
        remedy = say("is no name of a file; use letters, digits, spaces, - and _")
        raise ConfigError([Problem("name", name, remedy)])
    if len(stem.encode()) > _LONGEST:
        raise ConfigError([Problem("name", name, say("is too long; write a shorter one"))])
    if is_reserved(stem):
        raise ConfigError([Problem("name", name, say("is reserved by Windows"))])
    return stem
