"""Files that come into a version from a browser, and checkpoints that go out to the host."""

import filecmp
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from lib_train.errors import FileError
from lib_train.host.protocol import Host
from lib_train.store.json_files import write_json

UPLOADED = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".avif", ".txt", ".caption")


def take_in(folder: Path, files: Sequence[tuple[str, IO[bytes]]]) -> tuple[int, list[str]]:
    """Write uploaded pictures and captions into a folder; nothing is written over.

    Returns:
        How many were kept, and a sentence for each that was not.
    """
    kept, refused = 0, []
    for given, content in files:
        name = given.replace("\\", "/").rpartition("/")[2]
        if not name.isprintable() or name.startswith(".") or Path(name).suffix.lower() not in UPLOADED:
            refused.append(f"{name!r}: neither a picture nor a caption file")
            continue
        try:
            with (folder / name).open("xb") as file:  # follows no link
                shutil.copyfileobj(content, file)
            kept += 1
        except FileExistsError:
            refused.append(f"{name}: a file of this name is there already")
        except OSError as error:
            refused.append(f"{name}: cannot be written ({error.strerror})")
    return kept, refused


def install(host: Host, source: Path, card: Mapping[str, Any], picture: Path | None) -> Path:
    """Copy a checkpoint into the host's LoRA folder, with a card and a picture where it has none yet.

    Raises:
        FileError: the host has no such folder, or another file of this name lies there.
    """
    folder = host.lora_folder()
    if folder is None:
        raise FileError("this host has no LoRA folder: download the file instead")
    target = folder / source.name
    if target.exists() and not filecmp.cmp(source, target, shallow=False):
        raise FileError(f"{target.name}: the LoRA folder has another file of this name; move it away first")
    folder.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    shutil.copyfile(source, partial)
    partial.replace(target)
    if not target.with_suffix(".json").exists():
        write_json(target.with_suffix(".json"), card)
    if picture is not None:
        shutil.copyfile(picture, target.with_suffix(".preview.png"))
    host.refresh_loras()
    return target


def installed(host: Host, source: Path) -> bool:
    """Whether the host's LoRA folder has this very file."""
    folder = host.lora_folder()
    target = folder / source.name if folder else None
    if target is None or not target.is_file() or target.stat().st_size != source.stat().st_size:
        return False
    return filecmp.cmp(source, target)  # remembers what it read: lists ask often
