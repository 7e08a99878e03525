import pytest

STEPS = [{"do": "add", "tags": ["solo"], "last": True}]


def captions(session):
    folder = session.root / "mochi" / "versions" / "v1" / "dataset" / "train" / "2_mochi"
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.txt"))}


def test_edit_is_seen_before_it_is_written_and_undone_after(api, version, session):
    before = captions(session)
    seen = api.post(version + "/captions/preview", steps=STEPS)
    assert (seen["pictures"], seen["captions"], seen["unreadable"]) == (4, 4, [])
    assert seen["steps"][0]["what_text"] == {"template": "added {tags}", "values": {"tags": "solo"}}
    example = seen["examples"][0]
    assert example["after"] == f"{example['before']}, solo"
    assert captions(session) == before
    edit = api.post(version + "/captions/edit", steps=STEPS)
    assert (edit["number"], edit["label"], edit["counts"]) == (2, "added solo: 4 captions", {"changed": 4})
    assert all(content.rstrip().endswith(b", solo") for content in captions(session).values())
    undone = api.post(version + "/edits/undo")
    assert (undone["files"], undone["left"], undone["edit"]["undone"]) == (4, [], True)
    assert captions(session) == before
    assert api.post(version + "/edits/redo")["files"] == 4
    listed = api.get(version + "/edits")
    assert (listed["total"], listed["edits"][0]["undone"]) == (2, False)
    assert [one["label"] for one in api.get(version + "/edits?offset=1")["edits"]] == ["imported files: 8"]


def test_edit_of_some_pictures_leaves_the_others(api, version, session):
    before = captions(session)
    some = api.post(version + "/captions/preview", steps=STEPS, ids=[])
    assert (some["pictures"], some["captions"]) == (0, 0)
    first = api.post(version + "/captions/preview", steps=STEPS)["examples"][0]
    api.post(version + "/captions/edit", steps=STEPS, ids=[first["id"]])
    assert sum(content != before[name] for name, content in captions(session).items()) == 1
    api.post(version + "/captions/edit", steps=STEPS, filter="-solo")
    assert api.get(version + "/edits")["edits"][0]["counts"] == {"changed": 3}


def test_edit_that_changes_nothing_is_not_noted(api, version):
    edit = api.post(version + "/captions/edit", steps=[{"do": "remove", "tags": ["nobody has it"]}])
    assert (edit["number"], edit["label"]) == (0, "nothing to change")
    assert api.get(version + "/edits")["total"] == 1  # the import


def test_older_edit_is_undone_by_its_number(api, version, session):
    before = captions(session)
    api.post(version + "/captions/edit", steps=STEPS)
    assert api.post(version + "/edits/undo", number=2)["files"] == 4
    assert captions(session) == before
    assert "there is no edit 2" in api.post(version + "/edits/undo", 422, number=2)["error"]["message"]


def test_what_can_be_done_again_is_told_until_a_new_edit(api, version, session):
    assert api.get(version + "/edits")["redo"] is None
    for tag in ("one", "two"):
        api.post(version + "/captions/edit", steps=[{"do": "add", "tags": [tag]}])
    after = captions(session)
    for number in (3, 2):
        api.post(version + "/edits/undo")
        again = api.get(version + "/edits?limit=0")["redo"]
        assert (again["number"], again["undone"]) == (number, True)
    assert (again["label"], again["label_text"]["template"]) == ("added one: 4 captions", "{0}")
    refused = api.post(version + "/edits/redo", 422, number=3)  # another window undid number 2 after it
    assert "there is no edit 3 to redo" in refused["error"]["message"]
    assert api.post(version + "/edits/redo", number=2)["edit"]["undone"] is False
    assert api.post(version + "/edits/redo")["edit"]["number"] == 3
    assert captions(session) == after
    assert api.get(version + "/edits")["redo"] is None
    api.post(version + "/edits/undo")
    api.post(version + "/captions/edit", steps=STEPS)
    assert api.get(version + "/edits")["redo"] is None
    assert "there is no edit 3 to redo" in api.post(version + "/edits/redo", 422, number=3)["error"]["message"]


def test_import_that_is_undone_after_captions_were_edited_names_what_stays_and_comes_back_whole(api, version, session):
    api.post(version + "/captions/edit", steps=STEPS)
    folder = session.root / "mochi" / "versions" / "v1" / "dataset" / "train" / "2_mochi"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    undone = api.post(version + "/edits/undo", number=1)
    assert sorted(undone["left"]) == [f"{name}: was changed meanwhile" for name in captions(session)]  # by us
    assert [path.suffix for path in folder.iterdir()] == [".txt"] * 4
    assert api.get(version + "/edits")["redo"]["number"] == 1
    assert api.post(version + "/edits/redo", number=1)["left"] == []
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize(
    ("step", "setting", "why"),
    [
        ({"do": "explode"}, "do", "choose an edit: add or remove"),
        ({"do": "add"}, "tags", "is missing"),
        ({"do": "dedupe", "tags": ["x"]}, "tags", "is not known here"),
        ({"do": "sort", "by": "size"}, "by", "must be one of frequency, name"),
        ({"do": "replace", "find": "(", "regex": True}, "find", "is no regular expression"),
    ],
)
def test_step_that_is_none_is_named(api, version, step, setting, why):
    error = api.post(version + "/captions/edit", 422, steps=[step])["error"]
    assert [problem["setting"] for problem in error["problems"]] == [setting]
    assert why in error["message"]


def test_filter_and_id_that_mean_nothing_are_named(api, version):
    error = api.post(version + "/captions/preview", 422, steps=STEPS, filter="(blue")["error"]
    assert error["code"] == "unusable_filter"
    assert (
        "not there any more" in api.post(version + "/captions/preview", 422, steps=STEPS, ids=[99])["error"]["message"]
    )
    assert (
        api.post("/projects/mochi/versions/v9/captions/edit", 404, steps=STEPS)["error"]["code"] == "unusable_project"
    )


def test_class_pictures_are_edited_only_when_the_filter_or_ids_name_them(api, version, session):
    dataset = session.root / "mochi" / "versions" / "v1" / "dataset"
    folder = dataset / "reg" / "1_cat"
    folder.mkdir(parents=True)
    picture = next((dataset / "train" / "2_mochi").glob("*.png"))
    (folder / "cat.png").write_bytes(picture.read_bytes())
    (folder / "cat.txt").write_text("a cat")
    assert api.post(version + "/captions/edit", steps=STEPS)["counts"] == {"changed": 4}
    assert (folder / "cat.txt").read_text() == "a cat"
    assert api.get(version + "/tags")["pictures"] == 4
    assert api.post(version + "/captions/edit", steps=STEPS, filter="is:reg")["counts"] == {"changed": 1}
    assert (folder / "cat.txt").read_text() == "a cat, solo"
