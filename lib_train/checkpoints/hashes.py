"""Hashes by which other tools know network files and base models."""

import hashlib
from pathlib import Path

_LEGACY_START, _LEGACY_LENGTH = 0x100000, 0x10000
_END, _SAMPLE, _SAMPLES = 2**20, 2**15, 128


def network_hashes(content: bytes) -> dict[str, str]:
    """sshs_model_hash and sshs_legacy_hash of a network file.

    Args:
        content: the file as it would be with its ``ss_*`` entries alone. The first hash leaves out the header, so that
            it depends on tensors only: it is that of the finished file too.

    Source:
        kohya's sd-scripts; the WebUI computes the first itself where it is missing.
    """
    data = memoryview(content)[data_start(content) :]
    legacy = content[_LEGACY_START : _LEGACY_START + _LEGACY_LENGTH]
    return {
        "sshs_model_hash": hashlib.sha256(data).hexdigest(),
        "sshs_legacy_hash": hashlib.sha256(legacy).hexdigest()[:8],
    }


def data_start(content: bytes) -> int:
    """Where a safetensors file's tensors begin."""
    return 8 + int.from_bytes(content[:8], "little")


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


def content_mark(path: Path) -> str:
    """64 hexadecimal digits that tell a large file from another by its content, in a hundredth of a sha256's time.

    They come from the file's size, its first and last MiB, and 128 blocks of 32 KiB spread evenly between: 6 MiB in
    all; a file up to that size counts whole. Another model differs nearly everywhere; so does another VAE within a
    checkpoint, which is some hundred MB of it. A few weights that somebody changed between the blocks are not seen.

    Raises:
        OSError: the file cannot be read.
    """
    size = path.stat().st_size
    blocks = [(0, size)]
    if size > 2 * _END + _SAMPLES * _SAMPLE:
        between = [(_END + i * (size - 2 * _END) // _SAMPLES, _SAMPLE) for i in range(_SAMPLES)]
        blocks = [(0, _END), *between, (size - _END, _END)]
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        for start, length in blocks:
            file.seek(start)
            digest.update(file.read(length))
    return digest.hexdigest()
