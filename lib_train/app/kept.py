"""The settings of a version over time: kept one by one as people change them, and taken as they are by runs."""

from collections.abc import Mapping
from typing import Any

from lib_train.app.answers import answer_preset, answer_settings
from lib_train.app.cards import preset_changes
from lib_train.app.fits import size_where_known
from lib_train.app.folders import Permitted
from lib_train.app.versions import Versions
from lib_train.config.known_presets import required
from lib_train.config.run import RunConfig
from lib_train.errors import ConfigError, Problem, SettingsChanged
from lib_train.host.protocol import Host
from lib_train.store.presets import own_presets
from lib_train.store.projects import Version
from lib_train.store.settings import DEFAULT, Kept
from lib_train.texts import say

__all__ = ["DEFAULT", "KeptSettings"]


class KeptSettings:
    """Reads and writes the settings of versions.

    Args:
        permitted: raises a ConfigError for settings that may not be used on this host.
    """

    def __init__(self, host: Host, versions: Versions, permitted: Permitted) -> None:
        self._host, self.versions, self._root, self.permitted = host, versions, versions.root, permitted

    def of(self, version: Version) -> Kept:
        """What the version holds, its drafts measured by what may be used on this host."""
        return version.kept(self.permitted)

    def keep(self, project: str, version: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Change some settings and leave the others as they are; answers as ``read``.

        Raises:
            TrainToolsError: there is no such version, a name is no setting, or version.json cannot be read or written.
        """
        return self._answer(self.versions.existing(project, version).keep(changes, self.permitted))

    def replace(self, project: str, version: str, config: RunConfig) -> None:
        """Write all settings; keys of other programs in version.json stay. Makes the version where it is missing.

        Raises:
            TrainToolsError: version.json is of a newer version, or cannot be read or written.
        """
        self.versions.made(project, version).keep_settings(config)

    def read(self, project: str, version: str) -> dict[str, Any]:
        """Values, drafts with their problems, the revision, the preset that was taken, and what differs from it; as
        JSON values.

        Raises:
            TrainToolsError: there is no such version, or version.json cannot be read at all.
        """
        return self._answer(self.of(self.versions.existing(project, version)))

    def _answer(self, kept: Kept) -> dict[str, Any]:
        return answer_settings(kept, self._root) | answer_preset(kept.config, own_presets(self._root)[0])

    def take_preset(self, project: str, version: str, name: str) -> None:
        """Put a preset's settings over the present ones; "defaults" resets all but folders and prompts.

        On a model that the preset was not made for, the resolution is the model's own.

        Raises:
            ConfigError: there is no such preset.
            TrainToolsError: see ``keep``.
        """
        preset = required(name, own_presets(self._root)[0])
        there = self.versions.existing(project, version)
        there.keep(preset_changes(name, preset, size_where_known(self._host, self.of(there).config)), self.permitted)

    def for_run(self, project: str, version: str, revision: int | None = None) -> RunConfig:
        """The settings as a run takes them.

        Args:
            revision: of the settings that somebody has looked at; None for whatever they are.

        Raises:
            ConfigError: one of them cannot be used.
            ProjectError: there is no such version.
            SettingsChanged: they are of another revision.
        """
        kept = self.of(self.versions.existing(project, version))
        if revision is not None and revision != kept.revision:
            raise SettingsChanged(
                say("{project} {version}: the settings were changed elsewhere meanwhile; look at them again",
                    project=project, version=version)
            )  # fmt: skip
        if kept.problems or kept.drafts:
            raise ConfigError(kept.problems or [Problem(*one, say("set it again")) for one in kept.drafts.items()])
        self.permitted(kept.config)
        return kept.config
