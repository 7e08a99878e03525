"""Presets to choose from, those of others and a person's own; own ones saved, taken in and given away."""

import re
from pathlib import Path
from typing import Any

from lib_train.app.answers import answer_words
from lib_train.app.fits import size_where_known
from lib_train.app.versions import Versions
from lib_train.config.known_presets import preset_in, preset_json, preset_of, required
from lib_train.config.presets import PRESETS, Preset
from lib_train.config.reading import object_in
from lib_train.config.starts import FAMILIES, MEMORIES, SUBJECTS, name_of, start
from lib_train.error_json import problems_json
from lib_train.errors import ConfigError, Problem
from lib_train.host.protocol import Host
from lib_train.store.json_files import as_json
from lib_train.store.presets import delete_preset, keep_preset, own_presets
from lib_train.texts import either, say, with_texts

_STRANGE = re.compile(r"[^\w .-]+")


class OwnPresets:
    """For one host and one root folder."""

    def __init__(self, host: Host, versions: Versions) -> None:
        self._host, self._versions, self._root = host, versions, versions.root

    def listed(self) -> dict[str, Any]:
        """Every preset but the starting points, with its settings; and what is wrong with files of own ones."""
        own, problems = own_presets(self._root)
        listed = [_json(name, one, name in own) for name, one in {**PRESETS, **own}.items()]
        return {"presets": listed, "problems": problems_json(problems, self._root)}

    def start(self, subject: str, family: str, memory: int) -> dict[str, Any]:
        """A starting point with its reasons.

        Raises:
            ConfigError: there is none for these.
        """
        for name, value, known in (("subject", subject, SUBJECTS), ("family", family, FAMILIES),
                                   ("memory", memory, MEMORIES)):  # fmt: skip
            if value not in known:
                remedy = say("choose one of {known}", known=either(map(str, known)))
                raise ConfigError([Problem(name, value, remedy)])
        return _json(name_of(subject, family, memory), start(subject, family, memory), False)

    def save(self, project: str, version: str, name: str, title: str, about: str, replace: bool) -> dict[str, Any]:
        """Keep a version's settings as a preset, without what belongs to one set of pictures or one machine.

        Raises:
            TrainToolsError: there is no such version, or the name may not be used or is taken.
        """
        config = self._versions.existing(project, version).kept().config
        size = size_where_known(self._host, config)
        preset = preset_of(config, title, about, size.family if size and not size.small else "")
        keep_preset(self._root, name, preset, replace)
        return self.listed()

    def take_in(self, file: str, text: str) -> dict[str, Any]:
        """Keep a preset that was shared, or settings of another program, under the file's name.

        Raises:
            TrainToolsError: it holds no preset and no settings, or its name may not be used or is taken.
        """
        path = Path(file.replace("\\", "/"))
        preset, notes = preset_in(object_in(path, text.encode("utf-8", "replace")))
        name = _STRANGE.sub(" ", path.stem).strip(" .")[:64].strip(" .")
        keep_preset(self._root, name, preset)
        return with_texts({**self.listed(), "name": name, "notes": notes})

    def file(self, name: str) -> dict[str, Any]:
        """A preset as a file to give away.

        Raises:
            ConfigError: there is none of this name.
        """
        preset = required(name, own_presets(self._root)[0])
        return {"name": f"{name}.json", "text": as_json(preset_json(preset)).decode(), "notes": []}

    def delete(self, name: str) -> dict[str, Any]:
        """Move one of the person's own into the trash.

        Raises:
            ProjectError: there is none of this name.
        """
        delete_preset(self._root, name)
        return self.listed()


def _json(name: str, preset: Preset, own: bool) -> dict[str, Any]:
    about, reasons = answer_words(preset)
    return {
        "name": name, "title": preset.title, "about": about, "family": preset.family, "own": own,
        "variant_of": preset.variant_of, "settings": dict(preset.settings), "reasons": reasons,
    }  # fmt: skip
