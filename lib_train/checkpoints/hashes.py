"""Hashes by which other tools know network files and base models."""

import hashlib
import struct
from collections.abc import Mapping
from pathlib import Path

from safetensors.torch import save
from torch import Tensor

_LEGACY_START, _LEGACY_LENGTH = 0x100000, 0x10000


def with_hashes(tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> dict[str, str]:
    """``metadata`` with sshs_model_hash and sshs_legacy_hash.

    Source:
        kohya's sd-scripts: both are taken over the file as it would be with its ``ss_*`` entries alone; the first
        leaves out the header, so that it depends on tensors only.
    """
    kept = {key: value for key, value in metadata.items() if key.startswith("ss_")}
    content = save(dict(tensors), kept)
    data = content[8 + struct.unpack("<Q", content[:8])[0] :]
    legacy = content[_LEGACY_START : _LEGACY_START + _LEGACY_LENGTH]
    hashes = {
        "sshs_model_hash": hashlib.sha256(data).hexdigest(),
        "sshs_legacy_hash": hashlib.sha256(legacy).hexdigest()[:8],
    }
    return {**metadata, **hashes}


def model_hashes(path: Path) -> tuple[str, str]:
    """Legacy hash (8 letters) and sha256 of a checkpoint or VAE file, as the WebUI shows them."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        file.seek(_LEGACY_START)
        legacy = hashlib.sha256(file.read(_LEGACY_LENGTH)).hexdigest()[:8]
        file.seek(0)
        while block := file.read(2**22):
            digest.update(block)
    return legacy, digest.hexdigest()
