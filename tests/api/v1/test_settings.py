"""Settings over HTTP: read and kept one by one, by as many windows as there are."""

import json

import pytest

from lib_train.config.codec import section_of


def keep(api, version, **changes):
    return api("PATCH", version + "/settings", json={"changes": changes})


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
    unused = next(one for one in api.get(version + "/plan")["unused"] if one["setting"] == "lr_scheduler_power")
    assert unused["reason"] == "only polynomial reads it"
    assert unused["reason_text"]["template"] == "only polynomial reads it"


def test_plan_names_settings_at_their_defaults_that_others_made_idle_but_not_among_its_notes(api, version):
    keep(api, version, max_train_epochs="10", max_train_steps="5", lr_scheduler="cosine")
    plan = api.get(version + "/plan")
    assert [(one["setting"], one["reason"]) for one in plan["unused"]] == [
        ("max_train_epochs", "max_train_steps is set")
    ]
    assert not any("without effect" in note for note in plan["notes"])


def test_run_is_not_started_with_settings_that_nobody_has_seen(api, version):
    keep(api, version, seed="7")
    for queue in (False, True):
        refused = api.post("/jobs", 409, kind="train", project="mochi", version="v1", revision=1, queue=queue)
        assert "were changed elsewhere" in refused["error"]["message"]
    api.post("/jobs", 202, kind="train", project="mochi", version="v1", revision=2)
    api.until_idle()


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


def test_settings_that_there_are_stand_with_all_that_a_form_needs(api):
    found = {one["name"]: one for one in api.get("/settings")["settings"]}
    assert list(found) == list(section_of())
    rank = found["network_dim"]
    assert (rank["kind"], rank["low"], rank["high"], rank["default"], rank["level"]) == ("int", 1, 1024, 16, "basic")
    used_when = found["huber_c"]["used_when"]
    assert {name: used_when[name] for name in ("otherwise", "ways")} == {
        "otherwise": "only huber and smooth_l1 read it", "ways": [{"loss_type": ["huber", "smooth_l1"]}]
    }  # fmt: skip
    assert found["noise_offset"]["metadata_key"] == "ss_noise_offset"
    assert found["preview_seeds"]["item"] == "int"
    assert (found["network_dim"]["slider"], found["network_dim"]["heading"]) == ([1, 128, 1], "Network")
    steps = {name: found[name]["step"] for name in ("network_dim", "noise_offset", "seed", "unet_lr", "vae_batch_size")}
    assert steps == {"network_dim": 1, "noise_offset": 0.01, "seed": 1, "unet_lr": 1e-5, "vae_batch_size": 1}
    assert (found["preview_prompts"]["step"], found["seed"]["slider"]) == (None, None)
    assert "course" in [one["name"] for one in api.get("/presets")["presets"]]


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
