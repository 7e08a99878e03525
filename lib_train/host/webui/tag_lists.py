"""The tag lists of a1111-sd-webui-tagcomplete, where that extension is installed and switched on."""

from pathlib import Path

from modules import extensions, shared

_SCRIPT = Path("javascript", "tagAutocomplete.js")
"""By which it is known under whatever folder name."""
_CHOSEN = {"tac_tagFile": "danbooru.csv", "tac_extra.extraFile": "extra-quality-tags.csv"}
"""Its options that name a list, and what they are unless somebody chose."""


def installed_lists() -> list[Path]:
    """The lists that its settings name; those of its own folder alone."""
    folders = [Path(one.path).absolute() for one in extensions.active()]
    files = [
        folder / "tags" / Path(str(getattr(shared.opts, option, usual))).name
        for folder in folders if (folder / _SCRIPT).is_file() for option, usual in _CHOSEN.items()
    ]  # fmt: skip
    return [file for file in files if file.is_file()]
