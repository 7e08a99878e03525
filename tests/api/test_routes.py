import time

import pytest

pytest.importorskip("fastapi", reason="the tab's packages are not installed")
from fastapi import FastAPI
from fastapi.testclient import TestClient

from lib_train.api.routes import router
from lib_train.app.session import Session
from lib_train.host.standalone import StandaloneHost


@pytest.fixture
def session(tmp_path):
    return Session(StandaloneHost(device="cpu", loras=tmp_path / "loras"), tmp_path / "out")


@pytest.fixture
def app(session):
    app = FastAPI()
    app.include_router(router(session))
    return app


@pytest.fixture
def client(app):
    with TestClient(app) as client:
        yield client


@pytest.fixture
def asked(pictures, checkpoints):
    settings = {
        "base_model": str(checkpoints["sd1"]), "train_data_dir": str(pictures), "resolution": "64",
        "min_bucket_reso": "64", "network_dim": "2", "max_train_steps": "2", "preview_prompts": "a",
        "preview_steps": "1",
    }  # fmt: skip
    return {"project": "p", "version": "v1", "settings": settings}


def test_run_is_started_watched_and_its_files_are_given_out(client, asked):
    assert client.post("/train-tools/plan", json=asked).json()["steps"] == 2
    assert client.post("/train-tools/train", json=asked).status_code == 200
    for _ in range(400):
        seen = client.get("/train-tools/status", params={"project": "p", "version": "v1"}).json()
        if not seen["busy"]:
            break
        time.sleep(0.05)
    assert seen["phase"] == "finished"
    listed = client.get("/train-tools/checkpoints", params={"project": "p", "version": "v1"}).json()
    one = listed["checkpoints"][0]
    where = {"project": "p", "version": "v1", "name": one["name"]}
    assert len(client.get("/train-tools/download", params=where).content) == one["bytes"]
    picture = client.get("/train-tools/file", params={"path": listed["grids"][0]})
    assert picture.content[:4] == b"\x89PNG"
    small = client.get("/train-tools/thumb", params={"path": one["previews"][0]})
    assert small.content[8:12] == b"WEBP"
    sent = client.post("/train-tools/send", json={**where, "picture": one["previews"][0]}).json()
    assert "Steps: 1, Sampler: Euler a" in sent["infotext"]
    assert client.post("/train-tools/send", json={**where, "picture": listed["grids"][0]}).status_code == 404
    assert client.post("/train-tools/install", json=where).json()["path"].endswith(one["name"])
    assert client.get("/train-tools/picture", params={"project": "p", "version": "v1", "index": 0}).status_code == 200
    assert client.get("/train-tools/curve", params={"project": "p", "version": "v1", "run": "r001"}).json()["curve"]
    assert client.post("/train-tools/delete-checkpoint", json=where).status_code == 200


@pytest.mark.parametrize(
    ("route", "change", "status", "word"),
    [
        ("train", {"settings": {"network_dim": "0"}}, 422, "network_dim"),
        ("train", {"project": "../x"}, 404, "project"),
        ("train", {"settings": None}, 422, "settings"),
        ("preview", {"settings": {}}, 422, "no checkpoints"),
        ("resume", {}, 404, "resume"),
        ("install", {"name": "x.safetensors"}, 404, "checkpoint"),
        ("delete-checkpoint", {"name": "../v1"}, 404, "checkpoint"),
    ],
)
def test_faults_are_answered_in_words_with_a_fitting_status(client, asked, route, change, status, word):
    body = {**asked, **change}
    if body["settings"] is None:
        del body["settings"]
    answer = client.post(f"/train-tools/{route}", json=body)
    assert answer.status_code == status
    assert word in answer.json()["error"]["message"]


def test_only_pictures_below_the_root_are_given_out(client, session, tmp_path):
    session.root.mkdir()
    outside, secret = tmp_path / "a.png", session.root / "run.json"
    outside.write_bytes(b"x")
    secret.write_text("{}")
    link = session.root / "link.png"
    link.symlink_to(outside)
    for path in (outside, secret, link, session.root / ".." / "a.png", session.root, tmp_path / "none.png"):
        for route in ("file", "thumb"):
            assert client.get(f"/train-tools/{route}", params={"path": str(path)}).status_code == 404
    where = {"project": "p", "version": "v1"}
    assert client.get("/train-tools/download", params={**where, "name": "../x.safetensors"}).status_code == 404
    assert client.get("/train-tools/picture", params={**where, "index": 7}).status_code == 404


def test_pictures_are_uploaded_as_files(client, pictures):
    png = next(pictures.rglob("*.png"))
    answer = client.post("/train-tools/upload", data={"project": "p", "version": "v1", "repeats": "4"},
                         files=[("files", ("a.png", png.read_bytes())), ("files", ("a.txt", b"mochi"))])  # fmt: skip
    assert answer.json()["kept"] == 2
    listed = client.get("/train-tools/pictures", params={"project": "p", "version": "v1"}).json()["pictures"]
    assert [(p["name"], p["caption"], p["repeats"]) for p in listed] == [("a.png", "mochi", 4)]


def test_with_a_login_every_route_asks_for_it(app, client):
    app.auth, app.tokens = {"me": "secret"}, {"token": "me"}
    routes = {route.path: route for route in app.routes if route.path.startswith("/train-tools")}
    assert len(routes) >= 15
    for path, route in routes.items():
        ask = client.post if "POST" in route.methods else client.get
        assert ask(path).status_code == 401, path
    for cookie in ("access-token", "access-token-unsecure"):
        client.cookies = {cookie: "token"}
        assert client.get("/train-tools/status").status_code == 200
