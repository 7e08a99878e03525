import pytest

pytest.importorskip("fastapi", reason="the tab's packages are not installed")
from fastapi import FastAPI
from fastapi.testclient import TestClient

from lib_train.api import scripts

NEWEST = "/train-tools/scripts"


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "javascript"
    for name in ("train_tools.mjs", "tt/tab.mjs", "tt/api.mjs", "tt/notes.txt", "vendor/uplot.mjs",
                 "vendor/uplot.d.mts", "other/x.mjs", "../secret.mjs"):  # fmt: skip
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text(f"what stands in {name}: \u732b", encoding="utf-8")
    return made


def app_of(folder):
    made = FastAPI()
    made.include_router(scripts.router(folder=folder))
    return made


@pytest.fixture
def app(folder):
    return app_of(folder)


@pytest.fixture
def client(app):
    return TestClient(app)


def stamp_of(client):
    return client.get(NEWEST).json()["stamp"]


def test_newest_release_names_its_parts_and_is_asked_each_time(client):
    answer = client.get(NEWEST)
    assert answer.json()["parts"] == ["tt/api.mjs", "tt/tab.mjs", "vendor/uplot.mjs"]
    assert answer.headers["cache-control"] == "no-store"


def test_part_is_a_script_that_a_browser_keeps_for_good(client):
    answer = client.get(f"{NEWEST}/{stamp_of(client)}/tt/tab.mjs")
    assert answer.text == "what stands in tt/tab.mjs: \u732b"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"


def test_stamp_tells_names_and_contents_alone(client, folder):
    before = stamp_of(client)
    part = folder / "tt" / "api.mjs"
    part.write_bytes(part.read_bytes())
    assert stamp_of(client) == before == stamp_of(TestClient(app_of(folder)))
    part.rename(folder / "tt" / "asked.mjs")
    renamed = stamp_of(client)
    (folder / "tt" / "asked.mjs").rename(part)
    part.write_text("more", encoding="utf-8")
    assert len({before, renamed, stamp_of(client)}) == 3


def test_page_that_is_loading_gets_its_own_release_while_another_comes(client, folder):
    before = stamp_of(client)
    for name in ("tab", "api"):
        (folder / "tt" / f"{name}.mjs").write_text(f"new {name}", encoding="utf-8")
    after = stamp_of(client)
    assert client.get(f"{NEWEST}/{before}/tt/api.mjs").text.startswith("what stands in tt/api.mjs")
    assert client.get(f"{NEWEST}/{after}/tt/api.mjs").text == "new api"


def test_path_of_a_release_never_gives_what_was_written_later(client, folder):
    stamps = []
    for number in range(3):
        (folder / "tt" / "api.mjs").write_text(f"{number}", encoding="utf-8")
        stamps.append(stamp_of(client))
    found = [client.get(f"{NEWEST}/{stamp}/tt/api.mjs") for stamp in stamps]
    assert [answer.text for answer in found[1:]] == ["1", "2"]
    assert found[0].status_code == 404


def test_server_that_was_started_anew_gives_what_an_earlier_one_named(client, folder):
    answer = TestClient(app_of(folder)).get(f"{NEWEST}/{stamp_of(client)}/tt/tab.mjs")
    assert answer.text.startswith("what stands in tt/tab.mjs")


@pytest.mark.parametrize(
    "name", ["", "tt", "tt/", "tt/notes.txt", "train_tools.mjs", "vendor/uplot.d.mts", "other/x.mjs", "../secret.mjs",
             "..%2fsecret.mjs", "tt/..%2f..%2fsecret.mjs", "tt/%2e%2e/%2e%2e/secret.mjs", "/tt/tab.mjs", "tt/Tab.mjs"]
)  # fmt: skip
def test_no_other_file_is_given(client, name):
    for stamp in (stamp_of(client), "0" * 16, ".."):
        assert client.get(f"{NEWEST}/{stamp}/{name}").status_code == 404


def test_scripts_are_for_those_who_may_ask(app, client):
    part = f"{NEWEST}/{stamp_of(client)}/tt/tab.mjs"
    for path in (NEWEST, part):
        assert client.get(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    app.auth, app.tokens = {"me": "secret"}, {"token": "me"}
    assert [client.get(path).json()["error"]["code"] for path in (NEWEST, part)] == ["login", "login"]
    client.cookies = {"access-token": "token"}
    assert [client.get(path).status_code for path in (NEWEST, part)] == [200, 200]


def test_the_page_s_own_scripts_are_all_there():
    stamp, parts = scripts.Scripts().newest()
    assert {"tt/tab.mjs", "tt/api.mjs", "vendor/uplot.mjs"} <= parts.keys()
    assert len(parts) > 70
    assert len(stamp) == 16
