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
