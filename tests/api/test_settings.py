"""Settings over HTTP: read and kept one by one, by as many windows as there are."""

import json
import time

import pytest

pytest.importorskip("fastapi", reason="the tab's packages are not installed")
from fastapi import FastAPI
from fastapi.testclient import TestClient

from lib_train.api.routes import router
from lib_train.app.session import Session
from lib_train.host.standalone.host import StandaloneHost

WHERE = {"project": "p", "version": "v1"}


@pytest.fixture
def session(tmp_path):
    session = Session(StandaloneHost(device="cpu"), tmp_path / "out")
    session._service.version("p", "v1")
    return session


@pytest.fixture
def client(session):
    app = FastAPI()
    app.include_router(router(session))
    with TestClient(app, headers={"X-Train-Tools": "1"}) as client:
        yield client


def until_idle(client):
    while client.get("/train-tools/status").json()["busy"]:
        time.sleep(0.01)


def test_projects_are_listed_with_what_cannot_be_opened(client, session):
    (session.root / "odd").symlink_to(session.root / "none")
    assert client.get("/train-tools/projects").json()["projects"] == [
        {"name": "p", "problem": "", "versions": [{"name": "v1", "problem": ""}]},
        {"name": "odd", "problem": "is a link to something that is not there", "versions": []},
    ]


def keep(client, **changes):
    return client.post("/train-tools/settings", json={**WHERE, "changes": changes}).json()


def seen(client):
    return client.get("/train-tools/settings", params=WHERE).json()


def test_older_window_changes_its_setting_and_no_other(client):
    older = seen(client)
    assert (older["revision"], older["values"]["network_dim"], older["shown"]["learning_rate"]) == (0, 16, "0.0001")
    assert keep(client, network_dim="8")["revision"] == 1
    after = keep(client, seed="7")
    assert (after["values"]["network_dim"], after["values"]["seed"], after["revision"]) == (8, 7, 2)
    assert client.get("/train-tools/status", params=WHERE).json()["revision"] == 2
    assert seen(client) == after


def test_invalid_setting_loses_no_other_change_and_stands_in_the_plan(client, pictures):
    keep(client, train_data_dir=str(pictures), network_dim="8x", max_train_epochs="3", preview_prompts="a\nb")
    found = seen(client)
    assert found["drafts"] == {"network_dim": "8x"}
    assert (found["shown"]["network_dim"], found["values"]["network_dim"]) == ("8x", 16)
    assert (found["values"]["max_train_epochs"], found["values"]["preview_prompts"]) == (3, ["a", "b"])
    plan = client.post("/train-tools/plan", json=WHERE).json()
    assert (plan["epochs"], [one["setting"] for one in plan["problems"]]) == (3, ["network_dim"])
    for route in ("train", "queue", "preview"):
        refused = client.post(f"/train-tools/{route}", json=WHERE)
        assert (refused.status_code, refused.json()["error"]["problems"][0]["value"]) == (422, "8x"), route
    assert not keep(client, network_dim="8")["problems"]


def test_run_is_not_started_with_settings_that_nobody_has_seen(client):
    keep(client, seed="7")
    for route in ("train", "queue"):
        refused = client.post(f"/train-tools/{route}", json={**WHERE, "revision": 0})
        assert (refused.status_code, "were changed elsewhere" in refused.text) == (409, True)
    assert client.post("/train-tools/train", json={**WHERE, "revision": 1}).status_code == 200
    until_idle(client)


def test_plan_of_a_version_writes_nothing(client, session, pictures):
    keep(client, train_data_dir=str(pictures), resolution="64")
    before = {path: path.stat().st_mtime_ns for path in session.root.rglob("*")}
    for settings in (
        {},
        {"settings": {"network_dim": "4", "train_data_dir": str(pictures)}},
        {"settings": {"seed": "x"}},
    ):
        client.post("/train-tools/plan", json={**WHERE, **settings})
    client.post("/train-tools/preset", json={"settings": {"seed": "9"}})
    assert {path: path.stat().st_mtime_ns for path in session.root.rglob("*")} == before


def test_settings_of_a_version_that_is_gone_or_broken_are_not_made_anew(client, session):
    gone = client.post("/train-tools/settings", json={**WHERE, "version": "v9", "changes": {"seed": 1}})
    assert (gone.status_code, "p v9: there is none" in gone.text) == (404, True)
    assert not (session.root / "p" / "versions" / "v9").exists()
    file = session.root / "p" / "versions" / "v1" / "version.json"
    file.write_text('{"schema": 1, ')
    assert client.post("/train-tools/settings", json={**WHERE, "changes": {"seed": 1}}).status_code == 404
    assert client.get("/train-tools/settings", params=WHERE).status_code == 404
    assert client.get("/train-tools/status", params=WHERE).json()["phase"] == "idle"
    assert file.read_text() == '{"schema": 1, '


@pytest.mark.parametrize(
    ("changes", "status"), [({"seeed": 1}, 422), ([], 422), ({"seed": [["x"]]}, 200), ({"preset": 5}, 200)]
)
def test_odd_changes_are_answered_in_words(client, changes, status):
    content = json.dumps({**WHERE, "changes": changes})
    answer = client.post("/train-tools/settings", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    assert answer.json().get("drafts", {}) == ({} if status == 422 else changes)
