"""A LoRA file as the Lora extension lists it."""

import enum
import hashlib
from pathlib import Path

from safetensors import safe_open


class SdVersion(enum.Enum):
    Unknown = 1
    SD1 = 2
    SD2 = 3
    SDXL = 4


class NetworkOnDisk:
    """Puts itself into the table of hashes where its file tells one."""

    def __init__(self, name: str, filename: str) -> None:
        self.name, self.filename = name, filename
        with safe_open(filename, "pt") as file:
            self.metadata = file.metadata() or {}
        self.hash = self.shorthash = ""
        self._set_hash(self.metadata.get("sshs_model_hash", ""))

    def read_hash(self) -> None:
        """Compute what the file does not tell; the WebUI does so when it describes a picture that wears it."""
        if not self.hash:
            content = Path(self.filename).read_bytes()
            data = content[8 + int.from_bytes(content[:8], "little") :]
            self._set_hash(hashlib.sha256(data).hexdigest())

    def _set_hash(self, found: str) -> None:
        import networks

        self.hash, self.shorthash = found, found[:12]
        if self.shorthash:
            networks.available_network_hash_lookup[self.shorthash] = self
