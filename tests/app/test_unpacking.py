import hashlib
import json
import zipfile

import pytest

from lib_train.app.unpacking import taken_in
from lib_train.errors import ArchiveError, FileError, ProjectError
from lib_train.store.pack_files import Cancelled, pack_at
from lib_train.store.packs import KEPT, MANIFEST
from tests.app.journeys import at_once, files, go_on
from tests.full_disk import at_each_write
from tests.killed import killed_at


@pytest.fixture
def archive(home, pictures, tmp_path):
    home.project(pictures, validation_data_dir=[str(pictures / "2_mochi")])
    return home.pack(tmp_path / "p.zip").path


def test_project_is_made_with_its_pictures_and_with_paths_of_this_machine(home, cloud, archive):
    project = cloud.take_in(archive)
    there, here = project.named("v1"), home.project(name="p").inside("dataset")
    assert files(there.inside("dataset")) == files(here)
    held = there.kept().config.training.validation_data_dir
    assert held == (str(cloud.root.resolve() / "p" / "given" / "1" / "2_mochi"),)
    assert len(files(cloud.root / "p" / "given")) == 6


def test_the_same_archive_again_finds_its_project_and_changes_nothing(cloud, archive):
    cloud.take_in(archive)
    before = files(cloud.root)
    cloud.take_in(archive)
    assert files(cloud.root) == before


def test_another_project_of_the_name_is_left_alone(cloud, archive, pictures):
    cloud.project(pictures)
    before = files(cloud.root)
    with pytest.raises(ProjectError, match=r"project = 'p': .*out has another project of this name; name another fold"):
        cloud.take_in(archive)
    assert files(cloud.root) == before


def test_results_make_no_project(cloud, archive):
    cloud.train(archive)
    with pytest.raises(ArchiveError, match="holds results; bring them home with train-tools unpack p-results.zip"):
        cloud.take_in(archive.with_name("p-results.zip"))


def test_damaged_archive_leaves_nothing(cloud, archive):
    content = bytearray(archive.read_bytes())
    content[content.index(b"IHDR") + 4] ^= 1
    archive.write_bytes(content)
    with pytest.raises(ArchiveError, match=r"p\.zip: given/1/2_mochi/0\.png in it is damaged"):
        cloud.take_in(archive)
    assert files(cloud.root) == {}


def test_cancelled_unpacking_leaves_nothing(cloud, archive):
    with pack_at(archive) as pack, pytest.raises(Cancelled):
        taken_in(pack, cloud.root, lambda done, total: False)
    assert files(cloud.root) == {}


def test_two_at_once_make_one_project(cloud, archive):
    first, second = at_once(*[lambda: cloud.take_in(archive)] * 2)
    assert (first.name, second.name) == ("p", "p")
    assert [path.name for path in cloud.root.iterdir()] == ["p"]


def test_full_disk_leaves_a_whole_project_or_none(tmp_path, archive, monkeypatch):
    def take_in(root):
        with pack_at(archive) as pack:
            return taken_in(pack, root / "out", go_on)

    outcomes = []
    for root, answer in at_each_write(monkeypatch, tmp_path / "disks", lambda root: None, take_in):
        whole = (root / "out" / "p" / KEPT).exists()
        assert whole or not [path for path in (root / "out").glob("*") if not path.name.startswith(".")]
        assert whole or isinstance(answer, FileError)
        outcomes.append(whole)
    assert outcomes[-1]


@pytest.fixture(autouse=True)
def _disks(tmp_path):
    (tmp_path / "disks").mkdir()


@pytest.mark.parametrize("calls", [0, 3, 9])
def test_unpacking_that_is_killed_leaves_a_whole_project_or_none(cloud, archive, calls):
    assert killed_at("fsync", calls, lambda: cloud.take_in(archive))
    assert not (cloud.root / "p").exists()
    assert cloud.take_in(archive).named("v1").pictures()
    assert [path.name for path in cloud.root.iterdir()] == ["p"]


def test_place_that_leads_out_of_the_project_is_refused(cloud, archive, tmp_path):
    evil = tmp_path / "evil.zip"
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(evil, "w") as new:
        settings = json.loads(old.read("versions/v1/version.json"))
        settings["dataset"]["train_data_dir"] = ["archive:given/../../../etc"]
        content = json.dumps(settings).encode()
        manifest = json.loads(old.read(MANIFEST))
        for one in manifest["files"]:
            if one[0] == "versions/v1/version.json":
                one[1:] = len(content), hashlib.sha256(content).hexdigest()
            else:
                new.writestr(one[0], old.read(one[0]))
        new.writestr("versions/v1/version.json", content)
        new.writestr(MANIFEST, json.dumps(manifest))
    with pytest.raises(ArchiveError, match=r"train_data_dir in it names 'given/\.\./.*/etc', which leads out of"):
        cloud.take_in(evil)
    assert files(cloud.root) == {}
