import pytest

from lib_train.app.picture_sets import set_of_folder
from lib_train.app.session import Session
from lib_train.config.run import RunConfig
from lib_train.errors import ConfigError, FileError, ProjectError
from lib_train.pictures.journal import Change

P = ("p", "v1")


@pytest.fixture
def session(gallery):
    return Session(gallery.host, gallery.root)


def test_pictures_are_those_of_the_versions_own_folders_or_of_its_settings(session, folder, tmp_path, pictures):
    assert {one.path.parent for one in session.picture_sets.of(*P).entries()} == {folder}
    session.kept.keep(*P, {"train_data_dir": [str(pictures)]})
    assert {one.path.parent for one in session.picture_sets.of(*P).entries()} == {pictures / "2_mochi"}
    with pytest.raises(ProjectError, match="there is none of this name"):
        session.picture_sets.of("p", "v9")


def test_picture_is_chosen_by_filter_and_id(session, folder):
    pictures = session.picture_sets.of(*P)
    first = pictures.chosen("name:0*")[0]
    assert [one.path.name for one in pictures.chosen("", [first.id])] == ["0.png"]
    assert pictures.chosen("name:1*", [first.id]) == []


def test_what_links_lead_to_is_left_out_where_nobody_may_choose_folders(session, folder, tmp_path, monkeypatch):
    outside = tmp_path / "outside" / "3_far"
    outside.mkdir(parents=True)
    (folder / "0.png").rename(outside / "0.png")
    (outside / "secret.txt").write_text("secret")
    (folder / "1.txt").unlink()
    (folder / "1.txt").symlink_to(outside / "secret.txt")
    (folder.parent / "3_far").symlink_to(outside)
    far = outside / "new.txt"
    pictures = session.picture_sets.of(*P)
    assert sorted(one.path.name for one in pictures.entries()) == ["0.png", "1.png", "2.png"]
    assert pictures.journal().apply("x", [Change(folder.parent / "3_far" / "new.txt", None, b"x")]).number == 1
    far.unlink()
    monkeypatch.setattr(session.host, "folders_may_be_chosen", lambda: False)
    pictures = session.picture_sets.of(*P)
    assert [one.path.name for one in pictures.entries()] == ["2.png"]
    with pytest.raises(FileError, match="lies outside of the picture folders"):
        pictures.journal().apply("x", [Change(folder.parent / "3_far" / "new.txt", None, b"x")])
    assert not far.exists()


def test_folder_that_is_none_is_named(tmp_path):
    for name in ("nowhere", "x" * 300):
        with pytest.raises(ConfigError, match="train_data_dir = .*: is no folder"):
            set_of_folder(tmp_path / name, RunConfig())
