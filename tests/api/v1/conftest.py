import time
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the tab's packages are not installed")
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel

from lib_train.api.answers import Answer
from lib_train.api.v1.routes import PREFIX, router
from lib_train.app.session import Session
from lib_train.texts import Text
from tests.fakes import FakeHost

MOCHI = Path(__file__).parents[3] / "lib_train" / "assets" / "mochi" / "train" / "10_mochi"


@pytest.fixture
def session(tmp_path):
    (tmp_path / "A.safetensors").write_bytes(b"a base model")
    return Session(FakeHost(tmp_path / "A.safetensors", loras=tmp_path / "loras"), tmp_path / "out")


class Current:
    """Stands for the session of the test that goes on: the routes are made once, which takes longer than a test."""

    session: Any = None

    def __getattr__(self, name):
        return getattr(self.session, name)

    @property
    def root(self):
        """Of the routes, which take it when they are made, this itself."""
        return self.session.root if self.session else self

    def resolve(self):
        return self.session.root.resolve()

    def __str__(self):
        return str(self.session.root)


@pytest.fixture(scope="session")
def current():
    return Current()


@pytest.fixture(scope="session")
def routes(current):
    made = FastAPI()
    made.include_router(router(current))
    return made.routes


@pytest.fixture
def app(current, routes, session):
    made = FastAPI()
    made.router.routes[:] = routes
    current.session = session
    yield made
    current.session = None


class Api:
    """Asks below /train-tools/v1, and takes answers apart."""

    def __init__(self, client):
        self.client = client

    def __call__(self, method, path, status=200, **sent):
        answer = self.client.request(method, PREFIX + path, **sent)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.headers["content-type"] == "application/json" else answer

    def get(self, path, status=200, **sent):
        return self("GET", path, status, **sent)

    def post(self, path, status=200, /, **body):
        return self("POST", path, status, **({"json": body} if body else {}))

    def until_idle(self):
        for _ in range(1200):
            if not self.get("/jobs")["busy"]:
                return self.get("/jobs")["job"]
            time.sleep(0.05)
        raise AssertionError("the job does not end")


def _without_template(value, where="answer"):
    """Places of sentences in an answer that have no template beside them."""
    if isinstance(value, BaseModel):
        value = vars(value)
    if isinstance(value, dict):
        for name, one in value.items():
            beside = value.get(f"{name}_text")
            listed = isinstance(one, list | tuple) and any(isinstance(part, Text) for part in one)
            if (isinstance(one, Text) or listed) and not beside:
                yield f"{where}.{name}"
            elif not isinstance(one, Text) and not listed:
                yield from _without_template(one, f"{where}.{name}")
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _without_template(one, f"{where}[]")


@pytest.fixture(autouse=True)
def templates_beside_sentences(monkeypatch):
    """No answer of any test has a sentence that other languages cannot be made of."""
    found, render = [], Answer.render

    def rendered(answer, content):
        found.extend(_without_template(content))
        return render(answer, content)

    monkeypatch.setattr(Answer, "render", rendered)
    yield
    assert found == []


@pytest.fixture
def api(app):
    with TestClient(app, headers={"X-Train-Tools": "1"}) as client:
        yield Api(client)


@pytest.fixture
def other_api(session):
    """Asks another process on the same folder, in which captions may also end in these."""

    def started(endings):
        made = FastAPI()
        made.include_router(router(Session(session.host, session.root, endings)))
        return Api(TestClient(made, headers={"X-Train-Tools": "1"}))

    return started


SETTINGS = {
    "resolution": 64, "network_dim": 2, "max_train_steps": 4, "save_every_n_steps": 2, "preview_prompts": "mochi",
    "preview_steps": 1, "preview_after_training": False,
}  # fmt: skip


@pytest.fixture
def version(api):
    """A project with four pictures and settings for a short run; its path."""
    api.post("/projects", 201, name="mochi")
    there = "/projects/mochi/versions/v1"
    files = [("files", (path.name, path.read_bytes())) for path in sorted(MOCHI.iterdir())[:8]]
    api("POST", there + "/pictures", 201, files=files, data={"name": "mochi", "repeats": "2"})
    api("PATCH", there + "/settings", json={"changes": SETTINGS})
    return there
