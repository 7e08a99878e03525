"""``<lora:@training:weight>``: the network of a run that goes on, in every prompt of the WebUI.

The Lora extension has an entry for it as long as the run goes on. The entry's file is written when a prompt that names
it is about to be drawn and the run has made a step since the last one: that is in somebody's turn at the queue, while
the run stands still. Layers need nothing: before each step ``Readied`` takes all LoRAs off.
"""

import base64
import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import wraps
from pathlib import Path
from typing import Any

from modules import sd_hijack, sd_models, shared
from PIL import Image

from lib_train.errors import TrainToolsError
from lib_train.files import scratch, write_whole
from lib_train.host.protocol import InTraining
from lib_train.host.webui.ready import lora_extension
from lib_train.languages import in_language, language_named
from lib_train.texts import say

NAME = "@training"
_TABLES = ("available_networks", "available_network_aliases")
_LISTING = ("list_available_networks", "process_network_files")  # the latter from 1.10; each is called by the former
_HEADER = b'{"__metadata__":{}}     '
_EMPTY = len(_HEADER).to_bytes(8, "little") + _HEADER
"""A file of no tensors."""
_SIDE = 384  # pixels of a card's picture


@contextmanager
def offered(network: InTraining, family: str) -> Iterator[str]:
    """See ``BaseModel.offering``. Leave it while the queue lock is held."""
    networks = lora_extension()
    if getattr(networks, "extra_network_lora", None) is None:
        yield ""
        return
    with scratch(network.folder) as folder, ExitStack() as undo:
        folder.mkdir()
        entry = _Entry(networks, network, family, folder)
        undo.callback(entry.take_out)
        for name in _LISTING:
            if hasattr(networks, name):
                undo.enter_context(_replaced(networks, name, entry.listed))
        undo.enter_context(_replaced(type(networks.extra_network_lora), "activate", entry.put_on))
        if page := getattr(sys.modules.get("ui_extra_networks_lora"), "ExtraNetworksPageLora", None):
            undo.enter_context(_replaced(page, "create_item", entry.shown))
        entry.put_in()
        yield NAME


@contextmanager
def _replaced(owner: Any, name: str, by: Callable[..., Any]) -> Iterator[None]:
    """While entered, ``by`` is called with the original before its arguments; then it is as before, or passes on."""
    original, on = getattr(owner, name), True

    @wraps(original)
    def replacement(*args: Any, **more: Any) -> Any:
        return by(original, *args, **more) if on else original(*args, **more)

    setattr(owner, name, replacement)
    try:
        yield
    finally:
        on = False
        if getattr(owner, name) is replacement:  # nobody has put something around it
            setattr(owner, name, original)


class _Entry:
    """The network in the tables of the Lora extension."""

    def __init__(self, networks: Any, network: InTraining, family: str, folder: Path) -> None:
        self._networks, self._network, self._folder = networks, network, folder
        self._step: int | None = None  # of the file
        self._hidden: dict[str, Any] = {}
        self._is_out = False
        on_disk: Any = sys.modules["network"]
        self._entry = entry = on_disk.NetworkOnDisk.__new__(on_disk.NetworkOnDisk)  # there is no file to read yet
        entry.name = entry.alias = NAME
        entry.filename, entry.is_safetensors = str(folder / f"{NAME}.safetensors"), True
        write_whole(Path(entry.filename), _EMPTY, durable=False)  # cards tell its size and date
        entry.metadata, entry.hash, entry.shorthash = {}, "", ""
        if hasattr(on_disk, "SdVersion"):
            entry.sd_version = on_disk.SdVersion[family.upper()]

    def put_in(self) -> None:
        """Into the tables, where it is not in them."""
        if self._is_out:
            return
        for name in _TABLES:
            table = getattr(self._networks, name)
            if (there := table.get(NAME)) is not self._entry:
                self._hidden[name] = there
                table[NAME] = self._entry

    def take_out(self) -> None:
        """Out of the tables and of what is kept in memory."""
        for name in _TABLES:
            table = getattr(self._networks, name)
            if table.get(NAME) is self._entry:
                if hidden := self._hidden.get(name):
                    table[NAME] = hidden
                else:
                    del table[NAME]
        self._forget_weights()

    @contextmanager
    def _left_out(self) -> Iterator[None]:
        self._is_out = True
        self.take_out()
        try:
            yield
        finally:
            self._is_out = False
            self.put_in()

    def _forget_weights(self) -> None:
        getattr(self._networks, "networks_in_memory", {}).pop(NAME, None)
        loaded = self._networks.loaded_networks
        loaded[:] = [one for one in loaded if one.name != NAME]

    def listed(self, original: Callable[..., Any], *args: Any) -> Any:
        """In place of what lists the WebUI's files anew, and so empties the tables."""
        found = original(*args)
        self.put_in()
        return found

    def put_on(self, original: Callable[..., Any], lora: Any, p: Any, asked: Sequence[Any]) -> Any:
        """In place of what puts a prompt's LoRAs on."""
        named = [one for one in asked if one.positional[:1] == [NAME]]
        if not named and getattr(shared.opts, "sd_lora", None) != NAME:
            return original(lora, p, asked)
        try:
            self._write()
        except (TrainToolsError, RuntimeError, OSError) as error:
            why = say("{name}: cannot be put on now ({why}); save a checkpoint and take that", name=NAME, why=error)
            sd_hijack.model_hijack.comments.append(_worded(why))
            with self._left_out():
                return original(lora, p, asked)
        label = self._network.label
        for one in named:
            one.items = [*one.items, f"train_tools={label}"]  # the WebUI keeps encoded prompts by these words
        p.extra_generation_params["Train Tools"] = label
        return original(lora, p, asked)

    def _write(self) -> None:
        step, entry = self._network.step, self._entry
        if step == self._step:
            return
        path = self._folder / f"{NAME}-{step}.safetensors"  # another one, as the WebUI may still have the last one open
        with ThreadPoolExecutor(1) as apart:  # this thread is in autocast and no_grad, which belong to the picture
            apart.submit(self._network.write, path).result()
        before, entry.filename = entry.filename, str(path)
        entry.metadata = sd_models.read_metadata_from_safetensors(str(path))
        entry.hash = entry.metadata.get("sshs_model_hash", "")
        entry.shorthash = entry.hash[:12]
        self._step = step
        self._forget_weights()
        with suppress(OSError):
            os.remove(before)

    def shown(self, original: Callable[..., Any], page: Any, name: str, *args: Any, **more: Any) -> Any:
        """In place of what makes a card of the page of LoRAs."""
        if name != NAME:
            return original(page, name, *args, **more)
        try:
            card = original(page, name, *args, **more)
        except OSError:  # its folder is gone since a moment
            return None
        if card:
            card["description"] = _worded(self._network.about)
            with suppress(OSError):  # a picture may be deleted at any time
                if sample := self._network.sample:
                    card["preview"] = _small(sample)
        return card


def _worded(text: str) -> str:
    """A sentence in the language of the WebUI: what it shows itself goes past the page's own words."""
    return in_language(text, language_named(str(getattr(shared.opts, "localization", ""))))


def _small(picture: Path) -> str:
    """The picture as an address that holds it."""
    with Image.open(picture) as opened:
        found = opened.convert("RGB")
    found.thumbnail((_SIDE, _SIDE))
    content = io.BytesIO()
    found.save(content, "JPEG", quality=85)
    return "data:image/jpeg;base64," + base64.b64encode(content.getvalue()).decode()
