import threading
import time

import pytest

pytest.importorskip("fastapi", reason="the tab's packages are not installed")
from fastapi import FastAPI
from fastapi.testclient import TestClient

from lib_train.api.routes import router
from lib_train.app.session import Session
from lib_train.config.codec import config_of
from tests.fakes import FakeHost


@pytest.fixture
def base_model(tmp_path):
    (tmp_path / "A.safetensors").touch()
    return tmp_path / "A.safetensors"


@pytest.fixture
def session(tmp_path, base_model):
    return Session(FakeHost(base_model, loras=tmp_path / "loras"), tmp_path / "out")


@pytest.fixture
def app(session):
    app = FastAPI()
    app.include_router(router(session))
    return app


@pytest.fixture
def client(app):
    with TestClient(app, headers={"X-Train-Tools": "1"}) as client:
        yield client


@pytest.fixture
def asked(pictures, base_model):
    settings = {
        "base_model": str(base_model), "train_data_dir": str(pictures), "resolution": "64",
        "min_bucket_reso": "64", "network_dim": "2", "max_train_steps": "2", "preview_prompts": "a",
        "preview_steps": "1",
    }  # fmt: skip
    return {"project": "p", "version": "v1", "settings": settings}


def test_run_is_started_watched_and_its_files_are_given_out(client, asked):
    assert client.post("/train-tools/plan", json=asked).json()["steps"] == 2
    assert client.post("/train-tools/train", json=asked).status_code == 200
    for _ in range(2400):
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
        ("train", {"settings": None}, 404, "p v1: there is none of this name"),
        ("preview", {"settings": {}}, 422, "no checkpoints"),
        ("resume", {}, 404, "resume"),
        ("resume", {"with_changes": "yes"}, 422, "with_changes = 'yes': must be true or false"),
        ("queue", {"settings": {"network_dim": "0"}}, 422, "network_dim"),
        ("queue", {"version": ".."}, 404, "version"),
        ("queue/remove", {"number": "x"}, 422, "must be a whole number"),
        ("queue/remove", {"number": 77}, 404, "waits no more"),
        ("queue/remove", {}, 422, "number"),
        ("sample", {}, 409, "no training goes on"),
        ("pause", {}, 409, "no training goes on"),
        ("continue", {}, 409, "no training goes on"),
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


def test_a_training_waits_behind_another_and_is_taken_out_again(client, asked, session, monkeypatch):
    gate = threading.Event()
    monkeypatch.setattr(session._service, "train", lambda *args, **kwargs: gate.wait(100) and 1 / 0)
    monkeypatch.setattr(threading, "excepthook", lambda args: None)
    assert client.post("/train-tools/train", json=asked).status_code == 200
    for _ in range(2):
        assert client.post("/train-tools/queue", json=asked).status_code == 200
    first, second = client.get("/train-tools/status").json()["queue"]["waiting"]
    assert first == {"number": first["number"], "project": "p", "version": "v1", "steps": 2}
    assert client.post("/train-tools/queue/remove", json={"number": first["number"]}).status_code == 200
    client.post("/train-tools/stop", json={})
    queue = client.get("/train-tools/status").json()["queue"]
    assert (queue["waiting"], queue["held"]) == ([second], "the job before was stopped")
    assert client.post("/train-tools/queue/go-on", json={}).status_code == 200
    assert client.get("/train-tools/status").json()["queue"]["held"] == ""
    client.post("/train-tools/queue/remove", json={"number": second["number"]})
    gate.set()
    while session.busy:
        time.sleep(0.01)


