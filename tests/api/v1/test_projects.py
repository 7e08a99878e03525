def test_projects_and_versions_are_made_renamed_copied_and_deleted(api):
    assert api.post("/projects", 201, name="mochi") == {"project": "mochi", "version": "v1"}
    assert api("PATCH", "/projects/mochi", json={"name": "も ち", "notes": "blue ears"})["notes"] == "blue ears"
    assert api.post("/projects/も ち/versions", 201, name="v2", copy_of="v1")["version"] == "v2"
    assert api("PATCH", "/projects/も ち/versions/v2", json={"name": "wide"}) == {"project": "も ち", "version": "wide"}
    listed = api.get("/projects")["projects"]
    assert [(one["name"], [entry["name"] for entry in one["versions"]]) for one in listed] == [
        ("も ち", ["v1", "wide"])
    ]
    api("DELETE", "/projects/も ち/versions/wide")
    assert [entry["name"] for entry in api.get("/projects/も ち")["versions"]] == ["v1"]
    api("DELETE", "/projects/も ち")
    assert api.get("/projects") == {"projects": [], "suggested": "lora"}
    assert api.get("/projects/も ち", 404)["error"]["code"] == "unusable_project"


def test_project_is_made_of_the_sample_or_under_a_free_name(api):
    assert api.get("/projects")["suggested"] == "lora"
    assert api.post("/projects", 201, name="mochi", sample=True) == {"project": "mochi", "version": "v1"}
    assert api.post("/projects", 201, sample=True)["project"] == "mochi 2"
    assert api.get("/projects/mochi 2/versions/v1/pictures")["total"] == 66
    assert api.get("/projects/mochi 2/versions/v1/settings")["problems"] == []
    assert api.post("/projects", 201, free=True)["project"] == "lora"
    assert api.get("/projects")["suggested"] == "lora 2"
    assert api.post("/projects", 201, name="lora", free=True)["project"] == "lora 2"
    assert "there is one of this name" in api.post("/projects", 404, name="lora")["error"]["message"]
    assert "project = ''" in api.post("/projects", 404, name="")["error"]["message"]
    api.post("/projects", 422, name="x", sample="yes")


def test_projects_are_listed_with_what_cannot_be_opened(api, version, session):
    (session.root / "odd").symlink_to(session.root / "none")
    dead = "is a link to something that is not there"
    folder = session.root / "mochi"
    known = [str(path.stat().st_ino) for path in (folder, folder / "versions" / "v1")]
    assert api.get("/projects")["projects"] == [
        {
            "name": "mochi", "id": known[0], "problem": "", "problem_text": None,
            "versions": [{"name": "v1", "id": known[1], "problem": "", "problem_text": None}],
        },
        {"name": "odd", "id": "", "problem": dead, "problem_text": {"template": dead, "values": {}}, "versions": []},
    ]  # fmt: skip
