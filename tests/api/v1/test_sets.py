from lib_train.api.v1.routes import PREFIX


def test_folders_are_told_with_their_part_of_an_epoch(api, version):
    answer = api.get(version + "/sets")
    assert answer == {"uses": 8, "sets": [
        {"folder": "2_mochi", "name": "mochi", "path": "mochi/versions/v1/dataset/train/2_mochi", "reg": False,
         "pictures": 4, "repeats": 2, "uses": 8, "share": 1.0, "trigger": "mochi"},
    ]}  # fmt: skip


def test_pictures_are_moved_into_another_folder_with_their_captions(api, version, session):
    train = session.root / "mochi" / "versions" / "v1" / "dataset" / "train"
    body = {"name": "hat", "repeats": 6, "filter": "name:mochi_00"}
    would = api.post(version + "/sets/move", **body, dry_run=True)
    assert (would["examples"], would["edit"], (train / "6_hat").exists()) == (["mochi_00.png"], None, False)
    done = api.post(version + "/sets/move", **body)
    assert (done["label"], done["pictures"]) == ("moved pictures to 6_hat: 1", 1)
    assert sorted(path.name for path in (train / "6_hat").iterdir()) == ["mochi_00.png", "mochi_00.txt"]
    sets = api.get(version + "/sets")
    assert {one["folder"]: (one["uses"], one["share"]) for one in sets["sets"]} == {
        "2_mochi": (6, 0.5), "6_hat": (6, 0.5),
    }  # fmt: skip
    assert api.post(version + "/sets/move", **body)["pictures"] == 0
    api.post(version + "/edits/undo", number=done["edit"])
    assert api.get(version + "/sets")["uses"] == 8
    assert not (train / "6_hat").exists()


def test_folder_of_no_good_name_or_repeats_is_refused(api, version):
    for body in ({"name": "../x", "repeats": 1}, {"name": "x", "repeats": 0}, {"name": "x", "repeats": 10**6}):
        answer = api.client.post(PREFIX + version + "/sets/move", json=body)
        assert answer.status_code in (404, 422)
        assert answer.json()["error"]["message"]


def test_pictures_of_a_folder_that_is_named_itself_are_not_moved_out_of_sight(api, version, session):
    folder = session.root / "mochi" / "versions" / "v1" / "dataset" / "train" / "2_mochi"
    api("PATCH", version + "/settings", json={"changes": {"train_data_dir": [str(folder)]}})
    refused = api.post(version + "/sets/move", 422, name="hat", repeats=6)["error"]["message"]
    assert "name the folder that it lies in" in refused
    assert len(list(folder.iterdir())) == 8


def test_version_without_pictures_has_no_sets(api):
    api.post("/projects", 201, name="empty")
    assert api.get("/projects/empty/versions/v1/sets") == {"uses": 0, "sets": []}


def sets_of(api, version):
    return [(one["folder"], one["reg"], one["pictures"]) for one in api.get(version + "/sets")["sets"]]


def test_set_gets_other_repeats_and_they_are_taken_back(api, version):
    body = {"folder": "2_mochi", "name": "mochi", "repeats": 7}
    assert api.post(version + "/sets/rename", **body, dry_run=True)["edit"] is None
    done = api.post(version + "/sets/rename", **body)
    assert (done["label"], done["pictures"]) == ("renamed 2_mochi to 7_mochi", 4)
    assert sets_of(api, version) == [("7_mochi", False, 4)]
    assert api.post(version + "/sets/rename", **{**body, "folder": "7_mochi"})["pictures"] == 0
    api.post(version + "/edits/undo")
    assert sets_of(api, version) == [("2_mochi", False, 4)]


def test_training_pictures_become_regularisation_and_come_back(api, version):
    body = {"name": "cat", "repeats": 1, "reg": True}
    api.post(version + "/sets/move", **body, filter="name:mochi_00")
    assert sets_of(api, version) == [("2_mochi", False, 3), ("1_cat", True, 1)]
    assert api.post(version + "/sets/move", **body, filter="is:reg")["pictures"] == 0
    api.post(version + "/sets/move", name="mochi", repeats=2, reg=False, filter="is:reg")
    assert sets_of(api, version) == [("2_mochi", False, 4)]


def test_pictures_of_a_named_folder_become_regularisation_where_one_is_named_for_it(api, version, session, tmp_path):
    train = session.root / "mochi" / "versions" / "v1" / "dataset" / "train"
    train.rename(tmp_path / "mine")
    api("PATCH", version + "/settings", json={"changes": {"train_data_dir": [str(tmp_path / "mine")]}})
    refused = api.post(version + "/sets/move", 422, name="cat", repeats=1, reg=True)["error"]
    assert refused["problems"][0]["setting"] == "reg_data_dir"
    api("PATCH", version + "/settings", json={"changes": {"reg_data_dir": [str(tmp_path / "reg")]}})
    api.post(version + "/sets/move", name="cat", repeats=1, reg=True, filter="name:mochi_00")
    assert sorted(path.name for path in (tmp_path / "reg" / "1_cat").iterdir()) == ["mochi_00.png", "mochi_00.txt"]


def test_set_that_there_is_not_is_named_with_those_that_there_are(api, version):
    refused = api.post(version + "/sets/rename", 422, folder="9_x", name="mochi", repeats=2)["error"]
    assert refused["problems"][0]["remedy"] == "there is no such set; choose one of 2_mochi"
