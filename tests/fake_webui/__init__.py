"""The least of a WebUI that its adapter needs, so that the adapter is tested where no WebUI is.

Written after the WebUI 1.10's observed behaviour, not copied. The U-Net, the VAE and the wrappers of the text encoders
are the real ldm classes of PyPI's stable-diffusion-sdkit, loaded from real single-file checkpoints. Standing in for
what that package does not bring are ``modules``, ``networks``, ``network``, ``network_names`` and
``ui_extra_networks_lora`` (the WebUI and its Lora extension), ``open_clip`` (its text model alone), and
``pytorch_lightning`` (a base class).
"""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from types import ModuleType

_ONCE = ("open_clip", "pytorch_lightning", "ldm", "ldm_models")
"""Imported once for all tests, which share what they are; all else begins anew."""
_OURS = ("modules", "networks", "network", "network_names", "ui_extra_networks_lora", *_ONCE, "lib_train.host.webui")
_kept: dict[str, ModuleType] = {}


@contextmanager
def inside_webui() -> Iterator[ModuleType]:
    """While entered, the stand-ins can be imported; gives the adapter, ``lib_train.host.webui.host``."""
    folder = str(Path(__file__).parent)
    before = _taken_out()
    sys.modules.update(_kept)
    sys.path.insert(0, folder)
    try:
        with redirect_stdout(StringIO()):  # ldm says that xformers is missing
            importlib.import_module("network")
            networks = importlib.import_module("networks")
            importlib.import_module("ui_extra_networks_lora")
            adapter = importlib.import_module("lib_train.host.webui.host")
        with networks.patched():
            yield adapter
    finally:
        sys.path.remove(folder)
        _kept.update((name, module) for name, module in _taken_out().items() if name.partition(".")[0] in _ONCE)
        sys.modules.update(before)


def _taken_out() -> dict[str, ModuleType]:
    names = [name for name in sys.modules if name.startswith(_OURS[-1]) or name.partition(".")[0] in _OURS]
    return {name: sys.modules.pop(name) for name in names}
