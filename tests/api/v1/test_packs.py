import time

from tests.app.journeys import Home


def test_project_is_packed_downloaded_and_its_results_come_home(api, version, tmp_path):
    assert api.get(version + "/pack", 404)["error"]["message"].startswith("mochi: no archive was packed yet")
    begun = api.post(version + "/pack", 202, with_runs=True)
    while not (work := api.get(f"{version}/works/{begun['number']}"))["ended"]:
        time.sleep(0.01)
    answer = api.get(version + "/pack")
    assert answer.headers["content-disposition"] == 'attachment; filename="mochi.zip"'
    assert len(answer.content) == work["result"]["bytes"]
    archive = tmp_path / "far" / "mochi.zip"
    archive.parent.mkdir()
    archive.write_bytes(answer.content)
    cloud = Home(tmp_path / "cloud")
    cloud.base.write_bytes((tmp_path / "A.safetensors").read_bytes())
    assert cloud.train(archive).failed == []
    sent = {"files": {"file": ("r.zip", archive.with_name("mochi-results.zip").read_bytes())}}
    came = api("POST", version + "/unpack", 201, **sent)
    assert (came["project"], came["is_new"]) == ("mochi", True)
    assert len(api.get(version + "/checkpoints")["checkpoints"]) == 2
    assert not api("POST", version + "/unpack", 201, **sent)["is_new"]
    refused = api("POST", version + "/unpack", 422, files={"file": ("r.zip", b"no zip")})
    assert refused["error"]["code"] == "unusable_archive"
