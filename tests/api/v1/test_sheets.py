import pytest

SETTINGS = {"preview_prompts": "a cat, sitting", "preview_steps": 1, "preview_sampler": "Euler a"}
AXES = {"rows": "checkpoint", "columns": "replace:sitting,standing", "pages": "seed:1,2"}


@pytest.fixture
def trained(api, version):
    """A version with two checkpoints."""
    api.post("/jobs", 202, kind="train", project="mochi", version="v1")
    assert api.until_idle()["phase"] == "finished"
    api("PATCH", version + "/settings", json={"changes": SETTINGS})
    return version


def test_a_dry_run_counts_and_writes_nothing_and_a_sheet_is_made_listed_and_given_out(api, trained, session):
    before = sorted(session.root.rglob("*"))
    wanted = {"pictures": 8, "missing": 8, "seconds": None, "number": None}
    assert api.post(trained + "/sheets", **AXES, dry_run=True) == wanted
    assert sorted(session.root.rglob("*")) == before
    found = api.post(trained + "/sheets", **AXES, language="ja")
    assert found["number"] > 0
    ended = api.until_idle()
    assert (ended["kind"], ended["phase"]) == ("sheet", "finished")
    assert ended["outcome"] == "2 sheets in mochi/versions/v1/previews"

    listed = api.get(trained + "/sheets")
    (sheet,) = listed["sheets"]
    assert (sheet["prompt"], sheet["axes"], sheet["html"]) == (
        "a cat, sitting", ["checkpoint", "replace:sitting,standing", "seed:1,2"], True)  # fmt: skip
    assert len(sheet["pages"]) == 2
    assert api.get("/previews/image", params={"path": sheet["pages"][0]}).content[:4] == b"\x89PNG"
    assert sheet["pages"][0] in api.get(trained + "/previews")["sheets"]
    page = api.get(f"{trained}/sheets/{sheet['name']}/file")
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert '<html lang="ja">' in page.text
    told = api.get(f"{trained}/sheets/{sheet['name']}/file", params={"kind": "json"})
    assert [one["page"] for one in told["sheets"]] == ["seed 1", "seed 2"]

    again = api.post(trained + "/sheets", **AXES, dry_run=True)
    assert (again["pictures"], again["missing"], again["seconds"]) == (8, 0, 0.0)


def test_a_sheet_that_was_stopped_goes_on_with_the_pictures_that_are_missing(api, trained, session, monkeypatch):
    drawn, render = [], session.host.render

    def counted(model, requests):
        for request, made in zip(requests, render(model, requests), strict=True):
            drawn.append(request)
            yield made
            if len(drawn) == 3:
                session.stop()

    monkeypatch.setattr(session.host, "render", counted)
    api.post(trained + "/sheets", **AXES)
    assert api.until_idle()["phase"] == "stopped"
    assert api.get(trained + "/sheets")["sheets"] == []
    api.post(trained + "/sheets", **AXES)
    api.post("/jobs/queue/continue")
    assert api.until_idle()["phase"] == "finished"
    assert len(drawn) == len(set(drawn)) == 8


def test_axes_are_told_with_values_that_are_known_here(api, trained):
    found = {one["name"]: one for one in api.get(trained + "/sheets")["axes"]}
    assert found["checkpoint"]["values"] == ["step 2", "last"]
    assert found["sampler"]["values"] == ["Euler a", "DDIM"]
    assert found["scheduler"]["values"] == ["Automatic", "Uniform"]
    assert found["blocks"]["values"][:2] == ["off", "NONE"]
    assert found["weight"] == {"name": "weight", "example": "0.1-1.0 [10]", "values": []}


@pytest.mark.parametrize(
    ("wish", "setting"),
    [
        ({}, "rows"), ({"rows": "x:1"}, "rows"), ({"columns": "steps:0"}, "columns"),
        ({"rows": "seed:1", "pages": "seed:2"}, "rows"), ({"rows": "replace:lying,standing"}, "rows"),
        ({"pages": "checkpoint:nobody"}, "pages"), ({"rows": "lora:nobody"}, "rows"),
        ({"rows": "seed:1", "columns": "replace:x,y"}, "columns"),
        ({"rows": "sampler:Magic"}, "sampler"), ({"rows": "lora:../../A.safetensors"}, "rows"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_names_the_side_and_adds_nothing(api, trained, session, monkeypatch, wish, setting):
    monkeypatch.setattr(session.host, "folders_may_be_chosen", lambda: False)
    for dry_run in (True, False):
        error = api.post(trained + "/sheets", 422, **{"rows": "", **wish}, dry_run=dry_run)["error"]
        assert [one["setting"] for one in error["problems"]][0] == setting
    assert api.get("/jobs")["queue"]["waiting"] == []


@pytest.mark.parametrize("name", ["sheet-1", "..%2f..%2fversion", "grid-1"])
def test_other_files_are_not_given_out(api, trained, name):
    api.get(f"{trained}/sheets/{name}/file", 404, params={"kind": "json"})
