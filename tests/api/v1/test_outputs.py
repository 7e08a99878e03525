import io
import time

import pytest
from PIL import Image


@pytest.fixture
def kept(session, tmp_path, monkeypatch):
    (tmp_path / "outputs").mkdir()
    Image.new("RGB", (64, 64), "red").save(tmp_path / "outputs" / "a.png")
    monkeypatch.setattr(type(session.host), "output_folders", lambda host: [tmp_path / "outputs"])


def test_host_without_a_webui_says_that_there_are_none(api):
    assert api.get("/outputs") == {"folders": [], "days": [], "total": 0, "pictures": []}


def test_outputs_are_listed_shown_and_taken_in(api, version, kept):
    (picture,) = api.get("/outputs")["pictures"]
    shown = api.get("/outputs/image", params={"path": picture["path"], "size": 32})
    assert Image.open(io.BytesIO(shown.content)).size == (32, 32)
    work = api.post(version + "/imports/outputs", 202, paths=[picture["path"]], name="mochi", repeats=2)
    for _ in range(500):
        if (found := api.get(f"{version}/works/{work['number']}"))["ended"]:
            break
        time.sleep(0.01)
    assert (found["kind"], found["result"]["kept"], found["error"]) == ("import", 1, None)
    assert "a.png" in [one["name"] for one in api.get(version + "/pictures")["pictures"]]


def test_path_that_is_no_output_is_named_and_nothing_begins(api, version, kept):
    refused = api.post(version + "/imports/outputs", 422, paths=["0/../x.png"])["error"]
    assert [problem["setting"] for problem in refused["problems"]] == ["paths"]
    assert api.get("/outputs/image", 404, params={"path": "../x"})["error"]["code"] == "unusable_project"
