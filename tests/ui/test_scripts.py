import pytest

pytest.importorskip("gradio", reason="the tab's packages are not installed", exc_type=ImportError)
from fastapi import FastAPI
from fastapi.testclient import TestClient

from lib_train.ui import scripts


@pytest.fixture
def client(tmp_path):
    page = tmp_path / "javascript"
    (page / "tt").mkdir(parents=True)
    (page / "train_tools.mjs").write_text("boot", encoding="utf-8")
    (page / "tt" / "api.mjs").write_text("part", encoding="utf-8")
    (page / "webui.d.ts").write_text("types", encoding="utf-8")
    (tmp_path / "secret.mjs").write_text("outside", encoding="utf-8")
    app = FastAPI()
    app.include_router(scripts.router(page))
    with TestClient(app) as client:
        yield client


@pytest.mark.parametrize(("name", "text"), [("train_tools.mjs", "boot"), ("tt/api.mjs", "part")])
def test_module_is_given_as_a_script_that_a_browser_asks_for_each_time(client, name, text):
    answer = client.get(f"{scripts.PREFIX}/{name}")
    assert (answer.status_code, answer.text) == (200, text)
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "name", ["webui.d.ts", "", "tt", "../secret.mjs", "%2e%2e/secret.mjs", "..%2fsecret.mjs", "tt/..%2f..%2fsecret.mjs"]
)
def test_no_other_file_is_given(client, name):
    assert client.get(f"{scripts.PREFIX}/{name}").status_code == 404


def test_the_page_itself_is_among_the_modules():
    assert {scripts.BOOT, "tt/tab.mjs", "vendor/uplot.mjs"} <= scripts.modules(scripts._FOLDER).keys()