def test_only_pictures_below_the_root_are_given_out(client, session, tmp_path):
    session.root.mkdir()
    outside, secret = tmp_path / "a.png", session.root / "run.json"
    outside.write_bytes(b"x")
    secret.write_text("{}")
    link = session.root / "link.png"
    link.symlink_to(outside)
    for path in (outside, secret, link, session.root / ".." / "a.png", session.root, tmp_path / "none.png", "\0.png"):
        for route in ("file", "thumb"):
            assert client.get(f"/train-tools/{route}", params={"path": str(path)}).status_code == 404
    where = {"project": "p", "version": "v1"}
    assert client.get("/train-tools/download", params={**where, "name": "../x.safetensors"}).status_code == 404
    assert client.get("/train-tools/picture", params={**where, "index": 7}).status_code == 404
    (session.root / "damaged.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    answer = client.get("/train-tools/thumb", params={"path": str(session.root / "damaged.png")})
    assert (answer.status_code, "cannot be read as a picture" in answer.json()["error"]["message"]) == (422, True)


def test_pictures_are_uploaded_as_files(client, pictures):
    png = next(pictures.rglob("*.png"))
    answer = client.post("/train-tools/upload", data={"project": "p", "version": "v1", "repeats": "4"},
                         files=[("files", ("a.png", png.read_bytes())), ("files", ("a.txt", b"mochi"))])  # fmt: skip
    assert answer.json()["kept"] == 2
    listed = client.get("/train-tools/pictures", params={"project": "p", "version": "v1"}).json()["pictures"]
    assert [(p["name"], p["caption"], p["repeats"]) for p in listed] == [("a.png", "mochi", 4)]


def test_differences_from_the_preset_are_told_before_there_are_pictures(client):
    ask = {"settings": {"preset": "course", "unet_lr": "2e-4", "text_encoder_lr": "1e-5", "network_dim": "32"}}
    found = client.post("/train-tools/preset", json=ask).json()
    assert found["about"].startswith("A plain start")
    assert {"setting": "unet_lr", "preset": "0.0001", "now": "0.0002"} in found["differs"]
    assert not [one for one in found["differs"] if one["setting"] in ("network_dim", "text_encoder_lr")]
    ask["settings"]["unet_lr"] = "fast"
    assert client.post("/train-tools/preset", json=ask).json()["error"]["problems"][0]["setting"] == "unet_lr"


def test_caption_is_read_and_written_and_two_writers_are_told_of_each_other(client, pictures):
    png, where = next(pictures.rglob("*.png")), {"project": "p", "version": "v1"}
    client.post("/train-tools/upload", data={**where, "repeats": "4"},
                files=[("files", ("a.png", png.read_bytes())), ("files", ("a.txt", b"mochi"))])  # fmt: skip
    one = {**where, "index": 0, "name": "a.png"}
    assert client.get("/train-tools/caption", params=one).json()["caption"] == "mochi"
    large = client.get("/train-tools/picture", params={**one, "large": True})
    assert large.content[8:12] == b"WEBP"
    written = client.post("/train-tools/caption", json={**one, "replaces": "mochi", "caption": "mochi, red"})
    assert (written.status_code, written.json()["caption"]) == (200, "mochi, red")
    late = client.post("/train-tools/caption", json={**one, "replaces": "mochi", "caption": "mochi, blue"})
    assert (late.status_code, late.json()["error"]["present"]) == (409, "mochi, red")
    other = {**one, "name": "b.png", "replaces": "mochi, red", "caption": "x"}
    assert client.post("/train-tools/caption", json=other).status_code == 404
    for wrong in ({**one, "replaces": "mochi, red"}, {**one, "replaces": None, "caption": 3}):
        assert client.post("/train-tools/caption", json=wrong).status_code == 422
    assert client.get("/train-tools/caption", params=one).json()["caption"] == "mochi, red"


OUT = ("../x", "..", ".", "/etc", "a/../../x", "..\\x", "\0", ".trash", "")


@pytest.mark.parametrize("name", OUT)
def test_no_name_of_a_project_or_version_leads_out_of_the_root(client, asked, session, tmp_path, name):
    outside = tmp_path / "x" / "versions" / "v1" / "checkpoints" / "x.safetensors"
    outside.parent.mkdir(parents=True)
    outside.write_bytes(b"secret")
    before = sorted(tmp_path.rglob("*"))
    png = ("files", ("a.png", b"x"))
    for place in ({"project": name, "version": "v1"}, {"project": "p", "version": name}):
        asks = {**asked, **place, "name": "x.safetensors", "files": ["x.safetensors"], "picture": str(outside)}
        asks |= {"index": 0, "replaces": "", "caption": "x"}
        for route in ("train", "resume", "preview", "plan", "install", "delete-checkpoint", "send", "caption"):
            assert client.post(f"/train-tools/{route}", json=asks).status_code in (404, 422), route
        for route in ("checkpoints", "curve", "pictures", "picture", "caption", "download"):
            more = {"run": "r001", "name": "x.safetensors", "index": 0}
            assert client.get(f"/train-tools/{route}", params={**place, **more}).status_code in (404, 422), route
        assert client.post("/train-tools/upload", data={**place, "repeats": "1"}, files=[png]).status_code in (404, 422)
        assert "runs" not in client.get("/train-tools/status", params=place).json()
    made = {path for path in tmp_path.rglob("*") if not path.is_relative_to(session.root)}
    assert made == set(before)
    assert outside.read_bytes() == b"secret"


@pytest.mark.parametrize("name", [f"{name}.safetensors" for name in ("../../../x", "..\\x", "/x", "x\0", "none")])
def test_no_name_of_a_checkpoint_leads_out_of_its_folder(client, session, tmp_path, name):
    (tmp_path / "x.safetensors").write_bytes(b"secret")
    session.root.mkdir()
    (session.root / "x.safetensors").write_bytes(b"secret")
    session.keep_settings("p", "v1", session.settings("p", "v1"))
    where = {"project": "p", "version": "v1", "name": name}
    assert client.get("/train-tools/download", params=where).status_code == 404
    for route in ("install", "delete-checkpoint"):
        assert client.post(f"/train-tools/{route}", json=where).status_code == 404
    assert (tmp_path / "x.safetensors").exists()


def test_checkpoint_that_is_a_link_out_of_the_root_is_not_given_out(client, session, tmp_path):
    (tmp_path / "x.safetensors").write_bytes(b"secret")
    session.keep_settings("p", "v1", session.settings("p", "v1"))
    folder = session.root / "p" / "versions" / "v1" / "checkpoints"
    (folder / "x.safetensors").symlink_to(tmp_path / "x.safetensors")
    where = {"project": "p", "version": "v1", "name": "x.safetensors"}
    assert client.get("/train-tools/download", params=where).status_code == 404
    assert client.post("/train-tools/install", json=where).status_code == 404


@pytest.mark.parametrize("name", ["../../../a.png", "..\\..\\a.png", "/tmp/a.png", "C:\\a.png"])
def test_uploaded_files_lie_in_the_version_s_folder_whatever_their_names_say(client, session, tmp_path, name):
    data = {"project": "p", "version": "v1", "name": "cat", "repeats": "3"}
    answer = client.post("/train-tools/upload", data=data, files=[("files", (name, b"new"))]).json()
    folder = session.root / "p" / "versions" / "v1" / "dataset" / "train" / "3_cat"
    assert (answer["kept"], answer["folder"]) == (1, "p/versions/v1/dataset/train/3_cat")
    assert [path.name for path in tmp_path.rglob("*a.png")] == ["a.png"]
    assert (folder / "a.png").read_bytes() == b"new"
    assert client.post("/train-tools/upload", data={**data, "name": "../x"}, files=[("files", ("b.png", b"x"))]
                       ).status_code == 404  # fmt: skip


def test_folder_is_uploaded_with_the_paths_of_its_files(client, session):
    data = {"project": "p", "version": "v1", "paths": ["set/5_cat/a.png", "set/5_cat/.hidden.png", "set/5_cat/run.py"]}
    files = [("files", (name, b"new")) for name in ("a.png", "b.png", "c.py")]
    answer = client.post("/train-tools/upload", data=data, files=files).json()
    assert {key: answer[key] for key in ("kept", "same", "renamed", "left_out", "refused")} == {
        "kept": 1, "same": 0, "renamed": 0, "left_out": 2, "refused": [],
    }  # fmt: skip
    assert (session.root / "p/versions/v1/dataset/train/5_cat/a.png").read_bytes() == b"new"


def test_where_folders_may_not_be_chosen_no_route_looks_into_one(client, asked, session, pictures, monkeypatch):
    session.keep_settings("p", "v1", config_of(asked["settings"]))
    monkeypatch.setattr(session.host, "folders_may_be_chosen", lambda: False)
    for route in ("plan", "train", "preview"):
        answer = client.post(f"/train-tools/{route}", json=asked)
        assert answer.status_code == 422
        assert answer.json()["error"]["problems"][0]["setting"] == "train_data_dir"
        assert "--hide-ui-dir-config" in answer.json()["error"]["message"]
    where = {"project": "p", "version": "v1"}
    assert client.get("/train-tools/pictures", params=where).status_code == 422
    assert client.get("/train-tools/picture", params={**where, "index": 0}).status_code == 422
    one = {**where, "index": 0, "name": "0.png"}
    assert client.get("/train-tools/caption", params=one).status_code == 422
    write = {**one, "replaces": "mochi, number 0, blue", "caption": "x"}
    assert client.post("/train-tools/caption", json=write).status_code == 422
    own = {**asked["settings"], "train_data_dir": str(session.root / "p"), "reg_data_dir": ""}
    assert "--hide-ui-dir-config" not in client.post("/train-tools/plan", json={**asked, "settings": own}).text
    png = next(pictures.rglob("*.png"))
    client.post("/train-tools/upload", data={**where, "repeats": "1"}, files=[("files", ("a.png", png.read_bytes()))])
    own["train_data_dir"] = ""
    assert client.post("/train-tools/plan", json={**asked, "settings": own}).json()["pictures"] == 1
    kept = client.post("/train-tools/settings", json={**where, "changes": {"train_data_dir": "", "seed": "7"}}).json()
    assert (kept["values"]["train_data_dir"], kept["values"]["seed"], kept["problems"]) == ([], 7, [])
    kept = client.post("/train-tools/settings", json={**where, "changes": {"train_data_dir": "/etc", "seed": 8}}).json()
    assert (kept["values"]["train_data_dir"], kept["values"]["seed"]) == ([], 8)
    assert "--hide-ui-dir-config" in kept["problems"][0]["remedy"]
    assert len(client.get("/train-tools/pictures", params=where).json()["pictures"]) == 1


def test_messages_tell_paths_from_the_root(client, asked, session):
    client.post("/train-tools/train", json=asked)
    for _ in range(2400):
        seen = client.get("/train-tools/status", params={"project": "p", "version": "v1"}).json()
        if not seen["busy"]:
            break
        time.sleep(0.05)
    assert seen["outcome"].endswith("in p/versions/v1/checkpoints")
    assert not [line for line in seen["messages"] if str(session.root) in line]
    (session.root / "p" / "versions" / "v1" / "version.json").write_text("[")
    message = client.post("/train-tools/train", json=asked).json()["error"]["message"]
    assert message.startswith("p/versions/v1/version.json: cannot be read")


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


@pytest.mark.parametrize(
    ("key", "value", "remedy"),
    [
        ("project", 5, "must be text"),
        ("version", None, "must be text"),
        ("settings", [], "must be an object of settings"),
    ],
)
def test_values_of_another_kind_are_named(client, asked, key, value, remedy):
    found = client.post("/train-tools/plan", json={**asked, key: value})
    assert found.status_code == 422
    assert found.json()["error"]["problems"] == [{"setting": key, "value": str(value), "remedy": remedy}]


@pytest.mark.parametrize("ending", [".py", ".md", ".TXT.bak", ".json"])
def test_captions_end_over_http_in_what_is_no_program_s_and_was_allowed(client, asked, pictures, ending):
    asked["settings"]["caption_extension"] = f".txt,{ending}"
    for route in ("plan", "train", "queue", "preview"):
        answer = client.post(f"/train-tools/{route}", json=asked)
        assert answer.status_code == 422
        assert [one["setting"] for one in answer.json()["error"]["problems"]] == ["caption_extension"]
    assert not list(pictures.rglob(f"*{ending}"))


def test_captions_kept_with_an_ending_of_the_command_line_are_shown_and_written_where_it_is_allowed(
    client, session, pictures
):
    png = next(pictures.rglob("0.png"))
    where = {"project": "p", "version": "v1"}
    client.post("/train-tools/upload", data=where, files=[("files", ("a.png", png.read_bytes()))])
    session.keep_settings("p", "v1", config_of({"caption_extension": ".tags"}))
    one = {**where, "index": 0, "name": "a.png"}
    file = session.gallery.path("p", "v1", 0).with_suffix(".tags")
    file.write_text("mochi")
    assert client.get("/train-tools/caption", params=one).json()["caption"] == "mochi"
    written = client.post("/train-tools/caption", json={**one, "replaces": "mochi", "caption": "x"})
    assert (written.status_code, file.read_text()) == (422, "mochi")
    other = FastAPI()
    other.include_router(router(Session(session.host, session.root, [".tags"])))
    with TestClient(other, headers={"X-Train-Tools": "1"}) as allowed:
        assert (
            allowed.post("/train-tools/caption", json={**one, "replaces": "mochi", "caption": "x"}).status_code == 200
        )
        settings = {**where, "settings": {"caption_extension": ".Tags", "train_data_dir": str(pictures)}}
        assert "problems" in allowed.post("/train-tools/plan", json=settings).json()
    assert file.read_text() == "x"


FOREIGN = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.test"}
LINK = {**FOREIGN, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


def test_every_route_that_changes_something_asks_for_our_header_and_a_body_that_says_what_it_is(app, client):
    routes = [route.path for route in app.routes if "POST" in getattr(route, "methods", ())]
    assert len(routes) >= 12
    for path in routes:
        for headers, status in (
            ({"Content-Type": "application/json", **FOREIGN}, 403),
            ({"Content-Type": "application/json", **LINK}, 403),
            ({"Content-Type": "text/plain"}, 415),
            ({"Content-Type": ""}, 415),
            ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ):
            assert client.post(path, content=b"{}", headers=headers).status_code == status, (path, headers)
        with TestClient(app) as bare:
            assert bare.post(path, json={}).status_code == 403, path


def test_a_link_may_be_followed_from_elsewhere_and_nothing_else_be_read(client):
    assert client.get("/train-tools/status", headers=LINK).status_code == 200
    for headers in (FOREIGN, {**LINK, "Sec-Fetch-Dest": "iframe"}, {**FOREIGN, "Sec-Fetch-Mode": "no-cors"}):
        assert client.get("/train-tools/status", headers=headers).status_code == 403
    assert client.get("/train-tools/status", headers={"Sec-Fetch-Site": "same-site"}).status_code == 200


def test_trusted_origins_may_ask_and_their_neighbours_may_not(session):
    app = FastAPI()
    app.include_router(router(session, lambda origin: origin == "https://mine.example"))
    with TestClient(app, headers={"X-Train-Tools": "1", "Sec-Fetch-Site": "cross-site"}) as client:
        for origin, status in (("https://mine.example", 200), ("https://mine.example.evil.test", 403), ("null", 403)):
            assert client.post("/train-tools/stop", json={}, headers={"Origin": origin}).status_code == status
