"""Which taggers there are, and bringing one that somebody asked for."""

from collections.abc import Mapping
from pathlib import Path
from threading import Event as Flag
from typing import Any
from urllib.request import urlopen

from lib_train.app.settings import declared_tagging
from lib_train.app.tagging import Tagging, folders_of, tagging_config
from lib_train.config.tagging import TaggingConfig
from lib_train.errors import ConfigError, Problem
from lib_train.host.protocol import Host
from lib_train.jobs.listener import Listener
from lib_train.jobs.queue import Job, Put, Queue, Stopped, Task
from lib_train.jobs.taggers import published
from lib_train.jobs.wishes import Wishes
from lib_train.tagging import download
from lib_train.tagging.found import Found, recognised, taggers_in
from lib_train.tagging.published import PUBLISHED, Published
from lib_train.texts import say, with_texts

_WORK = "bytes"


class Taggers:
    """Of one host."""

    def __init__(self, host: Host, tagging: Tagging, queue: Queue, wishes: Wishes, listener: Listener) -> None:
        self._host, self._tagging = host, tagging
        self._queue, self._wishes, self._listener = queue, wishes, listener
        queue.kinds["fetch"] = self._fetching

    def listed(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """The host's own, those that were found, those that can be fetched, and what all of them are told.

        Args:
            settings: of these the folder of taggers counts.

        Raises:
            ConfigError: the folder may not be looked through.
        """
        folders = folders_of(self._tagging.permitted(tagging_config(settings)), self._host)
        return {
            "host": [with_texts(one._asdict()) for one in self._host.taggers()],
            "found": [with_texts(_found(one)) for one in taggers_in(folders)],
            "published": [with_texts(_published(one)) for one in PUBLISHED],
            "folder": str(folders[0]) if folders else "",
            "settings": declared_tagging(),
        }

    def fetch(self, name: str, settings: Mapping[str, Any], put: Put | None = None) -> None:
        """Begin to fetch a published tagger.

        Args:
            settings: of these the folder of taggers counts.
            put: what becomes of the job; None starts it at once.

        Raises:
            TrainToolsError: there is no such tagger, no folder for it, or a job is going on.
        """
        job = Job(kind="fetch", config={"tagger": name, "settings": dict(settings)})
        if put is None:
            self._queue.start(job)
        else:
            self._fetching(job)
            put(job)

    def _fetching(self, job: Job) -> Task:
        wanted = published(str(job.config.get("tagger", "")))
        folder = folder_for(self._tagging.permitted(tagging_config(job.config.get("settings", {}))), self._host)

        def do() -> str:
            try:
                fetched(wanted, folder, self._listener, self._wishes.stop, urlopen)
            except download.Ended:
                raise Stopped(say("nothing half done is left")) from None
            return say("{name} is in {folder}", name=wanted.name, folder=folder / wanted.name)

        return Task(do=do)


def folder_for(config: TaggingConfig, host: Host) -> Path:
    """Where a tagger is fetched to.

    Raises:
        ConfigError: nobody says where.
    """
    folders = folders_of(config, host)
    if not folders:
        raise ConfigError([Problem("tagger_folder", "", say("name a folder to put the tagger into"))])
    return folders[0]


def fetched(wanted: Published, folder: Path, listener: Listener, stop: Flag, open: download.Open = urlopen) -> Path:
    """Bring all files of a published tagger; those that are there are left. Returns the model's file.

    Small files come first, so that a model that is there is whole.

    Raises:
        Ended: it was to be stopped.
        FileError: one cannot be fetched.
        ModelFileError: what came is no tagger.
    """

    def progress(done: int, total: int) -> bool:
        listener.working(_WORK, done, total or done + 1)
        return not stop.is_set()

    for name, url in reversed(wanted.files):
        download.fetch(url, folder / wanted.name / name, progress, open)
    return recognised(folder / wanted.name / wanted.files[0][0], wanted.kind).model


def _found(one: Found) -> dict[str, Any]:
    return {"name": one.name, "kind": one.kind, "model": str(one.model), "missing": one.missing,
            "usual_threshold": one.usual_threshold}  # fmt: skip


def _published(one: Published) -> dict[str, Any]:
    return {**one._asdict(), "files": [{"name": name, "url": url} for name, url in one.files]}
