import io

import pytest

from lib_train.app.packing import Wish
from lib_train.errors import ArchiveError, ConfigError, ProjectError
from lib_train.store.runs import runs_of
from tests.app.journeys import Home
from tests.app.working import ended


@pytest.fixture
def session(home, pictures):
    home.project(pictures)
    return home.session()


def packed(session, **wish):
    return ended(session, session.travels.pack("p", "v1", Wish(**wish))["number"])


def arrived(session, path):
    with path.open("rb") as file:
        return session.travels.take_in("p", "v1", path.name, file)


def test_archive_is_packed_in_the_background_and_can_be_downloaded(session, tmp_path):
    with pytest.raises(ProjectError, match="p: no archive was packed yet; pack it first"):
        session.travels.packed("p", "v1")
    for _ in range(2):  # the second one takes the place of the first
        work = packed(session)
        path = session.travels.packed("p", "v1")
        assert (work["kind"], work["done"], work["total"] > 0) == ("pack", work["total"], True)
        assert work["result"]["bytes"] == path.stat().st_size
    assert Home(tmp_path / "cloud").take_in(path).named("v1").pictures()


def test_packing_that_is_cancelled_leaves_the_archive_of_before(session, monkeypatch):
    packed(session)
    before = session.travels.packed("p", "v1").read_bytes()
    monkeypatch.setattr("lib_train.app.works._Work.go_on", lambda work, done, total: False)
    assert packed(session)["result"] == {"cancelled": True}
    assert session.travels.packed("p", "v1").read_bytes() == before


def test_what_people_at_the_page_may_not_read_is_not_packed(home, session, pictures, tmp_path, monkeypatch):
    monkeypatch.setattr(home.host, "folders_may_be_chosen", lambda: False)
    with pytest.raises(ConfigError, match="with_model = True: models cannot be taken from here"):
        session.travels.pack("p", "v1", Wish(with_model=True))
    home.project(name="q", train_data_dir=[str(pictures)])
    with pytest.raises(ConfigError, match="train_data_dir = .*folders cannot be chosen here"):
        session.travels.pack("q", "v1", Wish())


def test_results_come_home_and_an_archive_makes_its_project(home, session, tmp_path):
    archive = home.pack(tmp_path / "p.zip").path
    cloud = Home(tmp_path / "cloud")
    cloud.train(archive)
    found = arrived(session, tmp_path / "p-results.zip")
    assert (found["project"], found["is_new"]) == ("p", True)
    assert found["lines"] == ["p: came home: checkpoints: 2, runs: 1, previews and sheets: 4"]
    assert found["lines_text"][0]["values"]["checkpoints"] == "2"
    assert len(runs_of(session.versions.named("p", "v1"))) == 1
    assert not arrived(session, tmp_path / "p-results.zip")["is_new"]
    other = Home(tmp_path / "other")
    other.project(name="p")
    session.projects.rename("p", "q")
    with archive.open("rb") as file:
        assert session.travels.take_in("q", "v1", "p.zip", file)["lines"] == ["project p was made of the archive"]


def test_archive_that_is_none_is_refused(session):
    with pytest.raises(ArchiveError, match=r"x\.zip: is no whole archive of Train Tools"):
        session.travels.take_in("p", "v1", "x.zip", io.BytesIO(b"x"))
    with pytest.raises(ProjectError, match="q v1: there is none of this name"):
        session.travels.take_in("q", "v1", "x.zip", io.BytesIO(b"x"))
