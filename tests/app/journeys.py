"""A project that is packed at home, trained on another machine, and comes home: on a host of fake models."""

import shutil
import threading
from pathlib import Path
from typing import Any

from lib_train.app.homecoming import Brought, bring_home
from lib_train.app.packed_models import Given
from lib_train.app.packed_results import write_results
from lib_train.app.packed_training import Done, PackedTraining
from lib_train.app.packing import Packing, Report, Wish
from lib_train.app.service import Service
from lib_train.app.session import Session
from lib_train.app.unpacking import taken_in
from lib_train.config.codec import config_of
from lib_train.jobs.wishes import Wishes
from lib_train.store.pack_files import pack_at
from lib_train.store.projects import Project, Version, open_project
from tests.fakes import FakeHost, Notes

SETTINGS: dict[str, Any] = {
    "resolution": 64, "min_bucket_reso": 64, "network_dim": 2, "train_batch_size": 2, "max_train_steps": 4,
    "save_every_n_steps": 2, "save_every_n_epochs": "", "preview_prompts": "a cat", "preview_steps": 1,
}  # fmt: skip


def go_on(done: int, total: int) -> bool:
    """Nobody cancels."""
    return True


class Home:
    """A machine with a host, its projects below ``root``, and a base model."""

    def __init__(self, folder: Path, base: bytes = b"base", name: str = "base.safetensors") -> None:
        self.folder, self.root = folder, folder / "out"
        folder.mkdir(parents=True, exist_ok=True)
        self.base = folder / name
        self.base.write_bytes(base * 1000)
        self.host = FakeHost(self.base)
        self.notes = Notes()

    def project(self, pictures: Path | None = None, name: str = "p", **settings: Any) -> Version:
        """A project with settings, and with pictures of its own."""
        version = open_project(self.root, name).version("v1")
        if pictures:
            shutil.copytree(pictures, version.part("dataset") / "train")
        version.keep_settings(config_of({**SETTINGS, **settings}))
        return version

    def session(self) -> Session:
        """The use cases of the tab; its queue begins nothing."""
        found = Session(self.host, self.root)
        found.queue.begins = False
        return found

    def pack(self, to: Path, project: str = "p", **wish: Any) -> Report:
        """Write an archive."""
        return Packing(self.host, self.root).pack(project, Wish(**wish), to, go_on)

    def take_in(self, archive: Path) -> Project:
        """Make the project of an archive."""
        with pack_at(archive) as pack:
            return taken_in(pack, self.root, go_on)

    def train(self, archive: Path, *, given: Given | None = None, wishes: Wishes | None = None, **changes: Any) -> Done:
        """Carry out what waits in an archive, and write the results beside it."""
        project = self.take_in(archive)
        service = Service(self.host, self.root, self.notes)
        training = PackedTraining(lambda precision: service, project, given or Given(), changes)
        done = training.run(wishes or Wishes(), self.notes.message)
        write_results(project, done.jobs, archive.parent, go_on)
        return done

    def unpack(self, results: Path, **how: Any) -> Brought:
        """Bring results home."""
        with pack_at(results) as pack:
            return bring_home(pack, self.root, go_on, **how)


def files(folder: Path) -> dict[str, bytes]:
    """Content of each file below a folder, by its path there."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*"))
            if path.is_file()}  # fmt: skip


def stopping_after(step: int) -> "tuple[Wishes, Any]":
    """Wishes that are fulfilled, and what a host is asked between two steps so that a run stops after one."""
    wishes = Wishes()

    def between(done: int, total: int) -> bool:
        if done == step and total == SETTINGS["max_train_steps"]:  # it is asked between two pictures, too
            wishes.stop.set()
        return True

    return wishes, between


def at_once(*acts: Any) -> list[Any]:
    """What acts return, or the errors that they end by, each in a thread of its own."""
    found: list[Any] = [None] * len(acts)

    def act(place: int) -> None:
        try:
            found[place] = acts[place]()
        except Exception as error:
            found[place] = error

    threads = [threading.Thread(target=act, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found
