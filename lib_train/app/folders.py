"""Which folders people at a page may name."""

from pathlib import Path

from lib_train.config.run import RunConfig
from lib_train.errors import ConfigError, Problem

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
