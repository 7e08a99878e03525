"""Tagging as a job on the fake host's taggers: proposed, looked at, accepted, undone."""

import time

import pytest

from lib_train.app.session import Session
from lib_train.app.tagging import tagging_config
from lib_train.errors import ConfigError, DatasetError, HostBusyError, ModelFileError, ProjectError
from tests.fakes import FakeHost


@pytest.fixture
def made(session, folder):
    """Three pictures with captions, the first of which has none."""
    (folder / "0.txt").unlink()
    return folder


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def tagged(session, settings=None, **chosen):
    session.tagging.start("p", "v1", {"tagger": "colours", "general_threshold": 0.4, **(settings or {})}, **chosen)
    while session.busy:
        time.sleep(0.01)
    return session.status.job()


def test_nothing_is_written_until_it_is_accepted_and_one_undo_takes_all_back(session, made):
    before = content(made)
    job = tagged(session, {"mode": "append", "trigger_word": "mochi"})
    assert (job["phase"], job["kind"], job["work"]) == ("finished", "tag", "")
    assert job["outcome"] == "proposed: adds 6 tags to 3 captions"
    assert content(made) == before
    found = session.tagging.proposal("p", "v1")
    assert (found["tagger"], found["pictures"], found["captions"], found["added"], found["removed"]) == (
        "colours", 3, 3, 6, 0
    )  # fmt: skip
    assert [(one["name"], one["after"]) for one in found["changes"]] == [
        ("0.png", "mochi, blue, green x"), ("1.png", "mochi, number 1, blue, green x"),
        ("2.png", "mochi, number 2, blue, red, green x"),
    ]  # fmt: skip
    edit = session.tagging.accept("p", "v1", found["number"])
    assert edit["label"] == "adds 6 tags to 3 captions, by colours"
    assert edit["counts"] == {"changed": 3}
    assert (made / "0.txt").read_text() == "mochi, blue, green x"
    assert (made / "2.txt").read_text() == "mochi, number 2, blue, red, green x"
    session.editing("p", "v1").undo()
    assert content(made) == before


def test_pictures_without_a_caption_are_tagged_where_nobody_asks_for_more(session, made):
    tagged(session)
    found = session.tagging.proposal("p", "v1")
    assert (found["pictures"], [one["name"] for one in found["changes"]]) == (1, ["0.png"])


def test_what_was_bound_to_a_trigger_word_stays_out_of_new_captions_and_the_word_comes_first(session, made):
    session.bindings("p", "v1").bind("mochi", ["green x"])
    tagged(session, {"mode": "append"})
    found = session.tagging.proposal("p", "v1")
    assert [(one["name"], one["after"]) for one in found["changes"]] == [
        ("0.png", "mochi, blue"), ("2.png", "mochi, number 2, blue, red")
    ]  # fmt: skip
    session.tagging.accept("p", "v1", found["number"])
    assert session.bindings("p", "v1").proposed()["waiting"] == 0


def test_filter_and_ids_choose_the_pictures(session, made):
    tagged(session, {"mode": "overwrite"}, filter='"number 2"')
    assert [one["name"] for one in session.tagging.proposal("p", "v1")["changes"]] == ["2.png"]
    number = session.tagging.proposal("p", "v1")["changes"][0]["id"]
    tagged(session, {"mode": "overwrite"}, ids=[number])
    assert session.tagging.proposal("p", "v1")["pictures"] == 1


def test_caption_that_somebody_wrote_meanwhile_is_kept(session, made):
    tagged(session)
    number = session.tagging.proposal("p", "v1")["number"]
    (made / "0.txt").write_text("by hand")
    assert session.tagging.proposal("p", "v1")["captions"] == 0
    edit = session.tagging.accept("p", "v1", number)
    assert (edit["number"], (made / "0.txt").read_text()) == (0, "by hand")


def test_proposal_that_was_made_anew_meanwhile_is_not_accepted(session, made):
    tagged(session)
    first = session.tagging.proposal("p", "v1")["number"]
    tagged(session)
    with pytest.raises(ProjectError, match="another one meanwhile"):
        session.tagging.accept("p", "v1", first)
    session.tagging.accept("p", "v1", session.tagging.proposal("p", "v1")["number"])
    with pytest.raises(ProjectError, match="there is nothing to accept"):
        session.tagging.proposal("p", "v1")


def test_thresholds_are_changed_without_tagging_anew(session, made):
    tagged(session, {"mode": "append"})
    first = session.tagging.proposal("p", "v1")
    session.host.tag = None
    found = session.tagging.change("p", "v1", first["number"], {"general_threshold": 0.5, "exclude_tags": ["red"]})
    assert [one["after"] for one in found["changes"]] == ["blue"]
    assert found["settings"]["exclude_tags"] == ("red",)
    assert session.tagging.number("p", "v1") == found["number"] != first["number"]
    with pytest.raises(ProjectError, match="another one meanwhile"):
        session.tagging.change("p", "v1", first["number"], {})
    back = session.tagging.change("p", "v1", found["number"], {"general_threshold": 0.4, "exclude_tags": ""})
    assert {**back, "number": 0, "settings": 0} == {**first, "number": 0, "settings": 0}


