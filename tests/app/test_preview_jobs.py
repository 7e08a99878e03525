import pytest
from PIL import Image

from lib_train.errors import ConfigError, FileError
from lib_train.store.queue import Job
from tests.moves import ended, until


def test_previews_of_chosen_checkpoints_are_made_without_training(session, settings):
    with pytest.raises(FileError, match="no checkpoints yet"):
        session.preview("p", "v1", [], settings)
    session.train("p", "v1", settings)
    ended(session)
    name = session.checkpoints("p", "v1")[0]["name"]
    session.preview("p", "v1", [name], {**settings, "preview_prompts": "a\nb", "preview_weights": "1"})
    ended(session)
    assert [len(c["previews"]) for c in session.checkpoints("p", "v1")] == [2, 0]
    assert len(session.grids("p", "v1")) == 2


def test_one_sheet_compares_checkpoints_seeds_and_weights_with_the_settings_of_the_run(session, settings, rendered):
    session.train("p", "v1", settings)
    ended(session)
    requests = rendered()
    wanted = {**settings, "preview_prompts": "a", "preview_seeds": "1, 7", "clip_skip": "2"}
    assert session.plan_as_json("p", "v1", wanted)["preview_pictures"] == 2 + 2 * 2
    session.preview("p", "v1", [], wanted)
    ended(session)
    (grid,) = session.grids("p", "v1")
    with Image.open(grid) as sheet:
        assert sheet.width > 4 * 64
        assert sheet.height > 2 * 64
    assert len(requests) == 2 + 2 * 2  # the base model once a seed, then each checkpoint
    assert {(r.clip_skip, r.width, r.height) for r in requests} == {(2, 64, 64)}


def test_previews_stop_between_two_pictures_and_keep_them(session, settings, rendered):
    session.train("p", "v1", settings)
    ended(session)
    rendered(session.stop)
    session.preview("p", "v1", [], {**settings, "preview_prompts": "a", "preview_weights": "1"})
    assert "are kept" in ended(session, "stopped")["messages"][-1]
    assert [len(c["previews"]) for c in session.checkpoints("p", "v1")] == [0, 1]
    assert session.grids("p", "v1") == []


def test_previews_that_were_stopped_go_on_with_those_that_are_missing(session, settings, rendered):
    session.train("p", "v1", settings)
    ended(session)
    session.keep_queue_settings({"paused": True})
    requests: list[object] = rendered(lambda: len(requests) == 2 and session.stop())
    given = {**settings, "preview_prompts": "a\nb", "preview_weights": "0, 1"}
    session.preview("p", "v1", [], given, session.queue.add)
    other = session.queue.add(Job(kind="tag", project="none"))  # ends are told where another job waits
    session.queue.go_on()
    ended(session, "stopped")
    first = len(requests)
    assert 1 < first < 2 * 3
    damaged = next((session.root / "p/versions/v1/previews/base").iterdir())
    damaged.write_bytes(damaged.read_bytes()[:-200])
    (stopped,) = session.queue.seen().ended
    session.queue.retry(stopped.job.number)
    session.queue.remove(other)
    session.queue.go_on()
    until(lambda: not session.busy and not session.queue.seen().waiting)
    assert len(requests) == 2 * 3 + 1, "each once, and the one that was damaged"
    assert len(session.grids("p", "v1")) == 2
    session.preview("p", "v1", [], given)
    ended(session)
    assert len(requests) == 2 * 3 + 1 + 2 * 3, "somebody who asks anew gets new ones"


def test_files_from_elsewhere_are_drawn_beside_those_of_the_version(session, settings, rendered):
    session.train("p", "v1", settings)
    ended(session)
    name = session.checkpoints("p", "v1")[0]["name"]
    installed = session.install("p", "v1", name)
    other = installed.rename(installed.with_name("other.safetensors"))
    requests = rendered()
    session.preview("p", "v1", [name, "lora:other.safetensors"], {**settings, "preview_prompts": "a"})
    ended(session)
    assert {request.network for request in requests} == {None, session.checkpoint("p", "v1", name), other}
    assert len(session.grids("p", "v1")) == 1


def test_weights_of_blocks_that_fit_no_base_model_are_refused_before_the_job(session, settings):
    session.train("p", "v1", settings)
    ended(session)
    wish = {**settings, "preview_prompts": "a", "preview_block_weights": "NOBODY"}
    for ask in (lambda: session.preview("p", "v1", [], wish), lambda: session.plan_as_json("p", "v1", wish)):
        with pytest.raises(ConfigError) as caught:
            ask()
        assert [problem.setting for problem in caught.value.problems] == ["preview_block_weights"]
