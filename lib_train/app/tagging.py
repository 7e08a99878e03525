"""Tagging as a job: what a tagger said is looked at first, and written when somebody accepts it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from threading import Event as Flag
from typing import Any

from lib_train.app.bindings import remembered, written_trigger
from lib_train.app.edits import answer_edit, answer_example
from lib_train.app.folders import Permitted
from lib_train.app.picture_sets import PictureSet, PictureSets
from lib_train.config.fields import options_of
from lib_train.config.tagging import TaggingConfig
from lib_train.errors import ConfigError, DatasetError, Problem, ProjectError
from lib_train.host.protocol import Host
from lib_train.jobs.listener import Listener
from lib_train.jobs.queue import Job, Queue, Stopped
from lib_train.jobs.taggers import tagger_of
from lib_train.jobs.tagging import Tagged, Work, tag_all, to_tag
from lib_train.jobs.wishes import Wishes
from lib_train.pictures.binding import Binding, binding_of
from lib_train.pictures.caption_batch import changes
from lib_train.pictures.journal import Edit
from lib_train.tagging.captions import Proposed, all_of, proposed
from lib_train.texts import joined, say, with_texts

_NONE = say("there is nothing to accept; tag the pictures first")


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What a tagger said of some pictures, and how that becomes captions."""

    tagger: str
    """Its name."""
    config: TaggingConfig
    said: Tagged
    number: int = 0

    def on(self, pictures: PictureSet) -> Proposed:
        """What it would do to the captions as they are now.

        What was bound to the trigger word of a folder stays out of its captions, and the word comes first.
        """
        bindings, found = remembered(pictures), []
        entries = pictures.entries()
        for folder in dict.fromkeys(entry.folder for entry in entries):
            binding = binding_of(folder, bindings) or Binding()
            inside = [entry for entry in entries if entry.folder == folder]
            tags = {one.id: binding.kept(self.said.tags[one.id]) for one in inside if one.id in self.said.tags}
            word = self.config.trigger_word or written_trigger(pictures, binding)
            config = replace(self.config, trigger_word=word)
            found.append(proposed(inside, tags, config, pictures.shape.separator))
        return all_of(found)

    def write(self, pictures: PictureSet) -> tuple[Edit, list[str]]:
        """Write the captions, as one edit that can be undone; and a sentence for each that was left before.

        Raises:
            TrainToolsError: the journal cannot be written: then nothing was changed.
        """
        planned = self.on(pictures)
        steps, left = changes(planned.new, pictures.dataset)
        return pictures.journal().apply(joined(": ", (self.tagger, planned.label)), steps), left


def tagging_config(settings: Mapping[str, Any]) -> TaggingConfig:
    """Settings by name.

    Raises:
        ConfigError: names every one that there is not, or that cannot be used.
    """
    known = {declared.name for declared in options_of(TaggingConfig)}
    strange = [Problem(name, settings[name], say("there is no such setting; see --help")) for name in settings
               if name not in known]  # fmt: skip
    try:
        config = TaggingConfig(**{name: value for name, value in settings.items() if name in known})
    except ConfigError as error:
        raise ConfigError([*strange, *error.problems]) from error
    if strange:
        raise ConfigError(strange)
    return config


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
    separator = pictures.shape.separator
    tagger = tagger_of(config, host, folders_of(config, host))
    entries = to_tag(pictures.chosen(filter, ids), config, separator)
    if not entries:
        raise DatasetError(
            say("mode = {mode}: there is no picture to tag; choose other pictures, or another mode", mode=config.mode)
        )

    def propose(listener: Listener, stop: Flag) -> Proposal:
        said = tag_all(host, tagger, Work(entries, config, separator, stop), listener)
        return Proposal(tagger=tagger.name, config=config, said=said)

    return propose


class Tagging:
    """Of all versions of one host. What was proposed last for each is remembered as long as the process lives."""

    def __init__(
        self, host: Host, sets: PictureSets, permitted: Permitted, queue: Queue, wishes: Wishes, listener: Listener
    ) -> None:
        self._host, self._sets, self._permitted = host, sets, permitted
        self._queue, self._wishes, self._listener = queue, wishes, listener
        self._numbers = count(1)
        self._proposals: dict[tuple[str, str], Proposal] = {}

    def start(
        self, project: str, version: str, settings: Mapping[str, Any], filter: str = "",
        ids: Collection[int] | None = None,
    ) -> None:  # fmt: skip
        """Begin to tag pictures of a version; nothing is written.

        Args:
            settings: by name; what is not given is as declared.

        Raises:
            TrainToolsError: settings, tagger or pictures cannot be used, or a job is going on.
        """
        self._queue.require_idle()
        pictures, config = self._sets.of(project, version), self.permitted(tagging_config(settings))
        propose = prepared(self._host, pictures, config, filter, ids)

        def do() -> str:
            found = propose(self._listener, self._wishes.stop)
            number = next(self._numbers)
            self._proposals[project, version] = Proposal(**{**vars(found), "number": number})
            text = say("{label}; nothing is written yet", label=found.on(pictures).label)
            if found.said.stopped:
                raise Stopped(text)
            return text

        self._queue.start(Job(kind="tag", project=project, version=version, do=do, ready=_always))

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
        found = self._of(project, version)
        planned = found.on(pictures)
        return with_texts({
            "number": found.number, "tagger": found.tagger, "mode": found.config.mode, "label": planned.label,
            "pictures": len(found.said.tags), "captions": len(planned.new), "added": planned.added,
            "removed": planned.removed, "stopped": found.said.stopped, "refused": list(found.said.refused),
            "unreadable": list(planned.unreadable),
            "changes": [answer_example(one) for one in planned.new[offset : offset + limit]],
        })  # fmt: skip

    def accept(self, project: str, version: str, number: int) -> dict[str, Any]:
        """Write what was proposed, as one edit.

        Args:
            number: of the proposal that somebody looked at.

        Raises:
            TrainToolsError: it is another one now, or the journal cannot be written.
        """
        pictures, found = self._sets.of(project, version), self._of(project, version)
        if found.number != number:
            raise ProjectError(
                say("number = {number}: the pictures were tagged anew meanwhile; look at what would be written now",
                    number=number)
            )  # fmt: skip
        edit, left = found.write(pictures)
        self._proposals.pop((project, version), None)
        return answer_edit(edit, left)

    def discard(self, project: str, version: str) -> None:
        """Forget what was proposed, if there is anything."""
        self._sets.of(project, version)
        self._proposals.pop((project, version), None)

    def _of(self, project: str, version: str) -> Proposal:
        found = self._proposals.get((project, version))
        if found is None:
            raise ProjectError(joined(": ", (f"{project} {version}", _NONE)))
        return found


def _always() -> None:
    """A tagger needs no checkpoint, so nothing keeps it from running."""
