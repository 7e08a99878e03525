"""Everything that the tab does, by other programs."""

import io
import json

import pytest
from PIL import Image

from lib_train.api.v1.now import Now
from lib_train.config.codec import section_of
from lib_train.store.curves import Curve

ALL = {"host", "projects", "versions", "settings", "pictures", "captions", "plan", "jobs", "now", "runs", "checkpoints",
       "previews"}  # fmt: skip
NO_TRAINING = "no training goes on now: press Train first, and wait for its first step"


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


def test_host_says_what_it_has_loaded(api):
    found = api.get("/host")
    assert (found["base_model"], found["problem"], found["device"]) == ("A.safetensors", None, "cpu")
    assert found["memory_bytes"] is None
    assert found["samplers"] == ["Euler a", "DDIM"]
    assert found["installs"]


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


def test_settings_that_there_are_stand_with_all_that_a_form_needs(api):
    found = {one["name"]: one for one in api.get("/settings")["settings"]}
    assert list(found) == list(section_of())
    rank = found["network_dim"]
    assert (rank["kind"], rank["low"], rank["high"], rank["default"], rank["level"]) == ("int", 1, 1024, 16, "basic")
    used_when = found["lr_scheduler_power"]["used_when"]
    assert {name: used_when[name] for name in ("otherwise", "ways")} == {
        "otherwise": "only polynomial reads it", "ways": [{"lr_scheduler": ["polynomial"]}]
    }  # fmt: skip
    assert found["noise_offset"]["metadata_key"] == "ss_noise_offset"
    assert found["preview_seeds"]["item"] == "int"
    assert (found["network_dim"]["slider"], found["network_dim"]["heading"]) == ([1, 128, 1], "Network")
    steps = {name: found[name]["step"] for name in ("network_dim", "noise_offset", "seed", "unet_lr", "vae_batch_size")}
    assert steps == {"network_dim": 1, "noise_offset": 0.01, "seed": 1, "unet_lr": 1e-5, "vae_batch_size": 1}
    assert (found["preview_prompts"]["step"], found["seed"]["slider"]) == (None, None)
    assert "course" in [one["name"] for one in api.get("/presets")["presets"]]


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


def test_pictures_are_taken_into_a_version_that_there_is_and_make_no_project(api, session):
    files = [("files", ("a.png", b"x"))]
    refused = api("POST", "/projects/cat/versions/v1/pictures", 404, files=files)
    assert "cat v1: there is none of this name" in refused["error"]["message"]
    assert not (session.root / "cat").exists()


def test_settings_are_kept_one_by_one_and_what_cannot_be_used_stays_a_draft(api, version):
    kept = api("PATCH", version + "/settings", json={"changes": {"network_dim": "8x", "seed": 7}})
    assert kept["drafts"] == {"network_dim": "8x"}
    assert [one["setting"] for one in kept["problems"]] == ["network_dim"]
    assert (kept["values"]["seed"], kept["values"]["network_dim"], kept["revision"]) == (7, 2, 2)
    wrong = api("PATCH", version + "/settings", 422, json={"changes": {"sed": 1}})
    assert (wrong["error"]["code"], wrong["error"]["problems"][0]["setting"]) == ("unusable_settings", "sed")


def test_preset_is_taken_and_what_differs_from_it_is_told(api, version):
    taken = api("PUT", version + "/settings/preset", json={"preset": "course"})
    assert (taken["preset"], taken["differs"], taken["values"]["network_dim"]) == ("course", [], 32)
    assert taken["values"]["max_train_steps"] is None  # the preset names epochs
    assert taken["values"]["preview_steps"] == [1]  # which it does not decide
    changed = api("PATCH", version + "/settings", json={"changes": {"network_dim": 64}})
    assert changed["differs"] == [{"setting": "network_dim", "preset": "32", "now": "64", "value": 32}]
    api("PUT", version + "/settings/preset", json={"preset": "defaults"})
    fresh = api.get(version + "/settings")["values"]
    assert (fresh["network_dim"], fresh["max_train_steps"], fresh["preview_prompts"]) == (16, None, ["mochi"])
    assert "choose one of" in api("PUT", version + "/settings/preset", 422, json={"preset": "x"})["error"]["message"]


