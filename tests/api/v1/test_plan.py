def test_plan_answers_in_units_and_writes_nothing(api, version, session):
    before = {path: path.stat().st_mtime_ns for path in session.root.rglob("*")}
    plan = api.get(version + "/plan")
    assert (plan["pictures"], plan["uses"], plan["steps"], plan["saves"], plan["problems"]) == (4, 8, 4, 2, [])
    assert (0 < plan["seconds"] < 60, plan["seconds_are"]) == (True, "estimated")
    assert plan["text"].count("(estimated)") == 1
    assert (plan["base_model"], plan["family"], plan["side"]) == ("A.safetensors", "sd1", 64)
    assert api.post(version + "/plan", settings={"max_train_steps": 9})["steps"] == 9
    assert {path: path.stat().st_mtime_ns for path in session.root.rglob("*")} == before


def test_plan_with_other_settings_writes_nothing_whatever_they_are(api, version, session):
    before = {path: path.stat().st_mtime_ns for path in session.root.rglob("*")}
    api.get(version + "/plan")
    assert api.post(version + "/plan", settings={"network_dim": "4"})["pictures"] == 4
    api.post(version + "/plan", 422, settings={"seed": "x"})
    assert {path: path.stat().st_mtime_ns for path in session.root.rglob("*")} == before
