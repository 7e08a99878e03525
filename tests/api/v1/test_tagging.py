import shutil

import pytest
from PIL import Image


@pytest.fixture
def version(api, session):
    api.post("/projects", 201, name="p")
    folder = session.root / "p" / "versions" / "v1" / "dataset" / "train" / "2_mochi"
    folder.mkdir(parents=True)
    for name, colour in (("a", "blue"), ("b", "red")):
        Image.new("RGB", (64, 64), colour).save(folder / f"{name}.png")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


WHERE = "/projects/p/versions/v1"


def test_pictures_are_tagged_looked_at_accepted_and_undone(api, version):
    api.post("/jobs", 202, kind="tag", project="p", version="v1", tagging={"tagger": "colours"}, filter="name:a*")
    job = api.until_idle()
    assert (job["phase"], job["outcome"]) == ("finished", "proposed: adds 1 tag to 1 caption")
    found = api.get(f"{WHERE}/tagging")
    assert found["changes"] == [{**found["changes"][0], "name": "a.png", "before": "", "after": "blue"}]
    assert found["label_text"]["template"] == "{0}"
    edit = api.post(f"{WHERE}/tagging/accept", number=found["number"])
    assert (edit["counts"], (version / "a.txt").read_text()) == ({"changed": 1}, "blue")
    assert api.get(f"{WHERE}/tagging", 404)["error"]["message"].startswith("p v1: there is nothing to accept")
    api.post(f"{WHERE}/edits/undo")
    assert not (version / "a.txt").exists()


def test_changes_come_in_parts_and_can_be_forgotten(api, version):
    api.post("/jobs", 202, kind="tag", project="p", version="v1", tagging={"tagger": "words"})
    api.until_idle()
    found = api.get(f"{WHERE}/tagging?offset=1&limit=1")
    assert (found["captions"], [one["after"] for one in found["changes"]]) == (2, ["a picture of red"])
    api("DELETE", f"{WHERE}/tagging")
    api.get(f"{WHERE}/tagging", 404)


def test_proposal_is_found_again_changed_and_then_another_one(api, version):
    where = "/now?project=p&version=v1"
    assert api.get(where)["proposal"] is None
    tagging = {"tagger": "colours", "general_threshold": 0}
    api.post("/jobs", 202, kind="tag", project="p", version="v1", tagging=tagging)
    api.until_idle()
    number = api.get(where)["proposal"]
    body = {"number": number, "settings": {"exclude_tags": ["red"]}}
    changed = api("PATCH", f"{WHERE}/tagging", json=body)
    assert sorted(one["tag"] for one in changed["tags"]) == ["blue", "green x"]
    assert (changed["settings"]["general_threshold"], api.get(where)["proposal"]) == (0, changed["number"])
    api("PATCH", f"{WHERE}/tagging", 404, json=body)


def test_taggers_are_listed_with_what_they_are_told(api):
    found = api.get("/taggers")
    assert [one["name"] for one in found["host"]] == ["colours", "words"]
    assert found["published"][0]["files"][0]["url"].startswith("https://huggingface.co/SmilingWolf/wd-vit-tagger-v3/")
    assert {"name": "mode", "kind": "str"}.items() <= next(
        one for one in found["settings"] if one["name"] == "mode"
    ).items()  # fmt: skip


@pytest.mark.parametrize(
    ("body", "setting"),
    [({"tagging": {"tagger": "magic"}}, "tagger"), ({"tagging": {"mode": 3}}, "mode"), ({"tagging": {"x": 3}}, "x")],
)
def test_setting_that_cannot_be_used_is_named(api, version, body, setting):
    error = api.post("/jobs", 422, kind="tag", project="p", version="v1", **body)["error"]
    assert [problem["setting"] for problem in error["problems"]] == [setting]


def test_tagger_that_is_not_published_or_has_no_folder_is_not_fetched(api):
    assert api.post("/taggers/fetch", 422, name="magic")["error"]["problems"][0]["setting"] == "fetch"
    assert api.post("/taggers/fetch", 422, name="joytag")["error"]["problems"][0]["setting"] == "tagger_folder"


@pytest.mark.parametrize(
    "value", ["", "../../outside", "a\0b", "x" * 5000, "/dev/full", None, [], {"a": 1}, 1e308, True]
)
@pytest.mark.parametrize("name", ["tagger", "model", "tagger_folder", "mode", "exclude_tags", "tag_categories"])
def test_whatever_a_tagger_is_told_is_answered_in_words(api, version, name, value):
    body = {"kind": "tag", "project": "p", "version": "v1", "tagging": {"tagger": "colours", name: value}}
    answer = api.client.post("/train-tools/v1/jobs", json=body)
    assert answer.status_code in (202, 422, 404), answer.text
    if answer.status_code != 202:
        assert len(answer.json()["error"]["message"]) > 10
    api.until_idle()
