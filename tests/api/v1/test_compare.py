def test_notes_of_a_version_are_written_one_by_one(api, version):
    assert api.get(version + "/notes") == {"notes": "", "conclusion": "", "best": "", "copy_of": ""}
    assert api("PATCH", version + "/notes", json={"conclusion": "good"})["conclusion"] == "good"
    assert api("PATCH", version + "/notes", json={"notes": "猫"})["conclusion"] == "good"
    refused = api("PATCH", version + "/notes", 422, json={"best": "x"})["error"]
    assert refused["problems"][0]["setting"] == "best"
    assert api("PATCH", version + "/notes", 422, json={"verdict": "x"})["error"]["code"]


def test_two_versions_are_compared_also_of_two_projects(api, version):
    api.post("/projects/mochi/versions", 201, name="v2", copy_of="v1")
    api("PATCH", "/projects/mochi/versions/v2/settings", json={"changes": {"network_dim": 8}})
    found = api.get(version + "/compare", params={"with": "v2"})
    assert [one["name"] for one in found["settings"]] == ["network_dim"]
    assert [side["version"] for side in found["sides"]] == ["v1", "v2"]
    assert found["sides"][1]["copy_of"] == "v1"
    assert found["pictures"]["same"] == found["sides"][0]["pictures"] > 0
    api.post("/projects", 201, name="other")
    found = api.get(version + "/compare", params={"with": "v1", "with_project": "other"})
    assert found["sides"][1]["pictures"] == 0
    assert api.get(version + "/compare", 422)["error"]["code"]
    assert api.get(version + "/compare", 404, params={"with": "v9"})["error"]["code"] == "unusable_project"
