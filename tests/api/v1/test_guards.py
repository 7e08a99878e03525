"""Who may ask, and what is given out to nobody."""

import re

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from lib_train.api.v1.routes import PREFIX, router

FOREIGN = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.test"}
LINK = {**FOREIGN, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
NOW = PREFIX + "/now"


def routes_of(app, methods):
    """(method, path) of each route with one of these methods; its path with a 1 for each name."""
    ours = [route for route in app.routes if route.path.startswith(PREFIX)]
    return [(method, re.sub("{.*?}", "1", route.path)) for route in ours for method in route.methods & methods]


def test_with_a_login_every_route_asks_for_it(app, api):
    app.auth, app.tokens = {"me": "secret"}, {"token": "me"}
    routes = routes_of(app, {"GET", "POST", "PUT", "PATCH", "DELETE"})
    assert len(routes) >= 40
    for method, path in routes:
        answer = api.client.request(method, path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "login"), path
    for cookie in ("access-token", "access-token-unsecure"):
        api.client.cookies = {cookie: "token"}
        assert api.client.get(NOW).status_code == 200


def test_every_route_that_changes_something_asks_for_our_header_and_a_body_that_says_what_it_is(app, api):
    routes = routes_of(app, {"POST", "PUT", "PATCH", "DELETE"})
    assert len(routes) >= 20
    with TestClient(app) as bare:
        for method, path in routes:
            for headers, status in (
                ({"Content-Type": "application/json", **FOREIGN}, 403),
                ({"Content-Type": "application/json", **LINK}, 403),
                ({"Content-Type": "text/plain"}, 415),
                ({"Content-Type": ""}, 415),
                ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
            ):
                answer = api.client.request(method, path, content=b"{}", headers=headers)
                assert answer.status_code == status, (method, path, headers)
            assert bare.request(method, path, json={}).status_code == 403, path


def test_a_link_may_be_followed_from_elsewhere_and_nothing_else_be_read(app, api):
    assert api.client.get(NOW, headers=LINK).status_code == 200
    assert api.client.get(NOW, headers={"Sec-Fetch-Site": "same-site"}).status_code == 200
    for _, path in routes_of(app, {"GET"}):
        for headers in (FOREIGN, {**LINK, "Sec-Fetch-Dest": "iframe"}, {**FOREIGN, "Sec-Fetch-Mode": "no-cors"}):
            assert api.client.get(path, headers=headers).status_code == 403, path


def test_trusted_origins_may_ask_and_their_neighbours_may_not(session):
    app = FastAPI()
    app.include_router(router(session, lambda origin: origin == "https://mine.example"))
    with TestClient(app, headers={"X-Train-Tools": "1", "Sec-Fetch-Site": "cross-site"}) as client:
        for origin, status in (("https://mine.example", 200), ("https://mine.example.evil.test", 403), ("null", 403)):
            assert client.post(f"{PREFIX}/jobs/stop", headers={"Origin": origin}).status_code == status


def test_only_pictures_below_the_root_are_given_out(api, session, tmp_path):
    session.root.mkdir(exist_ok=True)
    outside, secret = tmp_path / "a.png", session.root / "run.json"
    outside.write_bytes(b"x")
    secret.write_text("{}")
    (session.root / "link.png").symlink_to(outside)
    others = (str(outside), "run.json", "link.png", "../a.png", "", ".", "none.png", "\0.png")
    for path in others:
        for small in (False, True):
            api.get("/previews/image", 404, params={"path": path, "small": small})
    (session.root / "damaged.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    error = api.get("/previews/image", 422, params={"path": "damaged.png", "small": True})["error"]
    assert "cannot be read as a picture" in error["message"]


@pytest.mark.parametrize("name", ["..", ".", "..\\x", "\0", ".trash", " ", "C:", "a%2fb"])
def test_no_name_of_a_project_or_version_leads_out_of_the_root(app, api, session, tmp_path, name):
    outside = tmp_path / "x" / "versions" / "v1" / "checkpoints" / "x.safetensors"
    outside.parent.mkdir(parents=True)
    outside.write_bytes(b"secret")
    before = {path for path in tmp_path.rglob("*") if not path.is_relative_to(session.root)}
    quoted = name.replace("\0", "%00").replace(".", "%2e").replace("\\", "%5c")
    for place in ({"project": quoted, "version": "v1"}, {"project": "p", "version": quoted}):
        given = {**place, "name": "x.safetensors", "id": "1", "run": "r001", "number": "1", "code": "small",
                 "tool": "resize"}  # fmt: skip
        for route in (one for one in app.routes if "{version}" in one.path):
            (method,) = route.methods
            path = route.path.format(**given)
            answer = api.client.request(method, path, **({} if method in ("GET", "DELETE") else {"json": BODY}))
            assert answer.status_code in (404, 422), (method, path)
        assert api.get("/now", params={one: name if value == quoted else value for one, value in place.items()})[
            "runs"] == []  # fmt: skip
    for kind in ("train", "resume", "preview"):
        for place in ({"project": name, "version": "v1"}, {"project": "p", "version": name}):
            body = {"kind": kind, **place, "settings": {"seed": 1}}
            assert api.client.post(f"{PREFIX}/jobs", json=body).status_code in (404, 422), kind
    assert {path for path in tmp_path.rglob("*") if not path.is_relative_to(session.root)} == before
    assert outside.read_bytes() == b"secret"


BODY = {"name": "0.png"}


@pytest.mark.parametrize("name", ["..%2f..%2f..%2fx", "..\\x", "%2fx", "x%00", "no"])
def test_no_name_of_a_checkpoint_leads_out_of_its_folder(api, version, session, tmp_path, name):
    (tmp_path / "x.safetensors").write_bytes(b"secret")
    (session.root / "x.safetensors").write_bytes(b"secret")
    for method, more in (("GET", ""), ("GET", "/file"), ("POST", "/install"), ("DELETE", "")):
        assert api.client.request(method, f"{PREFIX}{version}/checkpoints/{name}.safetensors{more}").status_code == 404
    assert (tmp_path / "x.safetensors").exists()


def test_checkpoint_that_is_a_link_out_of_the_root_is_not_given_out(api, version, session, tmp_path):
    (tmp_path / "x.safetensors").write_bytes(b"secret")
    folder = session.root / "mochi" / "versions" / "v1" / "checkpoints"
    folder.mkdir(exist_ok=True)
    (folder / "x.safetensors").symlink_to(tmp_path / "x.safetensors")
    for method, more in (("GET", ""), ("GET", "/file"), ("POST", "/install"), ("DELETE", "")):
        api(method, f"{version}/checkpoints/x.safetensors{more}", 404)


@pytest.mark.parametrize("name", ["../../../a.png", "..\\..\\a.png", "/tmp/a.png", "C:\\a.png"])
def test_uploaded_files_lie_in_the_version_s_folder_whatever_their_names_say(api, session, tmp_path, name):
    api.post("/projects", 201, name="p")
    there, data = "/projects/p/versions/v1/pictures", {"name": "cat", "repeats": "3"}
    answer = api("POST", there, 201, data=data, files=[("files", (name, b"new"))])
    folder = session.root / "p" / "versions" / "v1" / "dataset" / "train" / "3_cat"
    assert (answer["kept"], answer["folder"]) == (1, "p/versions/v1/dataset/train/3_cat")
    assert [path.name for path in tmp_path.rglob("*a.png")] == ["a.png"]
    assert (folder / "a.png").read_bytes() == b"new"
    api("POST", there, 404, data={**data, "name": "../x"}, files=[("files", ("b.png", b"x"))])


def test_where_folders_may_not_be_chosen_no_route_looks_into_one(api, version, session, pictures, monkeypatch):
    elsewhere = {"train_data_dir": str(pictures)}
    api("PATCH", version + "/settings", json={"changes": elsewhere})
    monkeypatch.setattr(session.host, "folders_may_be_chosen", lambda: False)
    job = {"project": "mochi", "version": "v1", "settings": elsewhere}
    for method, path, body in (
        ("POST", version + "/plan", {"settings": elsewhere}),
        ("POST", "/jobs", {"kind": "train", **job}),
        ("POST", "/jobs", {"kind": "train", "queue": True, **job}),
        ("POST", "/jobs", {"kind": "preview", **job}),
    ):
        error = api(method, path, 422, json=body)["error"]
        assert error["problems"][0]["setting"] == "train_data_dir"
        assert "--hide-ui-dir-config" in error["message"]
    for path in ("/pictures", "/pictures/0", "/pictures/0/image"):
        api.get(version + path, 422)
    caption = {"name": "0.png", "replaces": "mochi, number 0, blue", "caption": "x"}
    api("PUT", version + "/pictures/0/caption", 422, json=caption)
    own = {"train_data_dir": str(session.root / "mochi"), "reg_data_dir": ""}
    assert "--hide-ui-dir-config" not in str(api.post(version + "/plan", settings=own))
    kept = api("PATCH", version + "/settings", json={"changes": {"train_data_dir": "", "seed": "7"}})
    assert (kept["values"]["train_data_dir"], kept["values"]["seed"], kept["problems"]) == ([], 7, [])
    assert api.get(version + "/plan")["pictures"] == 4
    kept = api("PATCH", version + "/settings", json={"changes": {"train_data_dir": "/etc", "seed": 8}})
    assert (kept["values"]["train_data_dir"], kept["values"]["seed"]) == ([], 8)
    assert "--hide-ui-dir-config" in kept["problems"][0]["remedy"]
    assert api.get(version + "/pictures")["total"] == 4


@pytest.mark.parametrize("ending", [".py", ".md", ".TXT.bak", ".json"])
def test_captions_end_over_http_in_what_is_no_program_s_and_was_allowed(api, version, session, ending):
    settings = {"caption_extension": f".txt,{ending}"}
    job = {"project": "mochi", "version": "v1", "settings": settings}
    for path, body in (
        (version + "/plan", {"settings": settings}),
        ("/jobs", {"kind": "train", **job}),
        ("/jobs", {"kind": "train", "queue": True, **job}),
        ("/jobs", {"kind": "preview", **job}),
    ):
        error = api("POST", path, 422, json=body)["error"]
        assert [one["setting"] for one in error["problems"]] == ["caption_extension"]
    assert not list(session.root.rglob(f"*{ending}")) or ending == ".json"
