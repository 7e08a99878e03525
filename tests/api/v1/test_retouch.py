import io
import time

from PIL import Image


def ended(api, version, number):
    for _ in range(1000):
        if (found := api.get(f"{version}/works/{number}"))["ended"]:
            return found
        time.sleep(0.01)
    raise AssertionError("the work does not end")


def test_pictures_are_cropped_and_undone(api, version):
    body = {"box": [0, 0, 0.5, 1], "held": True, "filter": "name:mochi_00*", "tagged": True}
    started = api.post(version + "/pictures/crop", 202, **body)
    found = ended(api, version, started["number"])
    assert (found["kind"], found["error"], found["result"]["made"]) == ("crop", None, 1)
    listed = api.get(version + "/pictures")
    assert listed["total"] == 5
    assert "mochi_00-crop1.png" in [one["name"] for one in listed["pictures"]]
    api.post(version + "/edits/undo")
    assert api.get(version + "/pictures")["total"] == 4


def test_dry_run_only_counts(api, version):
    started = api.post(version + "/pictures/mirror", 202, dry_run=True)
    found = ended(api, version, started["number"])
    assert (found["kind"], found["result"]["made"], found["result"]["edit"]) == ("count", 4, None)
    assert api.get(version + "/pictures")["total"] == 4


def test_wish_that_cannot_be_fulfilled_names_its_setting(api, version):
    refused = api.post(version + "/pictures/rotate", 422, degrees=45)["error"]
    assert refused["problems"][0]["setting"] == "degrees"
    assert api.post(version + "/pictures/mirror", 422, magic=1)["error"]["message"]
    assert api.post(version + "/pictures/enlarge", 422, factor="2")["error"]["message"]


def test_mask_is_painted_and_shown(api, version):
    first = api.get(version + "/pictures")["pictures"][0]
    path = f"{version}/pictures/{first['id']}/mask"
    assert "has no mask" in api.get(path, 404)["error"]["message"]
    out = io.BytesIO()
    Image.new("L", (first["width"], first["height"]), 90).save(out, "PNG")
    written = api("PUT", path, files={"mask": out.getvalue()})
    assert written["counts"] == {"changed": 1}
    assert [one["masked"] for one in api.get(version + "/pictures")["pictures"]] == [True, False, False, False]
    assert api.get(f"{version}/pictures/{first['id']}")["masked"]
    shown = api.get(path)
    assert shown.headers["content-type"] == "image/png"
    assert Image.open(io.BytesIO(shown.content)).getextrema() == (90, 90)
    started = api.post(version + "/pictures/masks", 202, source="invert", ids=[first["id"]])
    made = ended(api, version, started["number"])
    assert (made["kind"], made["result"]["edit"]["label_text"]["template"]) == ("masks", "masks: {count}")
    assert Image.open(io.BytesIO(api.get(path).content)).getextrema() == (165, 165)
    refused = api("PUT", path, 422, files={"mask": b"x"})["error"]
    assert "mask: is none of PNG" in refused["message"]
