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


def test_a_comparison_is_a_page_with_its_pictures_in_the_language_that_is_asked_for(api, version):
    api.post("/projects/mochi/versions", 201, name="v2", copy_of="v1")
    api.post("/projects", 201, name="empty")
    asked = {"with": "v1", "with_project": "empty", "language": "ja"}
    page = api.get(version + "/compare/page", params=asked)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-security-policy"] == (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox"
    )
    assert "content-disposition" not in page.headers
    assert '<html lang="ja-JP">' in page.text
    assert "mochi v1" in page.text
    assert "data:image/webp;base64," in page.text
    assert "<script" not in page.text
    saved = api.get(version + "/compare/page", params={"with": "v2", "download": True})
    assert saved.headers["content-disposition"] == "attachment; filename*=utf-8''mochi-v1-mochi-v2.html"
    assert '<html lang="en">' in saved.text
    assert api.get(version + "/compare/page", 404, params={"with": "v9"})["error"]["code"] == "unusable_project"
