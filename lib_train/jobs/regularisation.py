"""Makes regularisation pictures on a borrowed model; those that are there already are known by their requests."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, count
from pathlib import Path
from threading import Event as Flag
from typing import NamedTuple

from PIL import Image, PngImagePlugin

from lib_train.errors import FileError, reason
from lib_train.files import write_whole, written
from lib_train.host.protocol import BaseModel, BaseModelRef, Host, Rendered
from lib_train.jobs.listener import Listener
from lib_train.pictures.changes import digest_of
from lib_train.previews.class_pictures import ClassPicture, identity_of
from lib_train.texts import say

_WORK = "regularisation"
_KEY = "train_tools"
"""Of the request in a PNG, beside the WebUI's infotext."""


class Target(NamedTuple):
    """Where pictures go."""

    folder: Path
    """Made where it is missing."""
    ending: str
    """Of captions."""


def made_in(folders: Iterable[Path]) -> set[str]:
    """What the pictures in some folders are known again by; see ``identity_of``."""
    return {text for folder in folders for path in folder.glob("*.png") if (text := _request_in(path))}


def _request_in(path: Path) -> str:
    """Empty where a picture holds none, or is damaged."""
    try:
        with PngImagePlugin.PngImageFile(path) as picture:  # ``Image.open`` warns of large ones
            return str(picture.info.get(_KEY, ""))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return ""


def make(
    host: Host,
    model: BaseModel,
    wanted: Sequence[ClassPicture],
    ref: BaseModelRef,
    target: Target,
    listener: Listener,
    stop: Flag,
    coming: Callable[[Mapping[Path, str]], None] = lambda files: None,
) -> Iterator[Path]:
    """Make pictures with their captions; yields each file as it is written.

    A picture that is there has its caption. Ends early when ``stop`` is set; sets it where the host wishes to stop.

    Args:
        coming: told of a picture and its caption, with their digests, before they have their names.

    Raises:
        FileError: the disk is full or cannot be written to.
    """
    listener.working(_WORK, 0, len(wanted))
    drawn = host.render(model, [one.request for one in wanted])
    done = 0
    for done, (one, picture) in enumerate(zip(wanted, drawn, strict=False), start=1):
        yield from _kept(one, picture, identity_of(one.request, ref), target, coming)
        listener.working(_WORK, done, len(wanted))
        if stop.is_set():
            return
    if done < len(wanted):
        stop.set()


def _kept(
    one: ClassPicture,
    rendered: Rendered,
    identity: str,
    target: Target,
    coming: Callable[[Mapping[Path, str]], None],
) -> Iterator[Path]:
    (folder, ending), (picture, text) = target, rendered
    info = PngImagePlugin.PngInfo()
    for key, value in {**text, _KEY: identity}.items():
        info.add_itxt(key, value)
    caption = one.caption.encode()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stem = _free(folder, f"seed-{one.request.seed:05d}", ending, caption)
        beside, path = folder / f"{stem}{ending}", folder / f"{stem}.png"
        with written(path, replace=False) as partial:
            picture.save(partial, "PNG", pnginfo=info)
            coming({beside: digest_of(caption), path: digest_of(partial)})
            if not beside.exists():
                write_whole(beside, caption, replace=False)
            yield beside
        yield path
    except OSError as error:
        raise FileError(
            say("{path}: the picture cannot be written ({why}); make room or check permissions",
                path=folder, why=reason(error))
        ) from error  # fmt: skip


def _free(folder: Path, stem: str, ending: str, caption: bytes) -> str:
    """A stem that no file has, but for such a caption: a killed process leaves it without its picture."""
    names = os.listdir(folder)
    for found in chain((stem,), (f"{stem}-{number}" for number in count(2))):
        beside = [name for name in names if os.path.splitext(name)[0] == found]
        if not beside or (beside == [f"{found}{ending}"] and (folder / beside[0]).read_bytes() == caption):
            break
    return found
