"""Settings files of this and other programs: read for a version, and written for sd-scripts."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lib_train.app.fits import size_where_known
from lib_train.app.folders import Permitted, with_own_folders
from lib_train.app.versions import Versions
from lib_train.config.codec import config_of, settings_in, to_json
from lib_train.config.export import to_sd_scripts
from lib_train.config.presets import KEPT
from lib_train.config.reading import object_in, together
from lib_train.config.taking import taken
from lib_train.errors import ConfigError, Problem
from lib_train.host.protocol import Host
from lib_train.store.json_files import as_json
from lib_train.texts import joined, say, with_texts

FORMATS = ("toml", "json")
_PATHS = ("train_data_dir", "reg_data_dir", "validation_data_dir", "network_weights", "base_weights")


class SettingsFiles:
    """For one host and one root folder.

    Args:
        permitted: raises a ConfigError for settings that may not be used on this host.
    """

    def __init__(self, host: Host, versions: Versions, permitted: Permitted) -> None:
        self._host, self._versions, self._permitted = host, versions, permitted

    def read(self, files: Sequence[tuple[str, str]]) -> dict[str, Any]:
        """What the files of one training make of a version's settings, as JSON values; see ``Taken``. Writes nothing.

        What this machine does not have, or nobody may use here, is left out and told.

        Args:
            files: name and content of each; a ``dataset_config`` beside the training's own file is one of them.

        Raises:
            ConfigError: one holds no settings, or they are of another program or for another model.
        """
        if not files:
            raise ConfigError([Problem("files", "", say("give at least one file"))])
        found = taken(together(object_in(Path(name), text.encode("utf-8", "replace")) for name, text in files))
        settings, notes = dict(found.settings), list(found.notes)
        for name in (*_PATHS, "caption_extension"):
            if name in found.given and (why := self._trouble(name, settings)):
                notes.append(joined(": ", (joined(" = ", (name, _shown(settings[name]))), why)))
                settings = self._without(name, settings)
        return with_texts({"settings": settings, "given": [name for name in found.given if name in settings],
                           "notes": notes})  # fmt: skip

    def _trouble(self, name: str, settings: Mapping[str, Any]) -> str:
        value = settings[name]
        try:
            self._permitted(config_of({name: value}))
        except ConfigError as error:
            return error.problems[0].remedy
        if name == "caption_extension":
            return ""
        paths = [value] if isinstance(value, str) else value
        if all(os.path.exists(path) for path in paths if path):
            return ""
        return say("there is no such folder or file here; the version keeps its own") if name in KEPT else say(
            "there is no such folder or file here; name it anew"
        )  # fmt: skip

    @staticmethod
    def _without(name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
        left = {key: value for key, value in settings.items() if key != name}
        if name == "network_weights":
            left["dim_from_weights"] = False
        if name == "base_weights":
            left["base_weights_multiplier"] = []
        usual = settings_in(to_json(config_of({})))
        return left if name in KEPT else {**left, name: usual[name]}

    def written(self, project: str, version: str, kind: str) -> dict[str, Any]:
        """A version's settings as a file: its name, content and notes on what another program does otherwise.

        Args:
            kind: "toml" for sd-scripts, "json" for Train Tools.

        Raises:
            TrainToolsError: there is no such version, or its settings cannot be read.
        """
        there = self._versions.existing(project, version)
        config, name = there.kept(self._permitted).config, f"{project}-{version}"
        if kind == "json":
            return {"name": f"{name}.json", "text": as_json(to_json(config)).decode(), "notes": []}
        size = size_where_known(self._host, config)
        found = to_sd_scripts(with_own_folders(config, there), name, size.side if size else None)
        return with_texts({"name": f"{name}.toml", "text": found.text, "notes": found.notes})


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else ", ".join(map(str, value))
