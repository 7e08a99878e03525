"""LoRA files that the WebUI's prompts may name although they lie outside of its folders.

The WebUI keeps several tables of LoRAs. A name in them whose file is gone gives a traceback in its log with every
prompt that uses it, so what is put in here is taken out again, and what it hid comes back.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lib_train.checkpoints.files import read_network, write_network
from lib_train.checkpoints.opened import read_header
from lib_train.errors import HostModelError
from lib_train.host.webui.ready import lora_extension
from lib_train.network_kinds import spelling_of
from lib_train.networks.adapter_config import without_config
from lib_train.networks.spellings import to_kohya
from lib_train.texts import say

_BY_NAME = ("available_networks", "available_network_aliases")
_BY_HASH = "available_network_hash_lookup"


class Loras:
    """Our entries in the WebUI's tables: offered files until they are deleted, and the file of a picture."""

    def __init__(self) -> None:
        self._offered: dict[str, _Entry] = {}

    def offer(self, path: Path) -> None:
        """Make ``<lora:stem:weight>`` mean this file, until it is gone or the WebUI lists its LoRAs anew.

        Raises:
            HostModelError: the WebUI's Lora extension is switched off.
        """
        before = self._offered.pop(path.stem, None)
        if before is not None:
            before.take_out()
        self._offered[path.stem] = _Entry(path)

    def forget_missing(self) -> None:
        """Take out what was offered and is gone: deleted, renamed, or moved, by whomever."""
        for stem, entry in list(self._offered.items()):
            if not entry.path.is_file() and self._offered.pop(stem, None) is not None:
                entry.take_out()

    @contextmanager
    def known(self, path: Path) -> Iterator[None]:
        """While entered, ``<lora:stem:weight>`` means this file; afterwards what it meant before.

        Raises:
            HostModelError: the WebUI's Lora extension is switched off.
            ModelFileError: the file cannot be read.
        """
        with _with_kohyas_names(path) as file:
            entry = _Entry(file)
            try:
                yield
            finally:
                entry.take_out()


@contextmanager
def _with_kohyas_names(path: Path) -> Iterator[Path]:
    """The file; a copy of it where its names are another program's, which the WebUI passes over without a word."""
    if spelling_of(read_header(path)[1]) == "kohya's":
        yield path
        return
    tensors, metadata = read_network(path)
    with TemporaryDirectory(prefix="train-tools-") as folder:
        copy = Path(folder, path.name)
        write_network(copy, to_kohya(tensors, metadata), without_config(metadata), "float")
        yield copy


class _Entry:
    """One file in the tables, from its creation until ``take_out``."""

    def __init__(self, path: Path) -> None:
        networks = lora_extension()
        if networks is None:
            raise HostModelError(
                say("previews need the WebUI's built-in Lora extension: switch it on under Extensions")
            )
        self.path, self._networks = path, networks
        self._hashes: dict[str, Any] = getattr(networks, _BY_HASH, {})  # older WebUIs have none
        known = dict(self._hashes)
        self._entry = sys.modules["network"].NetworkOnDisk(path.stem, str(path))  # puts itself into the table of hashes
        self._hidden: list[tuple[dict[str, Any], str, Any]] = [
            (self._hashes, key, known.get(key)) for key, entry in self._hashes.items() if entry is self._entry
        ]
        for name in _BY_NAME:
            table = getattr(networks, name)
            self._hidden.append((table, path.stem, table.get(path.stem)))
            table[path.stem] = self._entry
        self._forget_weights()

    def take_out(self) -> None:
        """Restore the tables as they were without the file. Entries that the WebUI added in between stay."""
        for table, key, hidden in self._hidden:
            if table.get(key) is self._entry:
                self._put_back(table, key, hidden)
        for key in [key for key, entry in self._hashes.items() if entry is self._entry]:
            del self._hashes[key]  # hashed on first use
        self._forget_weights()

    def _put_back(self, table: dict[str, Any], key: str, hidden: Any) -> None:
        if hidden is not None and Path(hidden.filename).is_file():
            table[key] = hidden
        else:
            table.pop(key, None)

    def _forget_weights(self) -> None:
        """Weights that the WebUI keeps in memory are found by name alone: another file's would be taken."""
        getattr(self._networks, "networks_in_memory", {}).pop(self.path.stem, None)
