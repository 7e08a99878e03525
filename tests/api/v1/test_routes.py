"""Everything that the tab does, by other programs."""

import pytest

ALL = {"host", "projects", "versions", "settings", "files", "presets", "pictures", "captions", "edits", "tags",
       "imports", "plan", "jobs", "now", "runs", "checkpoints", "previews", "works", "doctor", "sets",
       "tagging", "retouch", "regularisation", "outputs", "packs", "tools", "compare", "comparison",
       "sweeps", "figures", "sheets"}  # fmt: skip


def test_every_route_says_what_it_does_and_what_it_answers(app):
    described = app.openapi()
    operations = [one for path in described["paths"].values() for one in path.values()]
    assert {tag for one in operations for tag in one["tags"]} == {f"train tools: {subject}" for subject in ALL}
    for one in operations:
        assert one["description"], one
        good = next(answer for status, answer in one["responses"].items() if status.startswith("2"))
        assert "$ref" in str(good) or "application/json" not in good.get("content", {}), one
        assert one["responses"]["409"]["content"]["application/json"]["schema"]["$ref"].endswith("/Failed")
    for name, model in described["components"]["schemas"].items():
        assert model.get("description") or name.startswith(("Body_", "HTTP", "Validation")), name


def test_a_training_is_begun_watched_and_its_files_are_taken_home(api, version, tmp_path):
    begun = api.post("/jobs", 202, kind="train", project="mochi", version="v1", revision=1)
    assert (begun["busy"], begun["job"]["kind"]) == (True, "train")
    ended = api.until_idle()
    assert (ended["phase"], ended["step"], ended["total_steps"], ended["epoch"]) == ("finished", 4, 4, 1)
    assert any("saved mochi-v1-r001.safetensors" in line for line in ended["messages"])
    run = api.get(version + "/runs")["runs"][0]
    assert (run["name"], run["step"], run["finished"], run["held"]) == ("r001", 4, True, "")
    series = api.get(version + "/runs/r001/series", params={"since": 2})["series"]
    assert [step for step, _ in series["loss"]] == [3, 4]
    assert series.keys() == {"loss", "lr unet", "lr text_encoder"}
    first = api.get(version + "/runs/r001/events")
    assert [event["event"] for event in first["events"]].count("CheckpointSaved") == 2
    assert api.get(version + "/runs/r001/events", params={"since": first["next"]})["events"] == []
    some = api.get(version + "/runs/r001/events", params={"since": 1, "limit": 2})
    assert (some["events"], some["next"]) == (first["events"][1:3], 3)

    newest, older = api.get(version + "/checkpoints")["checkpoints"]
    assert (newest["name"], newest["step"], newest["installed"]) == ("mochi-v1-r001.safetensors", 4, False)
    one = f"{version}/checkpoints/{newest['name']}"
    facts = api.get(one)
    assert (facts["kind"], facts["dims"]) == ("LoRA", {"2": sum(facts["modules"].values())})
    assert len(api.get(one + "/file").content) == newest["bytes"]
    api.post(one + "/install")
    assert (tmp_path / "loras" / newest["name"]).stat().st_size == newest["bytes"]
    assert api.get(version + "/checkpoints")["checkpoints"][0]["installed"]
    api("DELETE", f"{version}/checkpoints/{older['name']}")
    assert len(api.get(version + "/checkpoints")["checkpoints"]) == 1

    api.post("/jobs", 202, kind="preview", project="mochi", version="v1", checkpoints=[newest["name"]])
    assert api.until_idle()["phase"] == "finished"
    pictures, previews = api.get(version + "/checkpoints")["checkpoints"][0]["previews"], api.get(version + "/previews")
    assert len(pictures) == len(previews["base"]) == len(previews["sheets"]) == 1
    assert not pictures[0].startswith("/")
    sheet = api.get("/previews/image", params={"path": previews["sheets"][0]})
    assert sheet.content[:4] == b"\x89PNG"
    small = api.get("/previews/image", params={"path": pictures[0], "small": True})
    assert small.content[8:12] == b"WEBP"
    assert "<lora:mochi-v1-r001:1>" in api.post(version + "/previews/txt2img", path=pictures[0])["infotext"]
    assert api.get("/previews/image", 404, params={"path": "../A.safetensors"})["error"]["code"] == "unusable_project"


