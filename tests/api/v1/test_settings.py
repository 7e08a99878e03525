"""Settings over HTTP: read and kept one by one, by as many windows as there are."""

import json

import pytest

from lib_train.config.codec import config_of


def keep(api, version, **changes):
    return api("PATCH", version + "/settings", json={"changes": changes})


def test_projects_are_listed_with_what_cannot_be_opened(api, version, session):
    (session.root / "odd").symlink_to(session.root / "none")
    dead = "is a link to something that is not there"
    assert api.get("/projects")["projects"] == [
        {
            "name": "mochi", "problem": "", "problem_text": None,
            "versions": [{"name": "v1", "problem": "", "problem_text": None}],
        },
        {"name": "odd", "problem": dead, "problem_text": {"template": dead, "values": {}}, "versions": []},
    ]  # fmt: skip


def test_older_window_changes_its_setting_and_no_other(api, version):
    older = api.get(version + "/settings")
    assert (older["revision"], older["values"]["network_dim"], older["drafts"]) == (1, 2, {})
    assert keep(api, version, network_dim="8")["revision"] == 2
    after = keep(api, version, seed="7")
    assert (after["values"]["network_dim"], after["values"]["seed"], after["revision"]) == (8, 7, 3)
    assert api.get("/now", params={"project": "mochi", "version": "v1"})["revision"] == 3
    assert api.get(version + "/settings") == after


def test_invalid_setting_loses_no_other_change_and_stands_in_the_plan(api, version):
    keep(api, version, network_dim="8x", max_train_epochs="3", max_train_steps="", preview_prompts="a\nb")
    found = api.get(version + "/settings")
    assert found["drafts"] == {"network_dim": "8x"}
    assert found["values"]["network_dim"] == 2
    assert (found["values"]["max_train_epochs"], found["values"]["preview_prompts"]) == (3, ["a", "b"])
    plan = api.get(version + "/plan")
    assert (plan["epochs"], [one["setting"] for one in plan["problems"]]) == (3, ["network_dim"])
    for job in ({"kind": "train"}, {"kind": "train", "queue": True}, {"kind": "preview"}):
        refused = api.post("/jobs", 422, **job, project="mochi", version="v1")
        assert refused["error"]["problems"][0]["value"] == "8x", job
    assert not keep(api, version, network_dim="8")["problems"]


def test_plan_names_changed_settings_that_are_without_effect(api, version):
    keep(api, version, lr_scheduler_power="2")
    (unused,) = api.get(version + "/plan")["unused"]
    assert (unused["setting"], unused["reason"]) == ("lr_scheduler_power", "only polynomial reads it")
    assert unused["reason_text"]["template"] == "only polynomial reads it"


def test_run_is_not_started_with_settings_that_nobody_has_seen(api, version):
    keep(api, version, seed="7")
    for queue in (False, True):
        refused = api.post("/jobs", 409, kind="train", project="mochi", version="v1", revision=1, queue=queue)
        assert "were changed elsewhere" in refused["error"]["message"]
    api.post("/jobs", 202, kind="train", project="mochi", version="v1", revision=2)
    api.until_idle()


def test_plan_with_other_settings_writes_nothing_whatever_they_are(api, version, session):
    before = {path: path.stat().st_mtime_ns for path in session.root.rglob("*")}
    api.get(version + "/plan")
    assert api.post(version + "/plan", settings={"network_dim": "4"})["pictures"] == 4
    api.post(version + "/plan", 422, settings={"seed": "x"})
    assert {path: path.stat().st_mtime_ns for path in session.root.rglob("*")} == before


def test_settings_of_a_version_that_is_gone_or_broken_are_not_made_anew(api, version, session):
    gone = api("PATCH", "/projects/mochi/versions/v9/settings", 404, json={"changes": {"seed": 1}})
    assert "mochi v9: there is none" in gone["error"]["message"]
    assert not (session.root / "mochi" / "versions" / "v9").exists()
    file = session.root / "mochi" / "versions" / "v1" / "version.json"
    file.write_text('{"schema": 1, ')
    api("PATCH", version + "/settings", 404, json={"changes": {"seed": 1}})
    message = api.get(version + "/settings", 404)["error"]["message"]
    assert message.startswith("mochi/versions/v1/version.json: cannot be read")
    assert api.get("/now", params={"project": "mochi", "version": "v1"})["job"]["phase"] == "idle"
    assert file.read_text() == '{"schema": 1, '


@pytest.mark.parametrize(
    ("changes", "status"), [({"seeed": 1}, 422), ([], 422), ({"seed": [["x"]]}, 200), ({"preset": 5}, 200)]
)
def test_odd_changes_are_answered_in_words(api, version, changes, status):
    content, headers = json.dumps({"changes": changes}), {"Content-Type": "application/json"}
    answer = api("PATCH", version + "/settings", status, content=content, headers=headers)
    assert answer.get("drafts", {}) == ({} if status == 422 else changes)


def test_captions_kept_with_an_ending_of_the_command_line_are_shown_and_written_where_it_is_allowed(
    api, version, session, other_api
):
    session.keep_settings("mochi", "v1", config_of({"caption_extension": ".tags"}))
    picture = session.gallery.path("mochi", "v1", 0)
    file = picture.with_suffix(".tags")
    file.write_text("mochi")
    one = {"name": picture.name, "replaces": "mochi", "caption": "x"}
    assert api.get(version + "/pictures/0")["caption"] == "mochi"
    api("PUT", version + "/pictures/0/caption", 422, json=one)
    assert file.read_text() == "mochi"
    allowed = other_api([".tags"])
    allowed("PUT", version + "/pictures/0/caption", json=one)
    assert "problems" in allowed.post(version + "/plan", settings={"caption_extension": ".Tags"})
    assert file.read_text() == "x"


def test_remedy_has_its_template_and_values_beside_it(api, version):
    problems = keep(api, version, network_dim="0")["problems"]
    assert [(one["setting"], one["remedy"], one["remedy_text"]) for one in problems] == [
        ("network_dim", "must be at least 1", {"template": "must be at least {low}", "values": {"low": "1"}})
    ]


def test_refusal_has_its_template_and_values_beside_it(api):
    error = api.get("/projects/nobody", 404)["error"]
    assert error["message"] == "project = 'nobody': there is none of this name; choose another, or make it first"
    assert error["message_text"]["values"] == {"name": "'nobody'"}


def test_faults_of_a_request_are_sentences_of_ours(api):
    error = api.post("/jobs", 422, kind="sing", project="mochi", version=[])["error"]
    assert {one["setting"]: one["remedy_text"]["template"] for one in error["problems"]} == {
        "kind": "must be one of {known}", "version": "must be text"
    }  # fmt: skip
