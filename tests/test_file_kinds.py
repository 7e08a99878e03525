import io
import pickle
import tarfile
import zipfile

import pytest
import torch
from safetensors.torch import save

from lib_train.file_kinds import SAFETENSORS, TORCH, kind_of_file, missing_file_text, wrong_kind_text

WANTED = "a .safetensors file"
LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 4265146304\n"


def torch_bytes(thing, **options):
    made = io.BytesIO()
    torch.save(thing, made, **options)
    return made.getvalue()


def zipped(**files):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return made.getvalue()


def tarred():
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("model.ckpt"))
    return made.getvalue()


TENSORS = {"x": torch.ones(2)}


@pytest.mark.parametrize("name", ["a.safetensors", "a.ckpt", "a.pt", "a", "a.txt", "a.safetensors.ckpt"])
@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (save(TENSORS), SAFETENSORS),
        (torch_bytes(TENSORS), TORCH),
        (torch_bytes(TENSORS, _use_new_zipfile_serialization=False), TORCH),
        (pickle.dumps([1], 4), TORCH),
        (b"", ""),
        (LFS, ""),
        (zipped(a=b"x"), ""),
    ],
    ids=["safetensors", "torch", "older torch", "pickle", "empty", "LFS", "zip"],
)
def test_kind_is_told_by_content_whatever_the_name(tmp_path, name, content, kind):
    (tmp_path / name).write_bytes(content)
    assert kind_of_file(tmp_path / name) == kind


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty; download it again, or choose a .safetensors file"),
        (b"\0" * 5000, "begins with nothing but zeros: its download was not finished"),
        (LFS, "is only a pointer of Git LFS, not the file itself; run git lfs pull"),
        (b"<!DOCTYPE html><html>Log in</html>", "is a web page"),
        (b"\xef\xbb\xbf\n  <html>", "is a web page"),
        (b'<?xml version="1.0"?><Error>AccessDenied</Error>', "is a web page"),
        (b'{"error": "Unauthorized"}', "is a text file (JSON)"),
        (b"Entry not found", "is a text file;"),
        ("文件不存在".encode(), "is a text file;"),
        (b"GGUF\x03\0\0\0" + b"\x9c" * 90, "is a GGUF file"),
        (b"\x08\x07\x12\x07pytorch\x1a\x051.13" + b"\x9c" * 90, "is an ONNX model"),
        (b"\x89HDF\r\n\x1a\n" + b"\x9c" * 90, "is an HDF5 file"),
        (b"\x93NUMPY\x01" + b"\x9c" * 90, "is a NumPy array"),
        (
            b"\x1f\x8b\x08" + b"\x9c" * 90,
            "is a gzip archive; unpack it, and choose a .safetensors file of what is in it",
        ),
        (b"7z\xbc\xaf\x27\x1c" + b"\x9c" * 90, "is a 7z archive"),
        (b"Rar!\x1a\x07\x01" + b"\x9c" * 90, "is a rar archive"),
        (zipped(model__a=b"x"), "is a zip archive; unpack it"),
        (
            zipped(deep__model=b"x", **{"model.safetensors": b"x"}),
            "is a zip archive that holds model.safetensors; unpack",
        ),
        (torch_bytes(TENSORS)[:-300], "is a zip archive or a torch file that is cut short"),
        (zipped(archive__code__x=b"", **{"archive__data.pkl": b"x"}), "is a TorchScript program"),
        (tarred(), "is a tar archive"),
        (b"\x89PNG\r\n\x1a\n" + b"\x9c" * 90, "is a picture"),
        (b"\xff\xd8\xff\xe0" + b"\x9c" * 90, "is a picture"),
        (b"%PDF-1.7 \x9c\xff", "is a PDF document"),
        (bytes(range(256)) * 40, "is of a kind that is not known here, or damaged"),
        ("é".encode() * 4096, "is a text file;"),
    ],
)
def test_other_kinds_are_told_with_the_way_out(tmp_path, content, told):
    (tmp_path / "a.ckpt").write_bytes(content)
    assert kind_of_file(tmp_path / "a.ckpt") == ""
    sentence = wrong_kind_text(tmp_path / "a.ckpt", WANTED)
    assert sentence.startswith(told)
    assert WANTED in sentence


def test_unfinished_download_is_told_by_its_ending(tmp_path):
    (tmp_path / "a.safetensors.part").write_bytes(b"\x9c" * 90)
    assert wrong_kind_text(tmp_path / "a.safetensors.part", WANTED).startswith("is an unfinished download; let it end")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("runwayml/stable-diffusion-v1-5", "if it is a name on a model hub: nothing is downloaded"),
        ("stabilityai/stable-diffusion-xl-base-1.0", "if it is a name on a model hub"),
        ("https://example.org/model.safetensors", "is an address, and nothing is downloaded here"),
        ("huggingface.co/org/name", "is an address"),
        ("models/a.safetensors", "there is no such file"),
        ("a.safetensors", "there is no such file"),
        ("./org/name", "there is no such file"),
        ("/nowhere/name", "there is no such file"),
        ("a\0b", "there is no such file"),
        pytest.param("x" * 5000, "there is no such file", id="long"),
    ],
)
def test_what_is_no_file_is_told_as_what_it_may_be(name, told):
    sentence = missing_file_text(name, WANTED)
    assert told in sentence
    assert "no such file" in sentence or WANTED in sentence


def test_folders_tell_whose_layout_they_have_and_what_lies_in_them(tmp_path):
    assert missing_file_text(str(tmp_path), WANTED) == "is a folder; choose a .safetensors file"
    for name in ("d.safetensors", "a.ckpt", "b.safetensors", "c.safetensors", "notes.txt"):
        (tmp_path / name).touch()
    inside = "(in it: a.ckpt, b.safetensors, c.safetensors, ...)"
    assert missing_file_text(str(tmp_path), WANTED) == f"is a folder; choose a .safetensors file {inside}"
    (tmp_path / "model_index.json").write_text("{}")
    text = "is a folder as diffusers keeps a model, which is not opened; choose a .safetensors file of the same model"
    assert missing_file_text(str(tmp_path), WANTED) == f"{text} {inside}"


def test_hub_name_whose_folder_is_there_is_a_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models").mkdir()
    assert missing_file_text("models/sd15", WANTED) == "there is no such file; check the path"