@pytest.mark.parametrize("preset", ["", "CharFramework", "rimochan"])
def test_what_differs_goes_back_by_sending_its_values_whether_there_is_a_preset_or_not(api, version, preset):
    if preset:
        api("PUT", version + "/settings/preset", json={"preset": preset})
    odd = {"conv_dim": 3, "conv_alpha": 2, "max_train_steps": 7, "optimizer_args": "weight_decay=0.1",
           "preview_weights": "0.25", "resolution": "64, 128", "cache_latents": False, "flip_aug": False}  # fmt: skip
    found = api("PATCH", version + "/settings", json={"changes": odd})
    named = {one["setting"]: one["value"] for one in found["differs"]}
    assert named["max_train_steps"] == {"": None, "CharFramework": 1000, "rimochan": 1000}[preset]
    assert len(named) == {"": 11, "CharFramework": 4, "rimochan": 2}[preset]
    after = api("PATCH", version + "/settings", json={"changes": named})
    assert (after["differs"], after["drafts"]) == ([], {})
    assert after["values"]["preview_prompts"] == ["mochi"]  # one's own, no preset's


def test_presets_of_a_version_are_cards_with_figures(api, version):
    found = api.get(version + "/presets")["presets"]
    assert [(one["title"], one["pictures"], one["problems"]) for one in found][0] == ("Person", 4, [])
    assert {one["title"] for one in found} == {one["title"] for one in api.get("/presets")["presets"]}
    api.get("/projects/mochi/versions/v9/presets", 404)
    supposed = api.get("/presets/cards")["presets"]
    assert [(one["name"], one["pictures"], one["supposed"]) for one in supposed][0] == ("CherryCat", 20, True)


def test_plan_answers_in_units_and_writes_nothing(api, version, session):
    before = {path: path.stat().st_mtime_ns for path in session.root.rglob("*")}
    plan = api.get(version + "/plan")
    assert (plan["pictures"], plan["uses"], plan["steps"], plan["saves"], plan["problems"]) == (4, 8, 4, 2, [])
    assert (0 < plan["seconds"] < 60, plan["seconds_are"]) == (True, "estimated")
    assert plan["text"].count("(estimated)") == 1
    assert (plan["base_model"], plan["family"], plan["side"]) == ("A.safetensors", "sd1", 64)
    assert api.post(version + "/plan", settings={"max_train_steps": 9})["steps"] == 9
    assert {path: path.stat().st_mtime_ns for path in session.root.rglob("*")} == before


def test_pictures_come_in_parts_with_their_captions(api, version):
    listed = api.get(version + "/pictures", params={"offset": 1, "limit": 2})
    assert (listed["total"], [one["name"] for one in listed["pictures"]]) == (4, ["mochi_01.png", "mochi_02.png"])
    assert listed["pictures"][0]["index"] == 1
    one = api.get(version + "/pictures/1", params={"name": "mochi_01.png"})
    assert (one["bucket"], one["caption_file"]) == ([64, 64], "mochi_01.txt")
    asked = {"name": "mochi_01.png", "replaces": one["caption"], "caption": "mochi, red"}
    assert api("PUT", version + "/pictures/1/caption", json=asked)["caption"] == "mochi, red"
    late = api("PUT", version + "/pictures/1/caption", 409, json={**asked, "caption": "mochi, blue"})["error"]
    assert (late["code"], late["present"]) == ("caption_changed", "mochi, red")
    for large, side in ((False, 192), (True, 1280)):
        image = api.get(version + "/pictures/1/image", params={"large": large})
        assert max(Image.open(io.BytesIO(image.content)).size) <= side
    assert api.get(version + "/pictures/9", 404)["error"]["message"]


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
    shown, previews = api.get(version + "/checkpoints")["checkpoints"][0]["previews"], api.get(version + "/previews")
    assert len(shown) == len(previews["base"]) == len(previews["sheets"]) == 1
    assert not shown[0].startswith("/")
    sheet = api.get("/previews/image", params={"path": previews["sheets"][0]})
    assert sheet.content[:4] == b"\x89PNG"
    small = api.get("/previews/image", params={"path": shown[0], "small": True})
    assert small.content[8:12] == b"WEBP"
    assert "<lora:mochi-v1-r001:1>" in api.post(version + "/previews/txt2img", path=shown[0])["infotext"]
    assert api.get("/previews/image", 404, params={"path": "../A.safetensors"})["error"]["code"] == "unusable_project"


