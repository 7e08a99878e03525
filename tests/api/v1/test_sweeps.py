import pytest

AXES = {"unet_lr": "1e-3, 1e-4", "flip_aug": "true, false"}


def test_a_dry_run_tells_runs_steps_and_problems_and_adds_nothing(api, version, session):
    api("PATCH", version + "/settings", json={"changes": {"max_timestep": 500}})
    before = sorted(session.root.rglob("*"))
    found = api.post(version + "/sweeps", axes={**AXES, "min_timestep": "0, 600"}, dry_run=True)
    assert (found["sweep"], found["axes"], len(found["runs"])) == ("", ["unet_lr", "flip_aug", "min_timestep"], 8)
    assert found["runs"][0]["values"] == {"unet_lr": "1e-3", "flip_aug": "true", "min_timestep": "0"}
    assert [one["steps"] for one in found["runs"]] == [4, None] * 4
    assert [one["setting"] for one in found["runs"][1]["problems"]] == ["min_timestep"]
    assert (found["steps"], found["pictures"]) == (16, 9)
    assert [path for path in sorted(session.root.rglob("*")) if "cache" not in path.parts] == [
        path for path in before if "cache" not in path.parts]  # fmt: skip
    assert api.get("/jobs")["queue"]["waiting"] == []


def test_a_sweep_is_added_listed_and_its_report_given_out_so_that_it_runs_nothing(api, version):
    api("PATCH", "/jobs/queue", json={"changes": {"paused": True}})
    found = api.post(version + "/sweeps", axes={"unet_lr": "1e-3, 1e-4"}, language="ja")
    assert (found["sweep"], len(found["runs"])) == ("s001", 2)
    waiting = api.get("/jobs")["queue"]["waiting"]
    assert [(one["kind"], one["name"]) for one in waiting] == [
        ("train", "unet_lr=1e-3"), ("train", "unet_lr=1e-4"), ("report", "s001")]  # fmt: skip
    one = version + "/sweeps/s001/report"
    assert "no report yet" in api.get(one, 404)["error"]["message"]
    assert api.get(version + "/sweeps")["sweeps"][0]["runs"][0]["state"] == "waiting"
    api.post("/jobs/queue/continue")
    api.until_idle()
    (listed,) = api.get(version + "/sweeps")["sweeps"]
    assert (listed["name"], listed["axes"], listed["files"]) == ("s001", ["unet_lr"], ["csv", "html", "png"])
    assert [(row["state"], row["run"], row["step"]) for row in listed["runs"]] == [
        ("finished", "r001", 4), ("finished", "r002", 4)]  # fmt: skip
    page = api.get(one)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["content-security-policy"] == (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox"
    )
    assert "件の学習が完了" in page.text
    assert api.get(one, params={"kind": "png"}).content[:4] == b"\x89PNG"
    table = api.get(one, params={"kind": "csv", "download": True})
    assert table.headers["content-disposition"] == 'attachment; filename="mochi-v1-s001.csv"'
    api.post(one, 202, language="")
    api.until_idle()
    assert "2 of 2 runs finished" in api.get(one).text


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"axes": {}}, "sweep"), ({"axes": {"unet_lr": "1e-4"}}, "unet_lr"), ({"axes": {"rank": "1, 2"}}, "rank"),
        ({"axes": {"network_dim": "1-5 [1]", "unet_lr": "1,"}}, "network_dim"), ({"axes": {"seed": 3}}, "axes.seed"),
        ({"axes": {"seed": "1, 2"}, "prompts": "some"}, "prompts"), ({}, "axes"),
    ],
)  # fmt: skip
def test_what_makes_no_sweep_is_refused_by_name(api, version, body, named):
    error = api("POST", version + "/sweeps", 422, json=body)["error"]
    assert error["problems"][0]["setting"] == named
    assert api.get(version + "/sweeps")["sweeps"] == []


def test_combinations_that_cannot_run_are_named_and_nothing_is_added(api, version):
    api("PATCH", version + "/settings", json={"changes": {"max_timestep": 500}})
    error = api.post(version + "/sweeps", 422, axes={"min_timestep": "0, 600"})["error"]
    assert error["problems"][0]["setting"] == "min_timestep"
    assert "(in the run min_timestep=600)" in error["problems"][0]["remedy"]
    assert api.get("/jobs")["queue"]["waiting"] == []


def test_settings_that_somebody_changed_meanwhile_are_not_swept(api, version):
    assert api.post(version + "/sweeps", 409, axes=AXES, revision=99)["error"]["code"]
