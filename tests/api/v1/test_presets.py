"""Presets over HTTP: listed, taken, kept, shared and taken in."""

import json


def names(found):
    return [one["name"] for one in found["presets"]]


def test_settings_of_a_version_are_kept_shared_and_taken_in_again(api, version):
    api("PATCH", version + "/settings", json={"changes": {"network_dim": 12, "train_data_dir": ""}})
    found = api.post("/presets", project="mochi", version="v1", name="faces", about="mine")
    assert "faces" in names(found)
    (own,) = [one for one in found["presets"] if one["own"]]
    assert (own["settings"]["network_dim"], own["about"]) == (12, "mine")
    assert "built-in" in api.post("/presets", 422, project="mochi", version="v1", name="course")["error"]["message"]
    file = api.get("/presets/faces/file")
    assert api("DELETE", "/presets/faces")["presets"] == [one for one in found["presets"] if not one["own"]]
    taken = api.post("/presets/import", name=file["name"], text=file["text"])
    assert (taken["name"], taken["notes"]) == ("faces", [])
    api("PATCH", version + "/settings", json={"changes": {"network_dim": 3}})
    kept = api("PUT", version + "/settings/preset", json={"preset": "faces"})
    assert (kept["values"]["network_dim"], kept["preset"], kept["about"]) == (12, "faces", "mine")
    kept = api("PATCH", version + "/settings", json={"changes": {"seed": 5}})
    assert [one["setting"] for one in kept["differs"]] == ["seed"]


def test_settings_of_another_program_become_a_preset(api):
    text = json.dumps({"LoRA_type": "Standard", "network_dim": 8, "network_alpha": 4, "train_inpainting": True})
    found = api.post("/presets/import", name="SDXL - LoRA v1.0 (mine).json", text=text)
    assert found["name"] == "SDXL - LoRA v1.0  mine"
    assert "without effect here: train_inpainting = True" in found["notes"]
    assert api.post("/presets/import", 422, name="x.json", text="{")["error"]["message"]


def test_file_that_is_damaged_is_told_and_the_others_are_there(api, session):
    (session.root / "presets").mkdir(parents=True)
    (session.root / "presets" / "bad.json").write_text("{")
    found = api.get("/presets")
    assert [one["value"] for one in found["problems"]] == ["bad"]
    assert "course" in names(found)


def test_starting_point_tells_why_of_each_number_and_can_be_taken(api, version):
    found = api.get("/presets/start", params={"subject": "style", "family": "sdxl", "memory": 12})
    assert found["settings"].keys() == found["reasons"].keys()
    assert "choose one of" in str(
        api.get("/presets/start", 422, params={"subject": "x", "family": "sdxl", "memory": 12})
    )
    kept = api("PUT", version + "/settings/preset", json={"preset": found["name"]})
    assert kept["reasons"] == found["reasons"]
    assert kept["values"]["text_encoder_lr"] == 0
