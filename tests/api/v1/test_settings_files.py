"""Settings files over HTTP: those of other programs are read, those of a version taken home."""

import json

import pytest

KOHYA = {"network_dim": 4, "max_train_epochs": 2, "seed": 9, "masked_loss": False, "train_inpainting": True,
         "train_data_dir": "/nowhere/at/all", "pretrained_model_name_or_path": "/m/a.safetensors"}  # fmt: skip


def read(api, *files, status=200):
    body = {"files": [{"name": name, "text": text} for name, text in files]}
    return api("POST", "/settings/read", status, json=body)


def test_file_of_another_program_is_read_and_changes_nothing(api, version, tmp_path):
    before = api.get(version + "/settings")
    found = read(api, ("a.json", json.dumps(KOHYA)))
    assert (found["settings"]["network_dim"], found["settings"]["seed"]) == (4, 9)
    assert {"network_dim", "max_train_epochs", "seed"} <= set(found["given"])
    assert "train_data_dir" not in found["settings"]
    told = "\n".join(found["notes"])
    assert "train_data_dir = /nowhere/at/all: there is no such folder or file here; the version keeps its own" in told
    assert "without effect here: train_inpainting = True" in told
    assert len(found["notes_text"]) == len(found["notes"])
    assert api.get(version + "/settings") == before


def test_what_was_read_can_be_sent_as_changes(api, version):
    found = read(api, ("a.json", json.dumps(KOHYA)))
    kept = api("PATCH", version + "/settings", json={"changes": found["settings"]})
    assert (kept["problems"], kept["drafts"], kept["values"]["network_dim"]) == ([], {}, 4)


def test_folders_and_files_that_are_here_are_taken(api, tmp_path):
    (tmp_path / "5_cat").mkdir()
    datasets = {
        "datasets": [{"resolution": 640, "subsets": [{"image_dir": str(tmp_path / "5_cat"), "num_repeats": 5}]}]
    }
    found = read(api, ("t.json", json.dumps({"network_weights": "/no/file", "dim_from_weights": True})),
                 ("d.json", json.dumps(datasets)))  # fmt: skip
    assert found["settings"]["train_data_dir"] == [str(tmp_path / "5_cat")]
    assert found["settings"]["resolution"] == [640]
    assert (found["settings"]["network_weights"], found["settings"]["dim_from_weights"]) == ("", False)
    assert any(note.startswith("network_weights = /no/file: there is no such") for note in found["notes"])


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [("a.json", "{", "cannot be read as JSON"), ("a.toml", "= 1", "TOML"), ("a.json", "[1]", "must hold a JSON object"),
     ("a.json", '{"flux1_checkbox": true}', "these settings are for Flux")],
)  # fmt: skip
def test_file_without_settings_for_here_says_why(api, name, text, told):
    assert told in read(api, (name, text), status=422)["error"]["message"]
    assert "at least one file" in api("POST", "/settings/read", 422, json={"files": []})["error"]["message"]


def test_settings_of_a_version_are_taken_home_for_both_programs(api, version):
    toml = api.get(version + "/settings/file")
    assert toml["name"] == "mochi-v1.toml"
    assert "network_dim = 2" in toml["text"]
    assert any("sdxl_train_network.py" in note for note in toml["notes"])
    kept = api.get(version + "/settings/file", params={"kind": "json"})
    again = read(api, (kept["name"], kept["text"]))
    values = api.get(version + "/settings")["values"]
    assert {name: values[name] for name in again["settings"]} == again["settings"]
    api.get(version + "/settings/file", 422, params={"kind": "exe"})
