import threading
from contextlib import contextmanager

import pytest

from lib_train.app import works as module
from lib_train.app.works import Works
from lib_train.errors import ProjectError
from tests.app.working import ended


class Session:
    def __init__(self, root):
        self.works = Works(root)


@pytest.fixture
def session(tmp_path):
    return Session(tmp_path)


def test_work_tells_how_far_it_is_and_what_came_of_it(session):
    reached, go = threading.Event(), threading.Event()

    def act(go_on):
        go_on(1, 3)
        reached.set()
        go.wait(10)
        return {"made": 2} if go_on(2, 3) else {"made": 0}

    number = session.works.start("crop", "p", "v1", act)["number"]
    assert reached.wait(10)
    found = session.works.one("p", "v1", number)
    assert (found["kind"], found["done"], found["total"], found["ended"]) == ("crop", 1, 3, False)
    session.works.cancel("p", "v1", number)
    go.set()
    assert ended(session, number)["result"] == {"made": 0}


def test_error_is_kept_for_whoever_asks_and_raised_where_somebody_waits(session):
    found = ended(session, session.works.start("crop", "p", "v1", lambda go_on: {"x": 1 / 0})["number"])
    assert found["error"]["code"] == "fault"
    assert "ZeroDivisionError" in found["error"]["message"]
    with pytest.raises(ZeroDivisionError):
        session.works.carry_out("crop", "p", "v1", lambda go_on: {"x": 1 / 0})


def test_work_of_another_version_or_number_is_none(session):
    session.works.carry_out("crop", "p", "v1", lambda go_on: {})
    (known,) = session.works.listed("p", "v1")
    for version, number in (("v2", known["number"]), ("v1", known["number"] + 1)):
        with pytest.raises(ProjectError, match="there is none; ask for the list of works"):
            session.works.one("p", version, number)
    assert session.works.cancel("p", "v1", known["number"])["ended"]


def test_only_the_last_works_are_remembered_by_kind_or_all(session, monkeypatch):
    monkeypatch.setattr(module, "_REMEMBERED", 2)
    for kind in ("import", "crop", "import", "crop"):
        session.works.carry_out(kind, "p", "v1", lambda go_on: {})
    numbers = [one["number"] for one in session.works.listed("p", "v1")]
    assert numbers == sorted(numbers, reverse=True)
    assert len(numbers) == 3
    assert {one["kind"] for one in session.works.listed("p", "v1", ("crop",))} == {"crop"}


def test_place_is_held_before_anybody_hears_of_the_work_until_it_has_ended(session):
    entered, go = [], threading.Event()

    @contextmanager
    def held():
        entered.append(threading.current_thread())
        yield
        entered.clear()

    number = session.works.start("crop", "p", "v1", lambda go_on: {"went": go.wait(10)}, held)["number"]
    assert entered == [threading.current_thread()]
    go.set()
    assert ended(session, number)["result"] == {"went": True}
    assert entered == []


def test_place_that_cannot_be_held_is_told_at_once_and_no_work_begins(session):
    @contextmanager
    def held():
        raise ProjectError("it is not there")
        yield

    with pytest.raises(ProjectError, match="not there"):
        session.works.start("crop", "p", "v1", lambda go_on: {}, held)
    assert session.works.listed("p", "v1") == []
