def test_trainings_wait_are_removed_paused_and_stopped(api, version, session):
    gate = []
    session.host.between_steps = lambda done, total: gate.append(done) or True
    api("PATCH", version + "/settings", json={"changes": {"max_train_steps": 100000, "save_every_n_epochs": None,
                                                          "save_every_n_steps": None}})  # fmt: skip
    api.post("/jobs", 202, kind="train", project="mochi", version="v1")
    added = api.post("/jobs", 202, kind="train", project="mochi", version="v1", queue=True)
    assert [(one["number"], one["steps"]) for one in added["queue"]["waiting"]] == [(2, 100000)]
    assert api.post("/jobs", 409, kind="train", project="mochi", version="v1")["error"]["code"] == "busy"
    api("DELETE", "/jobs/queue/2")
    assert api("DELETE", "/jobs/queue/2", 404)["error"]["message"].startswith("number = 2")
    while api.get("/jobs")["job"]["phase"] != "training":
        pass
    api.post("/jobs/pause")
    while api.get("/jobs")["job"]["phase"] != "paused":
        pass
    api.post("/jobs/continue")
    api.post("/jobs/last-epoch")
    assert session.wishes.snapshot()["last_epoch"]
    api("DELETE", "/jobs/last-epoch")
    assert not session.wishes.snapshot()["last_epoch"]
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
    api("DELETE", "/jobs/queue/2")
    api.post("/jobs/stop")
    api.until_idle()
    queue = api.get("/jobs")["queue"]
    assert ([one["number"] for one in queue["waiting"]], queue["held"]) == ([3], "the job before was stopped")
    api.post("/jobs/queue/continue")
    assert api.get("/jobs")["queue"]["held"] == ""
    api.post("/jobs/stop")
    api.until_idle()


def test_jobs_are_named_moved_retried_and_say_what_they_are(api, version, session):
    api.patch = lambda path, **changes: api("PATCH", path, json={"changes": changes})
    api.patch("/jobs/queue", paused=True)
    api.patch(version + "/settings", max_train_steps=3, preview_prompts=["a"])
    place = {"project": "mochi", "version": "v1", "queue": True}
    api.post("/jobs", 202, kind="train", **place, name="rank 3", note="of a sweep", changes={"network_dim": 3})
    api.post("/jobs", 202, kind="preview", **place)
    api.post("/jobs", 202, kind="tag", **place, tagging={"tagger": "colours", "mode": "append"})
    api.post("/jobs/queue/3/move", before=1)
    queue = api.get("/jobs")["queue"]
    assert [(one["number"], one["kind"], one["name"]) for one in queue["waiting"]] == [
        (3, "tag", ""), (1, "train", "rank 3"), (2, "preview", "")]  # fmt: skip
    assert (queue["waiting"][1]["steps"], queue["waiting"][1]["note"]) == (3, "of a sweep")
    assert (queue["held"], queue["asks"], queue["settings"]["paused"]) == ("it is paused", False, True)
    assert api.post("/jobs/queue/9/move", 404, before=None)["error"]["message"].startswith("number = 9")
    api.patch("/jobs/queue", paused=False)
    api.until_idle()
    ended = api.get("/jobs")["queue"]["ended"]
    assert [(one["kind"], one["phase"]) for one in ended] == [("tag", "finished"), ("train", "finished"),
                                                              ("preview", "finished")]  # fmt: skip
    run = session.versions.named("mochi", "v1").inside("runs", "r001", "run.json")
    assert '"network_dim": 3' in run.read_text()
    assert '"name": "rank 3",\n  "note": "of a sweep"' in run.read_text()
    assert session.settings("mochi", "v1").network.network_dim != 3
    api.post("/jobs/queue/3/retry")
    api.until_idle()
    assert api.post("/jobs/queue/77/retry", 404)["error"]["message"].startswith("number = 77")


def test_settings_of_the_queue_are_declared_and_checked(api):
    declared = api.get("/jobs/queue")["settings"]
    assert [one["name"] for one in declared] == ["paused", "go_on_by_itself", "start_at", "idle_minutes"]
    changes = {"start_at": "25:00", "idle_minutes": -1, "colour": "red"}
    problems = api("PATCH", "/jobs/queue", 422, json={"changes": changes})["error"]["problems"]
    assert {one["setting"] for one in problems} == set(changes)
    kept = api("PATCH", "/jobs/queue", json={"changes": {"start_at": "23:59", "idle_minutes": "5"}})["queue"]
    assert kept["settings"] == {"paused": False, "go_on_by_itself": False, "start_at": "23:59", "idle_minutes": 5}


def test_a_tool_and_a_preview_of_a_training_that_waits_are_jobs_too(api, version, session):
    place = {"project": "mochi", "version": "v1"}
    api("PATCH", version + "/settings", json={"changes": {"max_train_steps": 2}})
    api.post("/jobs", 202, kind="train", **place)
    api.until_idle()
    name = api.get(version + "/checkpoints")["checkpoints"][0]["name"]
    file = f"mochi/versions/v1/checkpoints/{name}"
    files = [one["file"] for one in api.get("/tools/files?project=mochi&version=v1")["files"]]
    wish = {"files": [next(one for one in files if one.endswith(name))], "name": "small", "place": "version",
            "tool_settings": {"rank": 1}}  # fmt: skip
    refused = api.post("/jobs", 422, kind="tool", **place, tool="sing", wish=wish)["error"]
    assert refused["problems"][0]["setting"] == "tool", file
    api.post("/jobs", 202, kind="tool", **place, tool="resize", wish=wish)
    api.until_idle()
    job = api.get("/jobs")["job"]
    assert (job["phase"], job["kind"]) == ("finished", "tool")
    assert session.versions.named("mochi", "v1").inside("checkpoints", "small.safetensors").is_file()
