import time

import pytest

from lib_train.app.session import Session
from lib_train.errors import HostModelError
from lib_train.host.standalone.host import StandaloneHost
from tests.app.test_gallery import P, id_of
from tests.moves import ended


@pytest.fixture
def catalogs(gallery):
    return gallery._catalogs


def test_changed_caption_does_not_read_the_pictures_again(gallery, monkeypatch):
    number = id_of(gallery, "0.png")
    for name in ("looked", "measured"):
        monkeypatch.setattr(f"lib_train.pictures.catalog.{name}", lambda path, *more: pytest.fail(f"{path} was read"))
    gallery.keep_caption(*P, number, "mochi, number 0, blue", "new")
    assert gallery.listed(*P)["pictures"][0]["caption"] == "new"


def test_plan_and_list_see_the_same_pictures_at_once(gallery, folder):
    session = Session(gallery.host, gallery.root)
    assert session.plan_as_json(*P)["pictures"] == len(session.gallery.listed(*P)["pictures"]) == 3
    (folder / "0.png").write_bytes(b"")
    plan, listed = session.plan_as_json(*P), session.gallery.listed(*P)
    assert plan["pictures"] == 2
    assert [one["value"] for one in plan["problems"]] == [one["value"] for one in listed["problems"]]
    assert listed["counts"]["unusable"] == 1


def test_large_set_is_listed_before_its_pictures_are_read_and_filled_meanwhile(gallery, folder, catalogs, monkeypatch):
    monkeypatch.setattr("lib_train.app.gallery._AT_ONCE", 1)
    first = gallery.listed(*P, limit=2)
    assert [one["name"] for one in first["pictures"]] == ["0.png", "1.png"]
    assert (first["total"], first["counts"]["files"]) == (3, 3)
    catalogs.wait()
    full = gallery.listed(*P)
    assert full["counts"]["measured"] == 3
    assert all(one["sharpness"] >= 0 and one["width"] and one["tokens"] for one in full["pictures"])


def test_tokens_are_counted_when_a_model_can_be_asked_again(gallery, catalogs, monkeypatch):
    def refuse(*_: object) -> None:
        raise HostModelError("it is being loaded")

    with monkeypatch.context() as patched:
        patched.setattr(gallery.host, "count_tokens", refuse)
        gallery.listed(*P)
        catalogs.wait()
        assert {one["tokens"] for one in gallery.listed(*P)["pictures"]} == {None}
        catalogs.wait()
    gallery.listed(*P)
    catalogs.wait()
    pictures = gallery.listed(*P)["pictures"]
    assert [one["tokens"] for one in pictures] == gallery.host.count_tokens([one["caption"] for one in pictures])


def test_a_training_does_not_read_what_its_plan_has_read(session, settings, monkeypatch):
    session.plan_as_json("p", "v1", settings)
    monkeypatch.setattr("lib_train.pictures.catalog.looked", lambda path: pytest.fail(f"{path} was read"))
    session.train("p", "v1", settings)
    assert ended(session)["phase"] == "finished"


def test_many_unchanged_pictures_cost_little(gallery, folder):
    picture, caption = (folder / "0.png").read_bytes(), (folder / "0.txt").read_bytes()
    for number in range(1000):
        (folder / f"x{number}.png").write_bytes(picture)
        (folder / f"x{number}.txt").write_bytes(caption)
    session = Session(StandaloneHost(device="cpu"), gallery.root)
    assert session.plan_as_json(*P)["pictures"] == 1003
    spent = []
    for _ in range(3):  # the collector of rubbish may come in between
        start = time.process_time()
        session.plan_as_json(*P)
        spent.append(time.process_time() - start)
    assert min(spent) < 0.15


def test_pictures_are_sorted_by_their_loss_in_the_last_run(session, settings):
    session.train("p", "v1", settings)
    assert ended(session)["phase"] == "finished"
    found = session.gallery.listed(*P, sort="-loss")["pictures"]
    losses = [one["loss"] for one in found if one["loss"] is not None]
    assert len(losses) >= 2
    assert losses == sorted(losses, reverse=True)
    assert [one["loss"] for one in session.gallery.listed(*P)["pictures"]] == [None] * 3
    again = session.gallery.listed(*P, sort="loss")["pictures"]
    assert [one["loss"] for one in again if one["loss"] is not None] == losses[::-1]
