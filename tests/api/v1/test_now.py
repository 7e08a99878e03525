import json
from pathlib import Path

from lib_train.api.v1.now import Now
from lib_train.store.curves import Curve

NO_TRAINING = "no training goes on now: press Train first, and wait for its first step"


def test_all_that_moves_comes_in_one_answer(api, version):
    idle = api.get("/now", params={"project": "mochi", "version": "v1"})
    assert (idle["busy"], idle["job"]["phase"], idle["series"], idle["runs"], idle["revision"]) == (
        False, "idle", {}, [], 1
    )  # fmt: skip
    assert idle["host"] == {"problem": None, "base_model": "A.safetensors"}
    assert idle["wishes"] == {
        "training": False, "pausing": False, "sampling": False, "saving": False, "last_epoch": False,
        "why_no_sample": NO_TRAINING,
        "why_no_sample_text": {"template": NO_TRAINING, "values": {}},
    }  # fmt: skip
    assert idle["memory_bytes"] is None
    api("PATCH", version + "/settings", json={"changes": {"preview_after_training": True}})
    api.post("/jobs", 202, kind="train", project="mochi", version="v1")
    api.until_idle()
    now = api.get("/now", params={"project": "mochi", "version": "v1", "since": 2})
    assert {name: [step for step, _ in curve] for name, curve in now["series"].items()} == {
        "loss": [3, 4], "lr unet": [3, 4], "lr text_encoder": [3, 4]
    }  # fmt: skip
    assert (now["job"]["number"], now["job"]["project"], now["revision"], now["changes"] > idle["changes"]) == (
        1, "mochi", 2, True
    )  # fmt: skip
    runs = api.get(version + "/runs")["runs"]
    assert now["runs"] == [{name: run[name] for name in run if name != "held_text"} for run in runs]
    assert (idle["folder"], api.get("/now")["folder"]) == (str(Path("mochi", "versions", "v1")), "")
    for answer in (idle, now):
        assert json.loads(Now(**answer).json(exclude_unset=True)) == answer
    assert api.get("/previews/image", params={"path": now["job"]["picture"]}).content[:4] == b"\x89PNG"
    for place in (
        {},
        {"project": "mochi"},
        {"project": "../x", "version": "v1"},
        {"project": "mochi", "version": "v9"},
    ):
        other = api.get("/now", params=place)
        assert (other["runs"], len(other["series"]["loss"])) == ([], 4)


def test_curves_of_a_long_run_are_thinned_out(api, session):
    session.status.begin("train", "p", "v1")
    curve = Curve(range(1, 100_001), [1.0] * 100_000)
    session.status.resumed({"loss": curve, "lr unet": curve})
    series = api.get("/now")["series"]
    assert {name: (len(found), found[-1]) for name, found in series.items()} == dict.fromkeys(
        ("loss", "lr unet"), (2000, [100_000, 1.0])
    )
    assert api.get("/now", params={"since": 99_999})["series"]["lr unet"] == [[100_000, 1.0]]
