import pytest

from lib_train.errors import ArchiveError
from lib_train.store.packs import PROJECT, Manifest, PackedFile, manifest_from, require_sound, trouble_in, twice_in

FILE = PackedFile("versions/v1/version.json", 3, "0" * 64)
SOUND = Manifest(kind=PROJECT, id="a" * 32, project="p", versions=["v1"], files=[FILE], runs={"v1/r001": 3},
                 bases={"v1": [{"title": "x"}, None]}, jobs=[{"key": "k"}])  # fmt: skip


def test_manifest_comes_back_as_it_was():
    assert manifest_from(SOUND.to_json(), "a.zip") == SOUND


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "other"}, {"id": "../x"}, {"versions": [3]}, {"versions": "v1"}, {"jobs": ["x"]}, {"runs": {"a": "b"}},
        {"bases": {"v1": "x"}}, {"bases": {"v1": ["x"]}}, {"files": [["a"]]}, {"files": [["a", -1, "0" * 64]]},
        {"files": [["a", 1, "x"]]}, {"done": {"k": 1}}, {"pictures": []}, {"schema": 0}, {"schema": "1"}, {"id": None},
        {"notes": 3}, {"created": "x"},
    ],
    ids=str,
)  # fmt: skip
def test_manifest_with_anything_odd_in_it_is_damaged(change):
    with pytest.raises(ArchiveError, match="train_tools.json in it is damaged; copy or pack it anew"):
        manifest_from({**SOUND.to_json(), **change}, "a.zip")


def test_manifest_of_a_newer_version_asks_for_an_update():
    with pytest.raises(ArchiveError, match=r"by a newer version of Train Tools \(9.1\); update Train Tools here"):
        manifest_from({"schema": 2, "program": "9.1"}, "a.zip")


@pytest.mark.parametrize("change", [{"project": "../x"}, {"project": ".x"}, {"project": ""}, {"versions": ["con"]}])
def test_names_that_no_project_may_have_are_refused(change):
    with pytest.raises(ArchiveError, match="is no archive of Train Tools: (project|version) = "):
        manifest_from({**SOUND.to_json(), **change}, "a.zip")


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "../x", "given/../../x", "given/./x", "C:/x", "given//x", "", "x.txt", "queue.json", "given",
     "versions/v1/edits.jsonl", "versions/v1/cache/x", "versions/v1", "given/a\nb", "given/" + "x" * 256,
     "given/con.txt", "given/a:b", "given/a\\b", "given/a ", "given/a.", "given/" + "a/" * 20 + "b", "given/\ud800"],
    ids=repr,
)  # fmt: skip
def test_file_that_is_no_part_of_a_project_or_leads_out_of_it_is_refused(path):
    assert trouble_in(path)


@pytest.mark.parametrize(
    "path",
    ["project.json", "versions/第一版/version.json", "versions/v1/dataset/train/10_猫/a b.png",
     "models/1/m.safetensors", "given/1/data/.train_tools/masks/10_cat/a.png",
     "versions/v1/runs/r001/state/step-00000003/state.json"],
)  # fmt: skip
def test_parts_of_a_project_are_taken(path):
    assert trouble_in(path) == ""


def test_names_that_are_one_file_elsewhere_are_found():
    assert twice_in(["given/a.png", "given/b.png"]) is None
    assert twice_in(["given/\u00e9", "given/e\u0301"])


@pytest.mark.parametrize("members", [[], [(FILE.path, 4)], [(FILE.path, 3), ("project.json", 1)]])
def test_archive_that_holds_other_files_than_it_says_is_refused(members):
    with pytest.raises(ArchiveError, match="is missing, or not what its list of files says"):
        require_sound("a.zip", SOUND, members)
