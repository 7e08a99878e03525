"""The presets of sd-webui-lora-block-weight, where that extension is installed and switched on."""

from pathlib import Path

from modules import extensions

_SCRIPTS = Path("scripts")


def presets_file() -> Path | None:
    """The file of its presets, which it writes when it starts and its editor changes."""
    folders = [Path(one.path).absolute() / _SCRIPTS for one in extensions.active()]
    known = (folder for folder in folders if (folder / "lora_block_weight.py").is_file())  # whatever it is called
    return next((folder / "lbwpresets.txt" for folder in known), None)
