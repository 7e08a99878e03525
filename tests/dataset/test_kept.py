import hashlib
import json
import os
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from lib_train.dataset import kept
from lib_train.dataset.contexts import ContextStore
from lib_train.dataset.kept import Contents, made, read_tensors, write_tensors
from lib_train.errors import DatasetError, FileError
from tests.dataset.encoders import encode_captions, filled


@pytest.mark.parametrize(
    "text",
    ["[]", "null", '"x"', '{"a": 1}', '{"a": [1, 2]}', '{"a": [1, 2, 3]}', '{"a": null}', "{", "", "[" * 100_000,
     '{"a": {"b": 1}}'],
)  # fmt: skip
def test_index_that_is_none_counts_as_empty_and_is_built_anew(tmp_path, text):
    (tmp_path / "a").write_text("content")
    (tmp_path / "contents.json").write_text(text)
    contents = Contents(tmp_path / "contents.json")
    digest = contents.hash_of(tmp_path / "a")
    contents.save()
    assert [row[4] for row in json.loads((tmp_path / "contents.json").read_text()).values()] == [digest]


def test_hash_is_remembered_until_size_or_time_changes(tmp_path, monkeypatch):
    file, index = tmp_path / "a", tmp_path / "contents.json"
    file.write_text("one")
    first = Contents(index)
    digest = first.hash_of(file)
    first.save()
    with monkeypatch.context() as patch:
        patch.setattr(kept, "_sha256", lambda path: pytest.fail("was read again"))
        assert Contents(index).hash_of(file) == digest
    file.write_text("two")
    os.utime(file, ns=(1, 1))
    assert Contents(index).hash_of(file) != digest


@pytest.mark.parametrize("place", [0, 50_000, 99_999], ids=["first", "middle", "last"])
def test_file_of_the_same_size_and_date_is_another_one(tmp_path, place, monkeypatch):
    """Also where the system notes no time of its own."""
    monkeypatch.setattr("lib_train.marks._TIME_OF_STATUS", False)
    file, index = tmp_path / "a", tmp_path / "contents.json"
    content = bytearray(100_000)
    file.write_bytes(content)
    before = file.stat()
    first = Contents(index)
    digest = first.hash_of(file)
    first.save()
    content[place] = 1
    file.write_bytes(content)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert Contents(index).hash_of(file) == hashlib.sha256(content).hexdigest() != digest


def test_row_without_a_digest_is_made_anew(tmp_path):
    file, index = tmp_path / "a", tmp_path / "contents.json"
    file.write_text("one")
    first = Contents(index)
    digest = first.hash_of(file)
    first.save()
    rows = {name: [*row[:4], 5] for name, row in json.loads(index.read_text()).items()}
    index.write_text(json.dumps(rows))
    assert Contents(index).hash_of(file) == digest


def test_cache_that_can_be_made_anew_waits_for_no_disk(tmp_path, monkeypatch):
    """Thousands of files would take as many flushes."""
    monkeypatch.setattr(os, "fsync", lambda handle: pytest.fail("waits for the disk"))
    write_tensors(tmp_path / "x.safetensors", {"a": torch.zeros(1)})
    contents = Contents(tmp_path / "contents.json")
    contents.hash_of(tmp_path / "x.safetensors")
    contents.save()
    assert read_tensors(tmp_path / "x.safetensors")["a"].tolist() == [0]
    assert read_tensors(tmp_path / "gone.safetensors") == {}


def test_runs_on_one_index_keep_what_the_other_found(tmp_path):
    one, two = (Contents(tmp_path / "contents.json") for _ in range(2))
    for contents, name in ((one, "a"), (two, "b")):
        (tmp_path / name).write_text(name)
        contents.hash_of(tmp_path / name)
        contents.save()
    assert sorted(os.path.basename(path) for path in json.loads((tmp_path / "contents.json").read_text())) == ["a", "b"]


def test_index_that_cannot_be_written_ends_no_run(tmp_path):
    (tmp_path / "contents.json").mkdir()
    (tmp_path / "a").write_text("x")
    contents = Contents(tmp_path / "contents.json")
    contents.hash_of(tmp_path / "a")
    contents.save()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "contents.json"]


def test_file_that_went_away_is_named(tmp_path):
    with pytest.raises(DatasetError, match=r"gone\.png: cannot be read any more .*start again"):
        Contents(tmp_path / "contents.json").hash_of(tmp_path / "gone.png")


def test_full_disk_is_named_with_the_way_out_and_leaves_no_part(tmp_path, monkeypatch):
    def full(tensors, path):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kept, "save_file", full)
    with pytest.raises(FileError, match=r"No space left.*make room.*or set cache_latents_to_disk to false"):
        write_tensors(tmp_path / "x.safetensors", {"a": torch.zeros(1)})
    assert list(tmp_path.iterdir()) == []


def test_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "cache").write_text("a file stands here")
    with pytest.raises(FileError, match="cache: the cache folder cannot be made .*set cache_latents_to_disk to false"):
        made(tmp_path / "cache")


def test_many_writers_of_one_file_leave_it_whole(tmp_path):
    path = tmp_path / "x.safetensors"
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: write_tensors(path, {"a": torch.full((1000,), float(n))}), range(40)))
    found = read_tensors(path)["a"]
    assert found.shape == (1000,)
    assert len(found.unique()) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["x.safetensors"]


def test_kept_files_have_the_names_that_earlier_runs_gave_them(pictures, tmp_path):
    """Else everything is encoded again, and the older files stay behind."""
    list(ContextStore(["a"], "key", tmp_path / "text").fill(encode_captions))
    names = {hashlib.sha256(repr(("key", caption)).encode()).hexdigest()[:40] for caption in ("", "a")}
    assert {file.stem for file in (tmp_path / "text").iterdir()} == names
    filled(pictures, tmp_path / "cache", flip_aug=True)
    content = hashlib.sha256((pictures / "2_mochi" / "0.png").read_bytes()).hexdigest()
    for side in (False, True):
        parts = (3, "vae", content, (64, 64), (64, 64), side, "#ffffff")
        name = hashlib.sha256(repr(parts).encode()).hexdigest()[:40]
        assert (tmp_path / "cache" / f"{name}.safetensors").exists()