def test_paths_are_told_from_the_root(api, version, session):
    api.post("/jobs", 202, kind="train", project="mochi", version="v1")
    job = api.until_idle()
    assert job["outcome"].endswith("in mochi/versions/v1/checkpoints")
    assert not [line for line in job["messages"] if str(session.root) in line]
    (session.root / "mochi" / "versions" / "v1" / "version.json").write_text("[")
    message = api.post("/jobs", 404, kind="train", project="mochi", version="v1")["error"]["message"]
    assert message.startswith("mochi/versions/v1/version.json: cannot be read")


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "word"),
    [
        ("POST", "/jobs", {"kind": "train", "settings": {"network_dim": "0"}}, 422, "network_dim"),
        ("POST", "/jobs", {"kind": "train", "queue": True, "settings": {"network_dim": "0"}}, 422, "network_dim"),
        ("POST", "/jobs", {"kind": "train", "version": "v9"}, 404, "mochi v9: there is none of this name"),
        ("POST", "/jobs", {"kind": "preview"}, 422, "no checkpoints"),
        ("POST", "/jobs", {"kind": "resume"}, 404, "resume"),
        ("DELETE", "/jobs/queue/x", None, 422, "number"),
        ("POST", "/jobs/pause", {}, 409, "no training goes on"),
        ("POST", "/jobs/continue", {}, 409, "no training goes on"),
        ("POST", "/jobs/save", {}, 409, "no training goes on"),
        ("POST", "/jobs/last-epoch", {}, 409, "no training goes on"),
        ("DELETE", "/jobs/last-epoch", None, 409, "no training goes on"),
        ("POST", "{version}/previews/txt2img", {"path": "mochi/versions/v1/previews/grid-1.png"}, 404, "no preview"),
        ("PUT", "{version}/pictures/1/caption", {"replaces": "", "caption": "x"}, 404, "picture 1: there is none"),
        ("PUT", "{version}/pictures/1/caption", {"replaces": None, "caption": 3}, 422, "replaces"),
        ("PUT", "{version}/pictures/1/caption", {"replaces": ""}, 422, "caption: is missing"),
    ],
)
def test_faults_are_answered_in_words_with_a_fitting_status(api, version, method, path, body, status, word):
    if path == "/jobs":
        body = {"project": "mochi", "version": "v1", **body}
    error = api(method, path.format(version=version), status, **({"json": body} if body else {}))["error"]
    assert word in error["message"]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"kind": "train", "project": "p", "version": "v1", "settings": []}, "settings"),
        ({"kind": "sing", "project": "p", "version": "v1"}, "kind"),
        ({"kind": "train", "project": "p", "version": "v1", "setings": {}}, "setings"),
        ({"kind": "train", "project": 3, "version": "v1"}, "project"),
        ({"kind": "resume", "project": "p", "version": "v1", "with_changes": "yes"}, "with_changes"),
    ],
)
def test_mistyped_requests_are_refused_by_the_name_of_the_field(api, body, named):
    error = api("POST", "/jobs", 422, json=body)["error"]
    assert error["code"] == "invalid_request"
    assert [one["setting"] for one in error["problems"]] == [named]
    assert all(one["remedy"] for one in error["problems"])


@pytest.mark.parametrize("queue", [True, False])
@pytest.mark.parametrize("kind", ["train", "resume", "preview", "tag", "regularise", "tool"])
def test_a_job_names_its_project_and_its_version(api, kind, queue):
    for given, named in (
        ({"project": "p"}, ["version"]),
        ({"version": "v1"}, ["project"]),
        ({}, ["project", "version"]),
    ):
        error = api("POST", "/jobs", 422, json={"kind": kind, "queue": queue, **given})["error"]
        assert error["code"] == "unusable_settings"
        assert [one["setting"] for one in error["problems"]] == named


def test_writing_needs_the_header_and_no_body_needs_no_type(api):
    api.post("/projects", 201, name="p")
    plain = {"X-Train-Tools": ""}
    api.client.headers.pop("X-Train-Tools")
    assert api("DELETE", "/projects/p", 403)["error"]["code"] == "forbidden"
    assert api("POST", "/projects", 403, json={"name": "q"})["error"]["message"].startswith("send the header")
    sent = {"content": b'{"name": "q"}', "headers": {**plain, "Content-Type": "text/plain"}}
    assert api("POST", "/projects", 415, **sent)["error"]["code"] == "content_type"
    api("DELETE", "/projects/p", headers=plain)