def test_all_that_moves_comes_in_one_answer(api, version):
    idle = api.get("/now", params={"project": "mochi", "version": "v1"})
    assert (idle["busy"], idle["job"]["phase"], idle["series"], idle["runs"], idle["revision"]) == (
        False, "idle", {}, [], 1
    )  # fmt: skip
    assert idle["host"] == {"problem": None, "base_model": "A.safetensors"}
    assert idle["wishes"] == {
        "training": False, "pausing": False, "sampling": False, "why_no_sample": NO_TRAINING,
        "why_no_sample_text": {"template": NO_TRAINING, "values": {}},
    }  # fmt: skip
    assert idle["memory_bytes"] is None
    api("PATCH", version + "/settings", json={"changes": {"preview_after_training": True}})
    api.post("/jobs", 202, kind="train", project="mochi", version="v1")
    api.until_idle()
    now = api.get("/now", params={"project": "mochi", "version": "v1", "since": 2})
    assert {name: [step for step, _ in curve] for name, curve in now["series"].items()} == {
        "loss": [3, 4], "lr unet": [3, 4], "lr text_encoder": [3, 4]
    }  # fmt: skip
    assert (now["job"]["number"], now["job"]["project"], now["revision"], now["changes"] > idle["changes"]) == (
        1, "mochi", 2, True
    )  # fmt: skip
    runs = api.get(version + "/runs")["runs"]
    assert now["runs"] == [{name: run[name] for name in run if name != "held_text"} for run in runs]
    for answer in (idle, now):
        assert json.loads(Now(**answer).json(exclude_unset=True)) == answer
    assert api.get("/previews/image", params={"path": now["job"]["picture"]}).content[:4] == b"\x89PNG"
    for place in (
        {},
        {"project": "mochi"},
        {"project": "../x", "version": "v1"},
        {"project": "mochi", "version": "v9"},
    ):
        other = api.get("/now", params=place)
        assert (other["runs"], len(other["series"]["loss"])) == ([], 4)


def test_curves_of_a_long_run_are_thinned_out(api, session):
    session.status.begin("train", "p", "v1")
    curve = Curve(range(1, 100_001), [1.0] * 100_000)
    session.status.resumed({"loss": curve, "lr unet": curve})
    series = api.get("/now")["series"]
    assert {name: (len(found), found[-1]) for name, found in series.items()} == dict.fromkeys(
        ("loss", "lr unet"), (2000, [100_000, 1.0])
    )
    assert api.get("/now", params={"since": 99_999})["series"]["lr unet"] == [[100_000, 1.0]]


def test_trainings_wait_are_removed_paused_and_stopped(api, version, session):
    gate = []
    session.host.between_steps = lambda done, total: gate.append(done) or True
    api("PATCH", version + "/settings", json={"changes": {"max_train_steps": 100000, "save_every_n_epochs": None,
                                                          "save_every_n_steps": None}})  # fmt: skip
    api.post("/jobs", 202, kind="train", project="mochi", version="v1")
    added = api.post("/jobs", 202, kind="train", project="mochi", version="v1", queue=True)
    assert [(one["number"], one["steps"]) for one in added["queue"]["waiting"]] == [(1, 100000)]
    assert api.post("/jobs", 409, kind="train", project="mochi", version="v1")["error"]["code"] == "busy"
    api("DELETE", "/jobs/queue/1")
    assert api("DELETE", "/jobs/queue/1", 404)["error"]["message"].startswith("number = 1")
    while api.get("/jobs")["job"]["phase"] != "training":
        pass
    api.post("/jobs/pause")
    while api.get("/jobs")["job"]["phase"] != "paused":
        pass
    api.post("/jobs/continue")
    assert api("DELETE", "/projects/mochi", 409)["error"]["code"] == "busy"
    api.post("/jobs/stop")
    assert api.until_idle()["phase"] == "stopped"
    run = api.get(version + "/runs")["runs"][0]
    assert (run["resumable"], run["state_step"]) == (True, run["step"])
    assert api.post("/jobs/sample", 409)["error"]["code"] == "not_training"
    api.post("/jobs", 202, kind="resume", project="mochi", version="v1", run="r001")
    api.post("/jobs/stop")
    assert api.until_idle()["phase"] == "stopped"


