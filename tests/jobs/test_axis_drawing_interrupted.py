"""Sheets by axes and figures whose process is killed, or whose disk is full, at each of their writes in turn."""

import json
import os
import shutil
from dataclasses import replace
from functools import partial
from itertools import count
from threading import Event

import pytest
from PIL import Image

from lib_train.app.judged import prepared
from lib_train.app.service import Service
from lib_train.config.preview import PreviewConfig
from lib_train.config.sheet_lines import line_of
from lib_train.errors import TrainToolsError
from lib_train.pictures.scan import scan
from lib_train.previews.told import told_by
from lib_train.store.choices import choices_of, choose
from lib_train.store.figures import judged_in
from lib_train.store.projects import version_named
from tests.fakes import FakeHost, Notes
from tests.full_disk import at_each_write
from tests.killed import killed_at

FULL = "No space left on device"
LINE = line_of("checkpoint", "seed:1,2", "")


@pytest.fixture
def drawn_of(config):
    """Settings of a run with checkpoints of steps 2 and 4, and of a sheet of four pictures."""
    preview = PreviewConfig(preview_prompts=("a cat",), preview_sampler=("Euler a",), preview_steps=(1,),
                            preview_after_training=False)  # fmt: skip
    return replace(config, preview=preview, training=replace(config.training, save_every_n_epochs=None))


@pytest.fixture
def trained(service, drawn_of):
    """The root folder of a version that has these checkpoints and no pictures."""
    service.train("p", "v1", drawn_of)
    return service.root


@pytest.fixture
def copied(trained):
    return lambda root: shutil.copytree(trained, root, dirs_exist_ok=True)


def draw(host, config, root):
    service = Service(host, root, Notes())
    return service.sheets.draw(LINE, [], config, service.version("p", "v1"))


def measure(host, root):
    return prepared(host, version_named(root, "p", "v1"), "", scan).carry_out(host, Notes(), Event())


def counted(monkeypatch, host):
    """The requests that this host draws from now on."""
    wanted, render = [], FakeHost.render

    def watched(own, model, requests):
        wanted.extend(requests)
        return render(own, model, requests)

    monkeypatch.setattr(host, "render", partial(watched, host))
    return wanted


def whole_files(root):
    """How many pictures there are, after a look at all files of sheets: each is whole, and nothing else is there."""
    folder = root / "p" / "versions" / "v1" / "previews"
    pictures = []
    for path in folder.rglob("*") if folder.is_dir() else ():
        if path.name.startswith(".") or path.is_dir():
            continue
        assert path.suffix in (".png", ".html", ".json"), path
        if path.suffix == ".png":
            with Image.open(path) as picture:
                picture.load()
            pictures += [told_by(path)] if path.parent != folder else []
        elif path.suffix == ".html":
            assert path.read_text(encoding="utf-8").rstrip().endswith("</html>")
        else:
            assert json.loads(path.read_text(encoding="utf-8"))["sheets"]
    told = [(one.checkpoint, one.column) for one in pictures if one]
    assert len(set(told)) == len(told) == len(pictures), "a picture was made twice"
    return len(told)


def leftovers(root):
    return [path for path in root.rglob(".*") if path.name not in (".gitignore",) and ".lock" not in path.name]


def test_a_full_disk_leaves_whole_files_and_the_sheet_goes_on_with_what_is_missing(
    tmp_path, host, drawn_of, copied, monkeypatch
):
    (tmp_path / "full").mkdir()
    wanted = counted(monkeypatch, host)
    for root, answer in at_each_write(monkeypatch, tmp_path / "full", copied, partial(draw, host, drawn_of)):
        there = whole_files(root)
        assert leftovers(root) == []
        if isinstance(answer, TrainToolsError):
            assert FULL in str(answer)
        else:
            assert there == 4
        del wanted[:]
        (again,) = draw(host, drawn_of, root)
        assert len(wanted) == 4 - there
        assert whole_files(root) == 4
        assert all(path.is_file() for path in again.paths)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.parametrize("call", ["fsync", "link", "replace"])
def test_a_killed_sheet_goes_on_without_a_picture_twice_and_clears_away(
    tmp_path, host, drawn_of, copied, monkeypatch, call
):
    killed, wanted = 0, counted(monkeypatch, host)
    for calls in count(step=3):
        root = tmp_path / f"killed-{calls}"
        copied(root)
        was_killed = killed_at(call, calls, partial(draw, host, drawn_of, root))
        there = whole_files(root)
        del wanted[:]
        draw(host, drawn_of, root)
        assert len(wanted) == 4 - there
        assert whole_files(root) == 4
        assert leftovers(root) == []
        if not was_killed:
            break
        killed += 1
    assert killed or call != "fsync"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_killed_figures_are_not_measured_twice(tmp_path, host, copied):
    copied(tmp_path / "whole")
    assert measure(host, tmp_path / "whole") == 2
    expected, found = figures_in(tmp_path / "whole"), set()
    for calls in count(step=2):
        root = tmp_path / f"killed-{calls}"
        copied(root)
        was_killed = killed_at("fsync", calls, partial(measure, host, root))
        before = figures_in(root)
        found.add(len(before))
        assert before.items() <= expected.items()
        assert measure(host, root) == 2 - len(before)
        assert figures_in(root) == expected
        assert leftovers(root) == []
        if not was_killed:
            break
    assert found == {0, 1, 2}


def figures_in(root):
    return {name: (one.figures, one.bands) for name, one in judged_in(version_named(root, "p", "v1")).items()}


def test_a_full_disk_keeps_the_figures_that_are_there_and_the_others_come_later(tmp_path, host, copied, monkeypatch):
    (tmp_path / "full").mkdir()
    copied(tmp_path / "whole")
    measure(host, tmp_path / "whole")
    expected = figures_in(tmp_path / "whole")
    for root, answer in at_each_write(monkeypatch, tmp_path / "full", copied, partial(measure, host)):
        before = figures_in(root)
        assert before.items() <= expected.items()
        assert leftovers(root) == []
        assert (FULL in str(answer)) if isinstance(answer, TrainToolsError) else len(before) == 2
        assert measure(host, root) == 2 - len(before)
        assert figures_in(root) == expected


def test_a_full_disk_leaves_stars_and_notes_as_they_were(tmp_path, copied, monkeypatch):
    (tmp_path / "full").mkdir()

    def prepare(root):
        copied(root)
        choose(version_named(root, "p", "v1"), names[0], {"verdict": "starred", "note": "the best"})

    names = sorted(path.name for path in copied(tmp_path / "whole").glob("p/versions/v1/checkpoints/*"))
    for root, answer in at_each_write(
        monkeypatch, tmp_path / "full", prepare,
        lambda root: choose(version_named(root, "p", "v1"), names[1], {"verdict": "rejected"}),
    ):  # fmt: skip
        found = {name: (one.verdict, one.note) for name, one in choices_of(version_named(root, "p", "v1")).items()}
        before, added = {names[0]: ("starred", "the best")}, {names[1]: ("rejected", "")}
        if isinstance(answer, TrainToolsError):
            assert FULL in str(answer)
            assert found in (before, before | added)  # it has its name before the folder is synced
        else:
            assert found == before | added
        assert leftovers(root) == []
