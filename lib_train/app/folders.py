"""Which folders and files people at a page may name."""

from collections.abc import Sequence
from pathlib import Path

from lib_train.config.run import RunConfig
from lib_train.errors import ConfigError, Problem
from lib_train.vocabulary import CAPTIONS

_REMEDY = "folders cannot be chosen here (--hide-ui-dir-config): leave this empty and drop pictures into the tab"


def require_inside(config: RunConfig, root: Path) -> None:
    """For hosts that let nobody choose folders.

    Raises:
        ConfigError: names each picture folder that lies outside of the root.
    """
    problems = [
        Problem(name, folder, _REMEDY)
        for name in ("train_data_dir", "reg_data_dir")
        for folder in getattr(config.dataset, name)
        if not Path(folder).resolve().is_relative_to(root.resolve())
    ]
    if problems:
        raise ConfigError(problems)


def require_plain_endings(config: RunConfig, added: Sequence[str]) -> None:
    """Captions are written from a page, so that it may choose among few endings.

    Args:
        added: endings that whoever started the program allows beside ``CAPTIONS``.

    Raises:
        ConfigError: the settings name another.
    """
    allowed = (*CAPTIONS, *added)
    others = [one for one in config.dataset.caption_extension if one.lower() not in map(str.lower, allowed)]
    if others:
        remedy = f"in the tab captions end in {' or '.join(allowed)}; others can be chosen on the command line"
        raise ConfigError([Problem("caption_extension", ", ".join(others), remedy)])
