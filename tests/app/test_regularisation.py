"""Regularisation pictures as a job of the fake host."""

import pytest

from lib_train.errors import ConfigError, HostBusyError, ModelFileError, ProjectError
from tests.fakes import FakeHost
from tests.moves import ended, until

WISH = {"class_word": "cat", "class_prompt": "a cat, {standing|sitting}", "num_class_images": 4}


@pytest.fixture
def version(session, folder):
    """With three pictures of two shapes and quick previews; its folder of regularisation pictures."""
    changes = {"resolution": 64, "min_bucket_reso": 32, "bucket_reso_steps": 32, "preview_steps": "1",
               "preview_negative_prompt": "dog"}  # fmt: skip
    session.kept.keep("p", "v1", changes)
    return folder.parents[1] / "reg"


def made(session, phase="finished", **changes):
    session.regularisation.start("p", "v1", {**WISH, **changes})
    return ended(session, phase)


def names(folder):
    return sorted(path.name for path in folder.glob("*")) if folder.is_dir() else []


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.glob("*")}


def test_job_makes_pictures_of_the_buckets_sizes_as_previews_are_made(session, version, rendered):
    requests = rendered()
    would = session.regularisation.preview("p", "v1", WISH)
    assert (would["folder"], would["pictures"], would["missing"]) == ("1_cat", 4, 4)
    assert would["sizes"] == [{"width": 64, "height": 64, "pictures": 3}, {"width": 96, "height": 32, "pictures": 1}]
    job = made(session)
    assert (job["kind"], job["outcome"]) == ("regularise", "made regularisation pictures in 1_cat: 4")
    assert [(one.seed, one.prompt) for one in requests] == [(one["seed"], one["prompt"]) for one in would["examples"]]
    assert {(one.steps, one.negative_prompt, one.network) for one in requests} == {(1, "dog", None)}
    assert len(names(version / "1_cat")) == 8
    sets = session.sets.shares("p", "v1")["sets"]
    assert [(one["folder"], one["reg"], one["pictures"]) for one in sets] == [("2_mochi", False, 3), ("1_cat", True, 4)]


def test_job_that_was_stopped_goes_on_and_makes_nothing_twice(session, version, rendered):
    stops = [session.stop]
    requests = rendered(lambda: stops and stops.pop()())
    job = made(session, "stopped")
    assert job["outcome"] == "made regularisation pictures in 1_cat: 1; start it again to go on"
    first = contents(version / "1_cat")
    assert session.regularisation.preview("p", "v1", WISH)["missing"] == 3
    made(session)
    assert [one.seed for one in requests] == [1, 2, 3, 4]
    assert first.items() <= contents(version / "1_cat").items()


def test_pictures_that_were_taken_out_or_whose_set_was_renamed_are_not_made_again(session, version):
    made(session)
    first = session.picture_sets.of("p", "v1").chosen("is:reg")[0]
    session.practice.take_out("p", "v1", ids=[first.id])
    session.sets.rename("p", "v1", "1_cat", True, "cat", 3)
    with pytest.raises(ConfigError, match="num_class_images = 4: all of them are there already"):
        session.regularisation.start("p", "v1", WISH)
    assert session.regularisation.preview("p", "v1", {**WISH, "num_class_images": 6})["missing"] == 2
    assert session.regularisation.preview("p", "v1", {**WISH, "class_steps": 2})["missing"] == 4


def test_one_undo_takes_all_of_a_job_away_and_redo_brings_them_back(session, version):
    made(session, num_class_images=2)
    first = contents(version / "1_cat")
    made(session)
    whole = contents(version / "1_cat")
    session.editing("p", "v1").undo()
    assert contents(version / "1_cat") == first
    session.editing("p", "v1").redo()
    assert contents(version / "1_cat") == whole
    for _ in range(2):
        session.editing("p", "v1").undo()
    assert not (version / "1_cat").exists()


def test_pictures_made_before_an_error_are_kept_and_one_edit(session, version, rendered):
    def fails():
        if len(requests) == 2:
            raise ModelFileError("the model is gone")

    requests = rendered(fails)
    assert "the model is gone" in str(made(session, "failed")["error"])
    assert len(names(version / "1_cat")) == 4
    assert session.editing("p", "v1").listed()[0]["counts"] == {"made": 4}


def test_what_was_wished_last_is_remembered_and_else_it_is_as_previews(session, version):
    values = session.regularisation.described("p", "v1")["values"]
    assert (values["class_negative_prompt"], values["class_steps"], values["class_word"]) == ("dog", 1, "")
    made(session, class_steps=2, num_class_images=1)
    found = session.regularisation.described("p", "v1")
    assert {**found["values"], **WISH, "num_class_images": 1, "class_steps": 2} == found["values"]
    sampler = next(one for one in found["settings"] if one["name"] == "class_sampler")
    assert sampler["choices"] == ("Euler a", "DDIM")


def test_version_without_pictures_takes_the_training_size(session, tmp_path):
    session.projects.create("q")
    session.kept.keep("q", "v1", {"resolution": 128})
    would = session.regularisation.preview("q", "v1", WISH)
    assert would["sizes"] == [{"width": 128, "height": 128, "pictures": 4}]


def test_wildcards_of_the_host_and_of_a_named_folder_are_taken(session, version, tmp_path, monkeypatch):
    for name in ("hosts", "mine"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "poses.txt").write_text(name)
    monkeypatch.setattr(FakeHost, "wildcard_folders", lambda host: [tmp_path / "hosts"])
    wish = {**WISH, "class_prompt": "__poses__"}
    assert session.regularisation.described("p", "v1")["wildcards"] == ["poses"]
    assert session.regularisation.preview("p", "v1", wish)["examples"][0]["prompt"] == "hosts"
    wish["wildcard_folder"] = str(tmp_path / "mine")
    assert session.regularisation.preview("p", "v1", wish)["examples"][0]["prompt"] == "mine"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"class_sampler": "magic"}, "class_sampler = 'magic': choose one of Euler a"),
        ({"class_prompt": "__nothing__"}, "there are none"),
        ({"class_colour": "red"}, "class_colour = 'red': there is no such setting"),
        ({"wildcard_folder": "/nowhere"}, "wildcard_folder = '/nowhere'"),
        ({"class_word": "../x"}, "class_word = '../x': use letters"),
    ],
)
def test_what_cannot_be_used_is_named_and_nothing_begins(session, version, changes, why):
    with pytest.raises((ConfigError, ProjectError)) as caught:
        session.regularisation.start("p", "v1", {**WISH, **changes})
    assert why in str(caught.value)
    assert not session.busy
    assert not version.exists()


def test_version_whose_pictures_are_being_made_stays_as_it_is(session, version, rendered):
    refused = []

    def tries():
        try:
            session.projects.rename("p", "q")
        except HostBusyError as error:
            refused.append(str(error))

    rendered(tries)
    made(session, num_class_images=1)
    until(lambda: not session.busy)
    assert "regularisation pictures of it are being made" in refused[0]
