import pytest

from lib_train.errors import ModelFileError
from lib_train.tagging.found import recognised, taggers_in


def touch(folder, *names):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"")
    return folder


def test_taggers_are_found_by_what_lies_beside_them(tmp_path):
    touch(tmp_path / "wd-vit-tagger-v3", "model.safetensors", "config.json", "selected_tags.csv")
    touch(tmp_path / "models--x" / "snapshots" / "abc" / "cl_tagger", "model.onnx", "tag_mapping.json")
    touch(tmp_path / "joy", "JoyTag.onnx", "top_tags.txt")
    touch(tmp_path, "wd-swinv2.onnx", "wd-swinv2.csv", "lora.safetensors", "vae.onnx", "notes.txt")
    found = taggers_in([tmp_path, tmp_path, tmp_path / "nowhere"])
    assert [(one.name, one.kind, one.labels.name) for one in found] == [
        ("cl_tagger", "cl", "tag_mapping.json"), ("JoyTag", "joytag", "top_tags.txt"),
        ("wd-swinv2", "wd", "wd-swinv2.csv"), ("wd-vit-tagger-v3", "wd", "selected_tags.csv"),
    ]  # fmt: skip
    assert [one.config is not None for one in found] == [False, False, False, True]


def test_a_model_s_own_list_comes_before_the_folder_s(tmp_path):
    touch(tmp_path, "a.onnx", "a.csv", "selected_tags.csv")
    assert recognised(tmp_path / "a.onnx").labels.name == "a.csv"


def test_folders_deep_inside_are_not_looked_into(tmp_path):
    touch(tmp_path / "1" / "2" / "3" / "4", "model.onnx", "selected_tags.csv")
    touch(tmp_path / "1" / "2" / "3" / "4" / "5", "model.onnx", "selected_tags.csv")
    assert len(taggers_in([tmp_path])) == 1


@pytest.mark.parametrize(
    ("names", "kind", "why"),
    [
        ((), "", "there is no such file"),
        (("model.onnx",), "", "selected_tags.csv or tag_mapping.json or top_tags.txt is missing beside it"),
        (("model.onnx", "top_tags.txt"), "wd", "selected_tags.csv is missing beside it"),
        (("model.onnx", "top_tags.txt", "tag_mapping.json"), "", "tag_mapping.json or top_tags.txt"),
    ],
)
def test_what_is_missing_is_named(tmp_path, names, kind, why):
    touch(tmp_path, *names)
    with pytest.raises(ModelFileError, match=why) as error:
        recognised(tmp_path / "model.onnx", kind)
    assert str(error.value).startswith(str(tmp_path / "model.onnx"))


@pytest.mark.parametrize(
    ("names", "kind", "why"),
    [
        (("m.safetensors",), "", "selected_tags.csv is missing"),
        (("m.safetensors", "selected_tags.csv"), "", "config.json is missing"),
        (("m.safetensors", "selected_tags.csv", "config.json"), "joytag", "of joytag only the ONNX file can be used"),
    ],
)
def test_what_is_missing_beside_safetensors_is_named(tmp_path, names, kind, why):
    touch(tmp_path, *names)
    with pytest.raises(ModelFileError, match=why):
        recognised(tmp_path / "m.safetensors", kind)


def test_other_file_is_none(tmp_path):
    touch(tmp_path, "model.pt")
    with pytest.raises(ModelFileError, match=r"ends in \.safetensors or \.onnx; choose another"):
        recognised(tmp_path / "model.pt")


@pytest.mark.parametrize(
    ("names", "package", "usual"),
    [
        (("m.onnx", "top_tags.txt"), "onnxruntime", 0.4),
        (("m.safetensors", "selected_tags.csv", "config.json"), "timm", 0.35),
    ],
)
def test_package_that_runs_it_is_named_where_it_is_not_installed(tmp_path, monkeypatch, names, package, usual):
    touch(tmp_path, *names)
    found = recognised(tmp_path / names[0])
    assert found.usual_threshold == usual
    monkeypatch.setattr("lib_train.tagging.found.find_spec", lambda name: None if name == package else "there")
    assert package in found.missing
    monkeypatch.setattr("lib_train.tagging.found.find_spec", lambda name: "there")
    assert found.missing == ""
