def test_figures_are_measured_by_a_job_and_told_with_a_suggestion(api, version):
    assert api.get(version + "/figures")["state"] == "none"
    assert "no checkpoints yet" in api.post(version + "/figures", 422, run="")["error"]["message"]
    api.post("/jobs", 202, kind="train", project="mochi", version="v1")
    api.until_idle()
    begun = api.post(version + "/figures", 202, run="r001")
    assert begun["job"]["kind"] == "judge"
    job = api.until_idle()
    assert (job["phase"], job["outcome_text"]["values"]["0"]["values"]) == ("finished", {"count": "2"})
    found = api.get(version + "/figures")
    assert found["state"] == "done"
    assert [one["step"] for one in found["checkpoints"]] == [2, 4]
    assert found["suggestion"]["reason_text"]["template"]
    for one in found["shown"]:
        assert one["title_text"]["template"] == one["title"]
        assert one["help_text"]["template"] == one["help"]
        assert all(one["name"] in checkpoint["figures"] for checkpoint in found["checkpoints"])
    assert api.post(version + "/figures", 404, run="r009")["error"]["code"] == "unusable_project"
    assert api.get("/projects/mochi/versions/v9/figures", 404)["error"]["code"] == "unusable_project"
    assert api.post(version + "/figures", 422, runs="x")["error"]["problems"][0]["setting"] == "runs"
