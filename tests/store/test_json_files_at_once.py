"""Two processes that change one file on disk at the same moment: neither change is lost."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from lib_train.config.codec import config_of
from lib_train.config.presets import Preset
from lib_train.errors import ConfigError
from lib_train.store import presets, projects, queue_file, settings, version_notes
from lib_train.store.presets import keep_preset, own_presets
from lib_train.store.projects import open_project, project_named
from lib_train.store.queue import Job
from lib_train.store.queue_file import QueueFile
from lib_train.store.version_notes import keep_notes, notes_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot fork")


def while_another_writes(module: ModuleType, theirs: Callable[[], object], ours: Callable[[], object]) -> None:
    """Do ours when another process has read what it changes, and has not yet written that."""
    told, tell = os.pipe()
    child = os.fork()
    if not child:
        real = vars(module)["write_json"]

        def late(path: Path, value: object) -> None:
            os.write(tell, b".")
            time.sleep(0.3)
            real(path, value)

        vars(module)["write_json"], code = late, 1
        try:
            theirs()
            code = 0
        finally:
            os._exit(code)
    os.read(told, 1)
    try:
        ours()
    finally:
        assert os.waitpid(child, 0)[1] == 0
        os.close(told)
        os.close(tell)


def test_notes_of_a_version(project):
    version = project.version("v1")
    while_another_writes(version_notes, lambda: keep_notes(version, {"notes": "theirs"}),
                         lambda: keep_notes(version, {"conclusion": "ours"}))  # fmt: skip
    assert (notes_of(version).notes, notes_of(version).conclusion) == ("theirs", "ours")


@pytest.mark.parametrize("theirs", [lambda version: version.keep({"network_dim": 7}),
                                    lambda version: version.keep_settings(config_of({"network_dim": 7}))],
                         ids=["one", "all"])  # fmt: skip
def test_settings_of_a_version(project, theirs):
    version = project.version("v1")
    before = version.kept().revision
    while_another_writes(settings, lambda: theirs(version), lambda: version.keep({"seed": 9}))
    kept = version.kept()
    assert (kept.config.network.network_dim, kept.config.training.seed, kept.revision) == (7, 9, before + 2)


def test_notes_of_a_project(project):
    project.keep_notes("begun")
    while_another_writes(projects, lambda: project.keep_notes(lambda notes: f"{notes}, theirs"),
                         lambda: project.keep_notes(lambda notes: f"{notes}, ours"))  # fmt: skip
    assert project.notes() == "begun, theirs, ours"


def test_a_project_that_both_make(tmp_path):
    while_another_writes(projects, lambda: open_project(tmp_path, "mochi"),
                         lambda: open_project(tmp_path, "mochi").keep_notes("ours"))  # fmt: skip
    assert project_named(tmp_path, "mochi").notes() == "ours"


def test_presets_of_one_name_of_which_the_second_is_refused(tmp_path):
    one, other = (Preset(title, "", {"seed": 1}) for title in ("theirs", "ours"))

    def ours():
        with pytest.raises(ConfigError, match="there is one of this name"):
            keep_preset(tmp_path, "faces", other)

    while_another_writes(presets, lambda: keep_preset(tmp_path, "faces", one), ours)
    assert own_presets(tmp_path)[0]["faces"].title == "theirs"


def test_jobs_of_the_queue(tmp_path):
    file = QueueFile(tmp_path)

    def added(name):
        def act(jobs):
            jobs, job = jobs.numbered(Job(kind="tag", name=name))
            return jobs.added(job)

        QueueFile(tmp_path).change(act)

    while_another_writes(queue_file, lambda: added("theirs"), lambda: added("ours"))
    assert [(job.number, job.name) for job in file.read().waiting] == [(1, "theirs"), (2, "ours")]