def test_a_stopped_job_holds_the_queue_until_somebody_goes_on(api, version, session):
    session.host.between_steps = lambda done, total: True
    api("PATCH", version + "/settings", json={"changes": {"max_train_steps": 100000, "save_every_n_epochs": None}})
    api.post("/jobs", 202, kind="train", project="mochi", version="v1")
    for _ in range(2):
        api.post("/jobs", 202, kind="train", project="mochi", version="v1", queue=True)
    api("DELETE", "/jobs/queue/1")
    api.post("/jobs/stop")
    api.until_idle()
    queue = api.get("/jobs")["queue"]
    assert ([one["number"] for one in queue["waiting"]], queue["held"]) == ([2], "the job before was stopped")
    api.post("/jobs/queue/continue")
    assert api.get("/jobs")["queue"]["held"] == ""
    api.post("/jobs/stop")
    api.until_idle()


def test_paths_are_told_from_the_root(api, version, session):
    api.post("/jobs", 202, kind="train", project="mochi", version="v1")
    job = api.until_idle()
    assert job["outcome"].endswith("in mochi/versions/v1/checkpoints")
    assert not [line for line in job["messages"] if str(session.root) in line]
    (session.root / "mochi" / "versions" / "v1" / "version.json").write_text("[")
    message = api.post("/jobs", 404, kind="train", project="mochi", version="v1")["error"]["message"]
    assert message.startswith("mochi/versions/v1/version.json: cannot be read")


def test_folder_is_uploaded_with_the_paths_of_its_files(api, session):
    api.post("/projects", 201, name="p")
    data = {"paths": ["set/5_cat/a.png", "set/5_cat/.hidden.png", "set/5_cat/run.py"]}
    files = [("files", (name, b"new")) for name in ("a.png", "b.png", "c.py")]
    answer = api("POST", "/projects/p/versions/v1/pictures", 201, data=data, files=files)
    assert {key: answer[key] for key in ("kept", "same", "renamed", "left_out", "refused")} == {
        "kept": 1, "same": 0, "renamed": 0, "left_out": 2, "refused": [],
    }  # fmt: skip
    assert (session.root / "p/versions/v1/dataset/train/5_cat/a.png").read_bytes() == b"new"


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
        ("POST", "{version}/previews/txt2img", {"path": "mochi/versions/v1/previews/grid-1.png"}, 404, "no preview"),
        ("PUT", "{version}/pictures/0/caption", {"name": "b.png", "replaces": "", "caption": "x"}, 404, "b.png"),
        ("PUT", "{version}/pictures/0/caption", {"name": "b.png", "replaces": None, "caption": 3}, 422, "replaces"),
        ("PUT", "{version}/pictures/0/caption", {"name": "b.png", "replaces": ""}, 422, "caption: is missing"),
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
        ({"kind": "train", "project": "p"}, "version"),
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


def test_writing_needs_the_header_and_no_body_needs_no_type(api):
    api.post("/projects", 201, name="p")
    plain = {"X-Train-Tools": ""}
    api.client.headers.pop("X-Train-Tools")
    assert api("DELETE", "/projects/p", 403)["error"]["code"] == "forbidden"
    assert api("POST", "/projects", 403, json={"name": "q"})["error"]["message"].startswith("send the header")
    sent = {"content": b'{"name": "q"}', "headers": {**plain, "Content-Type": "text/plain"}}
    assert api("POST", "/projects", 415, **sent)["error"]["code"] == "content_type"
    api("DELETE", "/projects/p", headers=plain)
