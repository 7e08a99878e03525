"""What commands that work on pictures share: which pictures, what becomes of captions, and how it is told."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib_train.cli.console import BAD_INPUT, OK, STOPPED, print_line
from lib_train.cli.language import here
from lib_train.cli.options import a_path, add_project
from lib_train.errors import ConfigError, Problem
from lib_train.texts import say

if TYPE_CHECKING:
    from lib_train.app.picture_sets import PictureSet
    from lib_train.host.protocol import Host


def add_places(parser: argparse.ArgumentParser) -> None:
    """Where the pictures lie."""
    add_project(parser)
    parser.add_argument(
        "--train_data_dir", "--train-data-dir", type=a_path,
        help=here(say("folder of <repeats>_<name> folders, instead of a project's pictures")),
    )  # fmt: skip
    parser.add_argument(
        "--reg_data_dir", "--reg-data-dir", type=a_path,
        help=here(say("with it: the folder of regularisation pictures")),
    )  # fmt: skip


def add_choice(parser: argparse.ArgumentParser) -> None:
    """Which pictures."""
    add_places(parser)
    parser.add_argument(
        "--resolution", help=here(say("training size, such as 512,768 (default: the project's, or 512)"))
    )
    parser.add_argument(
        "--filter", default="", help=here(say('which pictures, such as blue_eyes -hat "long hair" (default: all)'))
    )


def add_pictures(parser: argparse.ArgumentParser) -> None:
    """Which pictures, and what becomes of their captions."""
    add_choice(parser)
    parser.add_argument("--tagged", action="store_true", help=here(say("tell captions what was done")))
    parser.add_argument(
        "--add_tags",
        "--add-tags",
        default="",
        help=here(say("put at the end of the new captions, with commas between")),
    )
    parser.add_argument(
        "--take_out", "--take-out", action="store_true", help=here(say("take the originals out of the training"))
    )
    parser.add_argument("--upscaler", default="", help=here(say("what enlarges: one of the host's (default: Lanczos)")))
    parser.add_argument("--dry_run", "--dry-run", action="store_true", help=here(say("count only; write nothing")))


def retouch(options: argparse.Namespace, action: str, wish: dict[str, Any]) -> int:
    """Do something to the pictures that the options mean, as one edit; returns the exit code."""
    from lib_train.app.retouch import Retouching, wish_of
    from lib_train.cli.bars import Console
    from lib_train.pictures.captions import tags_of

    facts = {**wish, "tagged": options.tagged, "take_out": options.take_out, "tags": tags_of(options.add_tags),
             "upscaler": options.upscaler}  # fmt: skip
    bars = Console()

    def go_on(done: int, total: int) -> bool:
        bars.working("pictures", done, total)
        return True

    try:
        pictures = pictures_of(options)
        retouching = Retouching(pictures, _host(options.upscaler), lambda name, path: Path(path))
        found = retouching.prepared(wish_of(action, facts), options.filter, dry_run=options.dry_run)(go_on)
    except KeyboardInterrupt:
        print_line(say("interrupted: nothing of it was kept"))
        return STOPPED
    finally:
        bars.ended()
    return _told(dict(found), options.dry_run)


def _host(upscaler: str) -> "Host | None":
    """Only an upscaler needs one, and torch takes seconds to load."""
    if not upscaler:
        return None
    from lib_train.host.standalone.host import StandaloneHost

    return StandaloneHost(device="cpu")


def pictures_of(options: argparse.Namespace, writes: bool = True) -> "PictureSet":
    """The pictures of a project's version, or of a folder.

    Args:
        writes: whether the command writes something.

    Raises:
        TrainToolsError: there are none.
    """
    from lib_train.app.folders import with_own_folders
    from lib_train.app.picture_sets import PictureSet, set_of_folder
    from lib_train.config.codec import config_of, from_json, to_json
    from lib_train.pictures.catalog import Catalog
    from lib_train.pictures.places import Places
    from lib_train.store.projects import version_named

    changes = {"resolution": options.resolution} if getattr(options, "resolution", None) else {}
    if options.train_data_dir is not None:
        reg = [str(options.reg_data_dir)] if options.reg_data_dir else []
        folders = {"train_data_dir": [str(options.train_data_dir)], "reg_data_dir": reg}
        found = set_of_folder(options.train_data_dir, config_of({**folders, **changes}), writes)
    else:
        version = version_named(options.output, options.project, options.version)
        kept = version.kept().config
        config = with_own_folders(from_json(to_json(kept), changes)[0], version)
        if not config.dataset.train_data_dir:
            remedy = say("name a folder that holds <repeats>_<name> folders of pictures")
            raise ConfigError([Problem("train_data_dir", (), remedy)])
        found = PictureSet(config.dataset, Catalog(Places.of_version(version.folder)))
    if getattr(options, "filter", ""):
        found.catalog.look(found.dataset)
    return found


def _told(found: dict[str, Any], dry_run: bool) -> int:
    names = ", ".join([*found["examples"], *(["..."] if found["made"] > len(found["examples"]) else [])])
    if not found["made"]:
        print_line(say("nothing was made of {count} pictures", count=found["pictures"]))
    elif dry_run:
        print_line(say("{count} would be made: {names}", count=found["made"], names=names))
    else:
        print_line(say("{count} made: {names}", count=found["made"], names=names))
    left = (found["edit"] or {}).get("left", [])
    for line in (*found["refused"], *left):
        print_line(say("left as it is: {line}", line=line))
    return BAD_INPUT if found["refused"] or left else OK
