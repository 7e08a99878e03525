"""Regularisation pictures on a full disk, and when their process is killed."""

import sys
from functools import partial
from itertools import count
from threading import Event

import pytest

from lib_train.app.regularisation import carry_out, planned
from lib_train.config.regularisation import RegularisationConfig
from lib_train.config.run import RunConfig
from lib_train.errors import TrainToolsError
from lib_train.jobs.listener import Nobody
from tests.app.small_sets import pictures_of, prepare, require_whole
from tests.fakes import FakeHost
from tests.full_disk import at_each_write
from tests.killed import killed_at
from tests.pictures.trees import content_below


def job(loaded, root):
    """Makes those of two pictures that are missing."""
    host, pictures = FakeHost(loaded), pictures_of(root)
    run = RunConfig(dataset=pictures.dataset, base_model=loaded.name)
    config = RegularisationConfig(class_word="cat", class_prompt="a cat", num_class_images=2, class_steps=1,
                                  class_width=64, class_height=64)  # fmt: skip
    plan = planned(host, pictures, run, config)
    return carry_out(host, pictures, plan, Nobody(), Event()) if plan.missing else None


@pytest.fixture
def loaded(tmp_path):
    (tmp_path / "A.safetensors").touch()
    return tmp_path / "A.safetensors"


def take_back_all(root):
    journal = pictures_of(root).journal()
    while any(not edit.undone for edit in journal.edits()):
        assert journal.undo().left == ()


def shown(root):
    return [name for name in content_below(root) if not name.endswith(".partial")]


def test_pictures_that_fit_stay_with_their_captions_and_the_same_job_completes_them(tmp_path, monkeypatch, loaded):
    for root, answer in at_each_write(monkeypatch, tmp_path, prepare, partial(job, loaded)):
        require_whole(root)
        made = {path.stem for path in root.glob("dataset/reg/*/*.png")}
        assert made <= {path.stem for path in root.glob("dataset/reg/*/*.txt")}
        assert not isinstance(answer, TrainToolsError) or "No space left on device); make room" in str(answer)
        job(loaded, root)
        assert len(content_below(root)) == 8
        take_back_all(root)
        assert len(content_below(root)) == 4


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot fork")
def test_undo_finds_all_of_a_job_that_was_killed_and_the_same_job_completes_it(tmp_path, loaded):
    for calls in count():
        roots = tmp_path / f"undo{calls}", tmp_path / f"again{calls}"
        for root in roots:
            root.mkdir()
            prepare(root)
            was_killed = killed_at("link", calls, partial(job, loaded, root))
        take_back_all(roots[0])
        assert len(shown(roots[0])) == 4
        job(loaded, roots[1])
        assert len(shown(roots[1])) == 8
        if not was_killed:
            break
    assert calls > 4
