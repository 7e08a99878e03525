import errno
import json
import os
import shutil

import pytest

from lib_train.app import handover
from lib_train.app.handover import install
from lib_train.errors import FileError


class Host:
    def __init__(self, folder):
        self.folder, self.refreshed = folder, 0

    def lora_folder(self):
        return self.folder

    def refresh_loras(self):
        self.refreshed += 1


@pytest.fixture
def checkpoint(tmp_path):
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "cat.safetensors").write_bytes(b"network" * 1000)
    (tmp_path / "made" / "preview.png").write_bytes(b"picture")
    return tmp_path / "made" / "cat.safetensors"


@pytest.fixture
def host(tmp_path):
    return Host(tmp_path / "Lora")


def installed(host, checkpoint):
    return install(host, checkpoint, {"activation text": "cat"}, [checkpoint.with_name("preview.png")])


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_install_puts_network_card_and_picture_there(host, checkpoint):
    target = installed(host, checkpoint)
    assert target.read_bytes() == checkpoint.read_bytes()
    assert json.loads(target.with_suffix(".json").read_bytes()) == {"activation text": "cat"}
    assert target.with_suffix(".preview.png").read_bytes() == b"picture"
    assert (len(contents(host.folder)), host.refreshed) == (3, 1)


@pytest.mark.parametrize(
    "name", ["cat.preview.png", "cat.png", "cat.jpg", "cat.preview.JPEG", "cat.webp", "cat.preview.gif", "Cat.PNG"]
)
def test_install_leaves_a_picture_that_the_person_has_there(host, checkpoint, name):
    host.folder.mkdir()
    (host.folder / name).write_bytes(b"mine")
    installed(host, checkpoint)
    installed(host, checkpoint)
    found = contents(host.folder)
    assert set(found) == {"cat.safetensors", "cat.json", name}
    assert found[name] == b"mine"


def test_install_leaves_a_card_and_links_that_the_person_has_there(host, checkpoint, tmp_path):
    host.folder.mkdir()
    (host.folder / "cat.json").write_bytes(b"mine")
    (host.folder / "cat.preview.png").symlink_to(tmp_path / "elsewhere.png")
    installed(host, checkpoint)
    assert (host.folder / "cat.json").read_bytes() == b"mine"
    assert not (tmp_path / "elsewhere.png").exists()
    assert (host.folder / "cat.preview.png").is_symlink()


@pytest.mark.parametrize("taken", ["file", "folder", "link"])
def test_install_leaves_another_network_of_the_name_alone_and_adds_nothing(host, checkpoint, taken):
    host.folder.mkdir()
    there = host.folder / "cat.safetensors"
    make = {"file": lambda: there.write_bytes(b"mine"), "folder": there.mkdir, "link": lambda: there.symlink_to("x")}
    make[taken]()
    with pytest.raises(FileError, match=r"cat\.safetensors: the LoRA folder has another file of this name"):
        installed(host, checkpoint)
    assert [path.name for path in host.folder.iterdir()] == ["cat.safetensors"]


@pytest.mark.parametrize("broken", [1, 2], ids=["picture", "network"])
def test_install_that_does_not_fit_leaves_nothing_and_the_retry_works(host, checkpoint, monkeypatch, broken):
    host.folder.mkdir()
    (host.folder / "other.json").write_bytes(b"mine")
    copy, calls = shutil.copyfile, []

    def full(source, target):
        calls.append(copy(source, target))
        if len(calls) == broken:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(FileError, match=r"cat\.safetensors: cannot be put .*\(No space left on device\); make room"):
        installed(host, checkpoint)
    assert contents(host.folder) == {"other.json": b"mine"}
    assert host.refreshed == 0
    monkeypatch.setattr(shutil, "copyfile", copy)
    installed(host, checkpoint)
    assert len(contents(host.folder)) == 4


def test_install_into_what_is_no_folder_is_told(host, checkpoint):
    host.folder.write_bytes(b"a file")
    with pytest.raises(FileError, match=r"cat\.safetensors: cannot be put into the LoRA folder"):
        installed(host, checkpoint)


def test_file_of_the_same_size_and_date_does_not_count_as_installed(tmp_path):
    host, source = Host(tmp_path / "loras"), tmp_path / "a.safetensors"
    (tmp_path / "loras").mkdir()
    for path, content in ((source, b"mine"), (tmp_path / "loras" / source.name, b"else")):
        path.write_bytes(content)
        os.utime(path, ns=(1, 1))
    assert not handover.installed(host, source)  # type: ignore[arg-type]
    (tmp_path / "loras" / source.name).write_bytes(b"mine")
    assert handover.installed(host, source)  # type: ignore[arg-type]
