import pytest

pytest.importorskip("fastapi", reason="the tab's packages are not installed")
from fastapi import FastAPI
from fastapi.testclient import TestClient

from lib_train.ui import files


@pytest.fixture
def client(tmp_path):
    for name in ("javascript/train_tools.mjs", "javascript/tt/api.mjs", "javascript/webui.d.ts", "style.css",
                 "localizations/ja_JP.json", "README.md", "secret.mjs"):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"what stands in {name}", encoding="utf-8")
    app = FastAPI()
    app.include_router(files.router(tmp_path))
    with TestClient(app) as client:
        yield client


@pytest.mark.parametrize(
    ("address", "kind", "text"),
    [
        ("/", "text/html", "train_tools_root"),
        ("/train-tools/page/page.css", "text/css", "--body-text-color"),
        ("/train-tools/page/style.css", "text/css", "what stands in style.css"),
        ("/train-tools/javascript/train_tools.mjs", "text/javascript", "what stands in javascript/train_tools.mjs"),
        ("/train-tools/localizations/ja_JP.json", "application/json", "what stands in localizations/ja_JP.json"),
    ],
)
def test_file_of_the_page_is_given_and_asked_for_each_time(client, address, kind, text):
    answer = client.get(address)
    assert (answer.status_code, text in answer.text) == (200, True)
    assert answer.headers["content-type"].startswith(kind)
    assert answer.headers["cache-control"] == "no-cache"
    assert client.head(address).status_code == 200


@pytest.mark.parametrize(
    "name", ["javascript/webui.d.ts", "", "javascript/tt", "javascript/tt/api.mjs", "README.md",
             "javascript/../secret.mjs", "javascript/%2e%2e/secret.mjs", "..%2fsecret.mjs",
             "javascript/tt/..%2f..%2fsecret.mjs", "page/../README.md", "localizations/"]
)  # fmt: skip
def test_no_other_file_is_given(client, name):
    for start in ("/train-tools/", "/"):
        if (start, name) != ("/", ""):
            assert client.get(f"{start}{name}").status_code == 404


def test_search_engines_are_told_to_look_at_nothing(client):
    assert client.get("/robots.txt").text == "User-agent: *\nDisallow: /\n"


def test_the_page_s_own_files_are_all_there():
    known = files._assets(files._ROOT)
    wanted = {
        "javascript/train_tools.mjs",
        "page/style.css",
        "localizations/zh_CN.json",
    }
    assert {f"train-tools/{name}" for name in wanted} <= known.keys()
    assert all(path.is_file() and path.suffix in files._TYPES for path in known.values())
