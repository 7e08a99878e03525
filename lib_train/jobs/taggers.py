"""Which tagger the settings mean: one of the host's, or files that lie in its folders or were named."""

import os
from collections.abc import Sequence
from pathlib import Path

from lib_train.config.tagging import TaggingConfig
from lib_train.errors import ConfigError, ModelFileError, Problem
from lib_train.host.protocol import Host, TaggerRef
from lib_train.tagging.found import Found, recognised, taggers_in
from lib_train.tagging.published import PUBLISHED, Published
from lib_train.texts import say

KINDS = ("wd", "cl", "joytag")
"""Of taggers that are files."""


def tagger_of(config: TaggingConfig, host: Host, folders: Sequence[Path]) -> Found | TaggerRef:
    """The tagger that the settings mean.

    Args:
        folders: that are looked through where no file is named.

    Raises:
        ConfigError: there is no such kind.
        ModelFileError: nothing is found; says which file to get, and where to put it.
    """
    by_host = {one.name: one for one in host.taggers()}
    if config.tagger in by_host:
        return by_host[config.tagger]
    if config.tagger not in ("", *KINDS):
        remedy = say("choose one of {known}", known=", ".join((*KINDS, *by_host)))
        raise ConfigError([Problem("tagger", config.tagger, remedy)])
    if Path(config.model).suffix and os.path.isfile(config.model):
        return recognised(Path(config.model), config.tagger)
    found = [one for one in taggers_in(folders) if config.tagger in ("", one.kind)]
    for one in found:
        if config.model in ("", one.name, str(one.model)):
            return one
    if config.model:
        known = ", ".join(one.name for one in found) or say("none was found")
        remedy = say("there is no such file; name a tagger's file, or one of those found: {known}", known=known)
        raise ConfigError([Problem("model", config.model, remedy)])
    raise ModelFileError(_none(config.tagger, folders))


def published(name: str) -> Published:
    """A published tagger.

    Raises:
        ConfigError: there is none of this name.
    """
    found = next((one for one in PUBLISHED if one.name == name), None)
    if found is None:
        remedy = say("choose one of {known}", known=", ".join(one.name for one in PUBLISHED))
        raise ConfigError([Problem("fetch", name, remedy)])
    return found


def _none(kind: str, folders: Sequence[Path]) -> str:
    wanted = next(one for one in PUBLISHED if kind in ("", one.kind))
    files = ", ".join(url for _, url in wanted.files)
    if folders:
        return say("no tagger was found in {folders}; get {files} and put them into {place}, or have them fetched",
                   folders=", ".join(map(str, folders)), files=files, place=folders[0] / wanted.name)  # fmt: skip
    return say("no tagger was named; get {files} into one folder, and name the first as the model", files=files)