def test_tags_that_come_are_counted_and_captions_that_are_missing_are_empty(session, made):
    tagged(session, {"mode": "append"})
    found = session.tagging.proposal("p", "v1")
    counts = {one["tag"]: one["pictures"] for one in found["tags"]}
    assert list(counts.items()) == [("green x", 3), ("blue", 1), ("red", 1)]
    assert [one["before"] for one in found["changes"]] == ["", "mochi, number 1, blue", "mochi, number 2, blue"]
    assert (found["makes"], found["usual_threshold"], found["kinds"]) == ("tags", 0.5, 3)
    tagged(session, {"tagger": "words"})
    assert session.tagging.proposal("p", "v1")["makes"] == "sentence"


def test_setting_that_counts_while_pictures_are_tagged_is_not_changed_afterwards(session, made):
    tagged(session)
    number = session.tagging.proposal("p", "v1")["number"]
    with pytest.raises(ConfigError, match="tagger = 'words': counts while pictures are tagged; tag them anew"):
        session.tagging.change("p", "v1", number, {"tagger": "words"})
    with pytest.raises(ConfigError, match="mode = 'x'"):
        session.tagging.change("p", "v1", number, {"mode": "x"})
    assert session.tagging.number("p", "v1") == number


def test_proposal_can_be_forgotten(session, made):
    tagged(session)
    session.tagging.discard("p", "v1")
    with pytest.raises(ProjectError, match="p v1: there is nothing to accept"):
        session.tagging.accept("p", "v1", 1)


def test_stopped_job_keeps_what_was_said(session, made):
    session.status.working = lambda what, done, total: done == 2 and session.stop()
    job = tagged(session, {"mode": "overwrite"})
    found = session.tagging.proposal("p", "v1")
    assert (job["phase"], found["stopped"], found["pictures"]) == ("stopped", True, 2)


def test_damaged_picture_is_named_in_the_proposal(session, made):
    tagged(session)  # so that it is known
    (made / "0.png").write_bytes((made / "0.png").read_bytes()[:50])
    tagged(session, {"mode": "overwrite"})
    found = session.tagging.proposal("p", "v1")
    assert found["pictures"] == 2
    assert len(found["refused"]) <= 1


@pytest.mark.parametrize(
    ("settings", "error", "why"),
    [
        ({"tagger": "magic"}, ConfigError, "tagger = 'magic': choose one of"),
        ({"tagger": ""}, ModelFileError, "no tagger was named; get https://"),
        ({"volume": 3}, ConfigError, "volume = 3: there is no such setting"),
        ({"mode": "x", "mcut": "perhaps"}, ConfigError, "2 settings cannot be used"),
        ({"tagger_folder": "/nowhere"}, ConfigError, "tagger_folder = '/nowhere': there is no such folder"),
    ],
)
def test_what_cannot_be_is_named_before_the_job_begins(session, made, settings, error, why):
    with pytest.raises(error, match=why):
        tagged(session, settings)
    assert session.status.job()["phase"] == "idle"


def test_no_picture_left_to_tag_is_said(session, made):
    (made / "0.txt").write_text("hat")
    with pytest.raises(DatasetError, match="mode = missing: there is no picture to tag; choose other pictures"):
        tagged(session)


@pytest.mark.parametrize(
    ("settings", "chosen", "count"),
    [
        ({}, {}, {"pictures": 1, "chosen": 3}),
        ({"mode": "append"}, {}, {"pictures": 3, "chosen": 3}),
        ({"mode": "overwrite"}, {"filter": "name:2*"}, {"pictures": 1, "chosen": 1}),
        ({}, {"ids": []}, {"pictures": 0, "chosen": 0}),
    ],
)
def test_pictures_that_would_be_tagged_are_counted_before(session, made, settings, chosen, count):
    assert session.tagging.count("p", "v1", settings, **chosen) == count


def test_pictures_that_were_taken_out_do_not_count_as_chosen(session, made):
    session.practice.take_out("p", "v1", filter="name:2*")
    assert session.tagging.count("p", "v1", {"mode": "append"}) == {"pictures": 2, "chosen": 2}


def test_second_job_is_refused(session, made):
    with session.queue._lock:
        session.queue._now = object()
    with pytest.raises(HostBusyError):
        tagged(session)
    session.queue._now = None


def test_folders_outside_are_refused_where_nobody_may_choose_any(tmp_path, made):
    class Closed(FakeHost):
        def folders_may_be_chosen(self):
            return False

    (tmp_path / "taggers").mkdir()
    session = Session(Closed(tmp_path / "A.safetensors"), tmp_path / "out")
    for name in ("tagger_folder", "model"):
        with pytest.raises(ConfigError, match=f"{name} = .*: folders cannot be chosen here"):
            tagged(session, {name: str(tmp_path / "taggers" / "model.onnx")})
    with pytest.raises(ConfigError, match="folders cannot be chosen here"):
        session.taggers.fetch("joytag", {"tagger_folder": str(tmp_path / "taggers")})


def test_settings_are_those_that_are_declared():
    assert tagging_config({}).mode == "missing"
    with pytest.raises(ConfigError) as error:
        tagging_config({"mode": "x", "volume": 1})
    assert [problem.setting for problem in error.value.problems] == ["volume", "mode"]
