"""A version is renamed or deleted while something goes on in it: refused with the reason, and nothing half done."""

import threading
import time

import pytest

from lib_train.app import tagging, works
from lib_train.pictures import catalog
from tests.api.v1.conftest import MOCHI
from tests.fakes import FakeHost

WISH = {"class_word": "cat", "class_prompt": "a cat", "num_class_images": 2, "class_width": 64, "class_height": 64,
        "class_steps": 1}  # fmt: skip
TAGGING = {"tagger": "colours", "mode": "append"}
BEGIN: dict[str, tuple[str, dict]] = {
    "import": ("/projects/mochi/versions/v1/imports", {"path": str(MOCHI), "name": "x", "repeats": 2}),
    "mirror": ("/projects/mochi/versions/v1/pictures/mirror", {"tags": ["x"]}),
    "count": ("/projects/mochi/versions/v1/pictures/mirror", {"dry_run": True}),
    "masks": ("/projects/mochi/versions/v1/pictures/masks", {"source": "box", "box": [0, 0, 1, 0.5]}),
    "tag": ("/jobs", {"kind": "tag", "project": "mochi", "version": "v1", "tagging": TAGGING}),
    "regularise": ("/jobs", {"kind": "regularise", "project": "mochi", "version": "v1", "regularisation": WISH}),
}
WHY = {"tag": "are being tagged", "regularise": "are being made"}
ACTIONS = {
    "rename version": ("PATCH", "/projects/mochi/versions/v1", {"json": {"name": "new"}}),
    "delete version": ("DELETE", "/projects/mochi/versions/v1", {}),
    "rename project": ("PATCH", "/projects/mochi", {"json": {"name": "new"}}),
    "delete project": ("DELETE", "/projects/mochi", {}),
}


class Halt:
    """Holds what goes on where ``reach`` is called until it is let go."""

    def __init__(self):
        self._reached, self._go = threading.Event(), threading.Event()

    def reach(self):
        self._reached.set()
        assert self._go.wait(60)

    def reached(self):
        assert self._reached.wait(60)

    def let_go(self):
        self._go.set()


@pytest.fixture
def halt(monkeypatch):
    """Works, taggings and renderings halt in their midst, and so does measuring a picture."""
    made = Halt()

    def halting(owner, name):
        real = getattr(owner, name)

        def halted(*given, **how):
            made.reach()
            return real(*given, **how)

        monkeypatch.setattr(owner, name, halted)

    halting(works._Work, "go_on")
    halting(tagging, "tag_all")
    halting(FakeHost, "render")
    halting(catalog, "measured")
    yield made
    made.let_go()


def until_over(api, version):
    api.until_idle()
    while not all(one["ended"] for one in api.get(version + "/works")["works"]):
        time.sleep(0.01)


@pytest.mark.parametrize("kind", BEGIN)
def test_it_stays_where_it_is_until_that_has_ended_and_nothing_is_made_anew(api, version, session, halt, kind):
    path, body = BEGIN[kind]
    api.post(path, 202, **body)
    halt.reached()
    for method, place, sent in ACTIONS.values():
        why = api(method, place, 409, **sent)["error"]["message"]
        assert WHY.get(kind, "dataset is in use by this process") in why
    halt.let_go()
    until_over(api, version)
    api("PATCH", version, json={"name": "new"})
    session.catalogs.wait()
    folders = session.root / "mochi" / "versions"
    assert [one.name for one in folders.iterdir()] == ["new"]
    new = "/projects/mochi/versions/new"
    if kind == "tag":
        assert api.get(new + "/tagging")["captions"] > 0
    elif kind != "regularise":
        assert kind in [one["kind"] for one in api.get(new + "/works")["works"]]
    api.post("/projects/mochi/versions", 201, name="v1")  # another one of its name knows nothing of it
    assert api.get(version + "/works")["works"] == []
    assert api.get(version + "/tagging", 404)
    api("DELETE", new)
    assert [one.name for one in folders.iterdir()] == ["v1"]


@pytest.mark.parametrize("action", ["rename version", "delete version"])
def test_version_that_goes_while_the_doctor_looks_at_it_is_not_made_anew(api, version, session, halt, action):
    answers = []
    asking = threading.Thread(target=lambda: answers.append(session.picture_sets.of("mochi", "v1").chosen("width:>1")))
    asking.start()
    halt.reached()
    method, place, sent = ACTIONS[action]
    api(method, place, **sent)
    halt.let_go()
    asking.join()
    assert [one.name for one in (session.root / "mochi" / "versions").iterdir()] in ([], ["new"])
