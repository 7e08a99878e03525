"""Tagging as a job: what a tagger said is looked at first, and written when somebody accepts it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path
from threading import Event as Flag
from typing import Any

from lib_train.app.edits import answer_edit
from lib_train.app.folders import Permitted
from lib_train.app.picture_sets import PictureSet, PictureSets
from lib_train.app.proposals import Proposal, answer_proposal
from lib_train.app.settings import read_section
from lib_train.config.tagging import TaggingConfig
from lib_train.errors import ConfigError, DatasetError, Problem, ProjectError
from lib_train.host.protocol import Host
from lib_train.jobs.listener import Listener
from lib_train.jobs.queue import Job, Put, Queue, Stopped, Task
from lib_train.jobs.taggers import tagger_of
from lib_train.jobs.tagging import Work, tag_all, to_tag
from lib_train.jobs.wishes import Wishes
from lib_train.texts import joined, say

_NONE = say("there is nothing to accept; tag the pictures first")
_FIXED = ("tagger", "model", "tagger_folder", "tag_batch_size")
"""Settings that change nothing of what was said."""


def tagging_config(settings: Mapping[str, Any]) -> TaggingConfig:
    """Settings by name.

    Raises:
        ConfigError: names every one that there is not, or that cannot be used.
    """
    return read_section(TaggingConfig, settings)


def folders_of(config: TaggingConfig, host: Host) -> list[Path]:
    """Where taggers are looked for; the first is where one is fetched to."""
    return [*([Path(config.tagger_folder)] if config.tagger_folder else []), *host.tagger_folders()]


Propose = Callable[[Listener, Flag], Proposal]


def prepared(
    host: Host, pictures: PictureSet, config: TaggingConfig, filter: str = "", ids: Collection[int] | None = None
) -> Propose:
    """What tags the chosen pictures, found and checked so far as that needs no device.

    Raises:
        TrainToolsError: the tagger is missing, the filter cannot be read, or no picture is left to tag.
    """
    tagger = tagger_of(config, host, folders_of(config, host))
    entries = to_tag(pictures.chosen(filter, ids), config, pictures.shape.separator)
    if not entries:
        raise DatasetError(
            say("mode = {mode}: there is no picture to tag; choose other pictures, or another mode", mode=config.mode)
        )

    def propose(listener: Listener, stop: Flag) -> Proposal:
        said = tag_all(host, tagger, Work(entries, config, stop), listener)
        return Proposal(tagger=tagger.name, config=config, said=said)

    return propose


class Tagging:
    """Of all versions of one host. What was proposed last for each is remembered as long as the process lives."""

    def __init__(
        self, host: Host, sets: PictureSets, permitted: Permitted, queue: Queue, wishes: Wishes, listener: Listener
    ) -> None:
        self._host, self._sets, self._permitted = host, sets, permitted
        self._queue, self._wishes, self._listener = queue, wishes, listener
        self._identity = sets.identity
        self._numbers = count(1)
        self._proposals: dict[object, Proposal] = {}
        """By ``Versions.identity``."""
        queue.kinds["tag"] = self._tagging

    def start(
        self, project: str, version: str, settings: Mapping[str, Any], filter: str = "",
        ids: Collection[int] | None = None, put: Put | None = None,
    ) -> None:  # fmt: skip
        """Begin to tag pictures of a version; nothing is written.

        Args:
            settings: by name; what is not given is as declared.
            put: what becomes of the job; None starts it at once.

        Raises:
            TrainToolsError: settings, tagger or pictures cannot be used, or a job is going on.
        """
        wanted = {"settings": dict(settings), "filter": filter, "ids": None if ids is None else list(ids)}
        job = Job(kind="tag", project=project, version=version, config=wanted)
        if put is None:
            self._queue.start(job)
        else:
            self._tagging(job)
            put(job)

    def _tagging(self, job: Job) -> Task:
        wanted = {"settings": {}, "filter": "", "ids": None, **job.config}
        pictures = self._sets.of(job.project, job.version)
        config = self.permitted(tagging_config(wanted["settings"]))
        propose = prepared(self._host, pictures, config, wanted["filter"], wanted["ids"])

        def do() -> str:
            found = propose(self._listener, self._wishes.stop)
            self._proposals[self._identity(job.project, job.version)] = replace(found, number=next(self._numbers))
            text = say("proposed: {label}", label=found.on(pictures).label)
            if found.said.stopped:
                raise Stopped(text)
            return text

        return Task(do=do)

    def count(
        self, project: str, version: str, settings: Mapping[str, Any], filter: str = "",
        ids: Collection[int] | None = None,
    ) -> dict[str, int]:  # fmt: skip
        """How many pictures ``start`` would tag, and how many were chosen.

        Raises:
            TrainToolsError: there is no such version, or a setting or the filter cannot be used.
        """
        pictures, config = self._sets.of(project, version), tagging_config(settings)
        chosen = pictures.chosen(filter, ids)
        return {
            "pictures": len(to_tag(chosen, config, pictures.shape.separator)),
            "chosen": sum(not one.left_out for one in chosen),
        }

    def permitted(self, config: TaggingConfig) -> TaggingConfig:
        """The same settings.

        Raises:
            ConfigError: the host lets nobody choose folders, and one is named that lies outside of the root.
        """
        if config.tagger_folder:
            self._permitted.path("tagger_folder", config.tagger_folder)
        if config.model and Path(config.model).suffix and Path(config.model).name != config.model:
            self._permitted.path("model", config.model)
        return config

    def proposal(self, project: str, version: str, offset: int = 0, limit: int = 100) -> dict[str, Any]:
        """What would be written, with the captions that change from number ``offset`` on.

        Raises:
            ProjectError: there is no such version, or nothing was proposed for it.
        """
        pictures = self._sets.of(project, version)
        return answer_proposal(self._of(project, version), pictures, offset, limit)

    def number(self, project: str, version: str) -> int | None:
        """Of what is proposed for a version now; None where nothing is."""
        found = self._proposals.get(self._identity(project, version))
        return found.number if found else None

    def change(self, project: str, version: str, number: int, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Make another proposal of what the tagger said, without tagging anew; see ``proposal``.

        Args:
            number: of the proposal that somebody looked at.
            settings: by name; the others stay.

        Raises:
            TrainToolsError: it is another one now, or a setting cannot be used.
        """
        pictures, found = self._sets.of(project, version), self._looked_at(project, version, number)
        fixed = [Problem(name, value, say("counts while pictures are tagged; tag them anew"))
                 for name, value in settings.items() if name in _FIXED]  # fmt: skip
        if fixed:
            raise ConfigError(fixed)
        config = tagging_config({**vars(found.config), **settings})
        changed = replace(found, config=config, number=next(self._numbers))
        self._proposals[self._identity(project, version)] = changed
        return answer_proposal(changed, pictures)

    def accept(self, project: str, version: str, number: int) -> dict[str, Any]:
        """Write what was proposed, as one edit.

        Args:
            number: of the proposal that somebody looked at.

        Raises:
            TrainToolsError: it is another one now, or the journal cannot be written.
        """
        pictures, found = self._sets.of(project, version), self._looked_at(project, version, number)
        edit, left = found.write(pictures)
        self._proposals.pop(self._identity(project, version), None)
        return answer_edit(edit, left)

    def discard(self, project: str, version: str) -> None:
        """Forget what was proposed, if there is anything."""
        self._sets.of(project, version)
        self._proposals.pop(self._identity(project, version), None)

    def _looked_at(self, project: str, version: str, number: int) -> Proposal:
        found = self._of(project, version)
        if found.number != number:
            raise ProjectError(
                say("number = {number}: the proposal is another one meanwhile; look at what would be written now",
                    number=number)
            )  # fmt: skip
        return found

    def _of(self, project: str, version: str) -> Proposal:
        found = self._proposals.get(self._identity(project, version))
        if found is None:
            raise ProjectError(joined(": ", (f"{project} {version}", _NONE)))
        return found
