import shutil

import pytest


@pytest.fixture
def folder(session, version):
    """The version's pictures: four of the sample character, one of them twice, and a tag twice."""
    there = session.root / "mochi" / "versions" / "v1" / "dataset" / "train" / "2_mochi"
    first = sorted(there.glob("*.png"))[0]
    shutil.copy(first, there / "copy.png")
    (there / "mochi_01.txt").write_text("mochi, hat, hat")
    return there


def findings(api, version):
    return {one["code"]: one for one in api.get(version + "/doctor")["findings"]}


def test_findings_come_with_count_filter_remedies_and_examples(api, version, folder):
    answer = api.get(version + "/doctor")
    assert (answer["files"], answer["left_out"], answer["measured"]) == (5, 0, 5)
    one = next(each for each in answer["findings"] if each["code"] == "duplicate")
    assert (one["severity"], one["count"], one["filter"], one["remedies"]) == (
        "warning", 1, "problem:duplicate", ["take_out"],
    )  # fmt: skip
    assert one["text"] == "pictures that are there twice, byte for byte: 1, such as copy.png, like mochi_00.png"
    assert [(each["name"], each["detail"]) for each in one["examples"]] == [("copy.png", "like mochi_00.png")]


def test_each_picture_is_told_what_is_wrong_with_it_the_worst_first(api, version, folder):
    ids = {each["name"]: each["id"] for each in api.get(version + "/pictures")["pictures"]}
    asked = [ids[name] for name in ("copy.png", "mochi_01.png", "mochi_02.png")]
    wrong = {one["id"]: one["findings"] for one in api.post(version + "/doctor/pictures", ids=asked)["pictures"]}
    assert [one["code"] for one in wrong[ids["copy.png"]]][:1] == ["duplicate"]
    assert wrong[ids["copy.png"]][0]["detail"] == "like mochi_00.png"
    assert ("tag_twice", "hat") in [(one["code"], one["detail"]) for one in wrong[ids["mochi_01.png"]]]
    assert ids["mochi_00.png"] not in wrong
    assert api.post(version + "/doctor/pictures", ids=[99])["pictures"] == []


def test_one_finding_has_all_its_pictures_and_those_that_belong_together(api, version, folder):
    one = api.get(version + "/doctor/duplicate")
    names = {each["id"]: each["name"] for each in api.get(version + "/pictures")["pictures"]}
    assert [each["name"] for each in one["pictures"]] == ["copy.png"]
    assert [[names[number] for number in group] for group in one["groups"]] == [["mochi_00.png", "copy.png"]]
    assert api.get(version + "/doctor/weights")["pictures"] == []
    assert "must be one of unreadable" in api.get(version + "/doctor/nonsense", 422)["error"]["message"]


def test_remedy_takes_out_and_mends_after_a_dry_run_that_writes_nothing(api, version, folder):
    would = api.post(version + "/doctor/duplicate/remedy", dry_run=True)
    assert (would["pictures"], would["edit"], (folder / "copy.png").exists()) == (1, None, True)
    done = api.post(version + "/doctor/duplicate/remedy", remedy="take_out")
    assert (done["label"], done["examples"], done["edit"], done["left"]) == (
        "took out pictures: 1", ["copy.png"], 2, [],
    )  # fmt: skip
    assert not (folder / "copy.png").exists()
    assert (folder.parents[1] / "left_out" / "2_mochi" / "copy.png").is_file()
    assert api.get(version + "/doctor")["left_out"] == 1
    mended = api.post(version + "/doctor/tag_twice/remedy", remedy="dedupe")
    assert (mended["label"], (folder / "mochi_01.txt").read_text()) == (
        "removed repeated tags: 1 caption", "mochi, hat",
    )  # fmt: skip
    assert not {"duplicate", "tag_twice"} & findings(api, version).keys()
    again = api.post(version + "/doctor/duplicate/remedy", remedy="take_out")
    assert (again["label"], again["pictures"], again["edit"]) == ("", 0, None)


def test_remedy_that_is_not_made_here_is_refused_with_those_that_are(api, version, folder):
    refused = api.post(version + "/doctor/duplicate/remedy", 422, remedy="enlarge")["error"]["message"]
    assert "against duplicate choose take_out" in refused
    assert "must be one of" in api.post(version + "/doctor/x/remedy", 422, remedy="take_out")["error"]["message"]


def test_pictures_are_taken_out_by_filter_or_ids_and_put_back(api, version, folder):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    ids = [one["id"] for one in api.get(version + "/pictures")["pictures"] if one["name"] == "mochi_02.png"]
    assert api.post(version + "/pictures/take-out", filter="problem:duplicate")["examples"] == ["copy.png"]
    assert api.post(version + "/pictures/take-out", ids=ids)["examples"] == ["mochi_02.png"]
    assert api.get(version + "/pictures")["total"] == 3
    assert not (folder / "mochi_02.txt").exists()
    would = api.post(version + "/pictures/put-back", filter="name:mochi*", dry_run=True)
    assert (would["examples"], would["edit"]) == (["mochi_02.png"], None)
    assert api.post(version + "/pictures/put-back", filter="is:left_out")["pictures"] == 2
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert "load the list anew" in api.post(version + "/pictures/take-out", 422, ids=[3])["error"]["message"]
    wrong = api.post(version + "/pictures/take-out", 422, filter="(hat")["error"]
    assert (wrong["code"], wrong["place"]) == ("unusable_filter", 0)


def test_doctor_of_no_version_is_refused_and_makes_none(api, session):
    assert api.get("/projects/x/versions/v1/doctor", 404)["error"]["message"]
    assert api.post("/projects/x/versions/v1/pictures/take-out", 404, filter="hat")
    assert not (session.root / "x").exists()


def test_question_writes_nothing_beside_the_cache(api, version, folder):
    place = folder.parents[2]
    before = {path for path in place.rglob("*") if "cache" not in path.parts}
    api.get(version + "/doctor")
    api.get(version + "/doctor/small")
    api.post(version + "/pictures/take-out", dry_run=True)
    assert {path for path in place.rglob("*") if "cache" not in path.parts} == before


def test_plan_names_the_worst_finding(api, version, folder):
    api.get(version + "/doctor")
    plan, found = api.get(version + "/plan"), api.get(version + "/doctor")["findings"]
    assert plan["worst"].startswith(found[0]["text"])
    assert plan["doctor"] == {**{name: found[0][name] for name in ("text", "text_text", "severity", "filter")},
                              "more": len(found) - 1}  # fmt: skip
    assert not {one["text"] for one in found} & set(plan["notes"])
