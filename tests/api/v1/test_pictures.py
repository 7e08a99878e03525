import io
import shutil

import pytest
from PIL import Image


@pytest.fixture
def own(api, session, pictures):
    """A version with three captioned pictures; its path, and their folder."""
    api.post("/projects", 201, name="cat")
    api("PATCH", "/projects/cat/versions/v1/settings", json={"changes": {"resolution": 64}})
    shutil.copytree(pictures, session.root / "cat/versions/v1/dataset/train")
    return "/projects/cat/versions/v1", session.root / "cat/versions/v1/dataset/train/2_mochi"


def test_pictures_are_taken_into_a_version_that_there_is_and_make_no_project(api, session):
    files = [("files", ("a.png", b"x"))]
    refused = api("POST", "/projects/cat/versions/v1/pictures", 404, files=files)
    assert "cat v1: there is none of this name" in refused["error"]["message"]
    assert not (session.root / "cat").exists()


def test_pictures_come_in_parts_with_their_captions(api, version):
    listed = api.get(version + "/pictures", params={"offset": 1, "limit": 2})
    assert (listed["total"], [one["name"] for one in listed["pictures"]]) == (4, ["mochi_01.png", "mochi_02.png"])
    assert listed["counts"] == {
        "training": 4, "regularisation": 0, "unusable": 0, "left_out": 0, "files": 4, "measured": 4,
    }  # fmt: skip
    place = f"{version}/pictures/{listed['pictures'][0]['id']}"
    one = api.get(place)
    assert (one["name"], one["bucket"], one["caption_file"]) == ("mochi_01.png", [64, 64], "mochi_01.txt")
    body = {"replaces": one["caption"], "caption": "mochi, red"}
    assert api("PUT", place + "/caption", json=body)["caption"] == "mochi, red"
    late = api("PUT", place + "/caption", 409, json={**body, "caption": "mochi, blue"})["error"]
    assert (late["code"], late["present"]) == ("caption_changed", "mochi, red")
    assert "there is none of this number" in api.get(version + "/pictures/9", 404)["error"]["message"]
    assert api.get(version + "/pictures/x", 422)["error"]["problems"]


def test_picture_is_shown_at_the_size_that_is_asked_for(api, own):
    version, folder = own
    Image.new("RGB", (1600, 800), "red").save(folder / "wide.jpg")
    (folder / "torn.png").write_bytes(b"\x89PNG\r\n\x1a\nxx")
    found = {one["name"]: one for one in api.get(version + "/pictures")["pictures"]}
    place = f"{version}/pictures/{found['wide.jpg']['id']}/image"
    for size, shape in ((128, (128, 64)), (256, (256, 128)), (300, (300, 150)), (2000, (1600, 800))):
        image = api.get(place, params={"size": size})
        assert (image.headers["content-type"], Image.open(io.BytesIO(image.content)).size) == ("image/webp", shape)
        assert image.headers["cache-control"] == "private, no-cache"
    assert "immutable" in api.get(place, params={"stamp": found["wide.jpg"]["stamp"]}).headers["cache-control"]
    api.get(place, 422, params={"size": 9999})
    refused = api.get(f"{version}/pictures/{found['torn.png']['id']}/image", 422)["error"]["message"]
    assert refused.startswith("cat/versions/v1/dataset/train/2_mochi/torn.png: ")
    assert refused.endswith(found["torn.png"]["problem"])


def test_pictures_are_filtered_sorted_and_counted_by_the_server(api, own, session):
    version, folder = own
    Image.linear_gradient("L").resize((640, 640)).save(folder / "a.png")
    (folder / "a.txt").write_text("mochi, grey, plain, hat")
    out = session.root / "cat/versions/v1/dataset/left_out/2_mochi"
    out.mkdir(parents=True)
    Image.new("RGB", (64, 64), "red").save(out / "gone.png")

    def names(**params):
        answer = api.get(version + "/pictures", params=params)
        return answer["total"], [one["name"] for one in answer["pictures"]]

    assert names() == (4, ["0.png", "1.png", "2.png", "a.png"])
    assert names(sort="-name", limit=2) == (4, ["a.png", "2.png"])
    assert names(filter="hat") == (1, ["a.png"])
    assert names(filter="-hat", offset=2) == (3, ["2.png"])
    assert names(filter="is:left_out") == (0, [])
    assert names(filter="is:left_out", left_out=True) == (1, ["gone.png"])
    assert names(filter="bucket:64x64 name:a*") == (1, ["a.png"])
    assert names(filter="-bucket:64x64") == (0, [])
    assert names(filter="problem:no_caption", left_out=True) == (0, [])
    for sort in ("size", "tags", "sharpness", "tokens"):
        assert names(sort=sort)[1][-1] == names(sort=f"-{sort}")[1][0] == "a.png", sort
    assert api.get(version + "/pictures", params={"filter": "hat"})["counts"]["left_out"] == 1
    for params in ({"sort": "colour"}, {"filter": "(hat"}, {"filter": "width:red"}):
        assert api.get(version + "/pictures", 422, params=params)["error"]["message"]


def test_pictures_that_look_alike_are_side_by_side(api, own):
    version, folder = own
    drawing = Image.new("L", (400, 400), 255)
    for box, grey in (((40, 30, 200, 300), 20), ((150, 210, 380, 330), 120), ((260, 60, 330, 120), 60)):
        drawing.paste(grey, box)
    drawing.save(folder / "0a.png")
    drawing.resize((200, 200)).save(folder / "z.jpg", quality=80)
    names = [one["name"] for one in api.get(version + "/pictures", params={"sort": "likeness"})["pictures"]]
    assert (sorted(names[:2]), names[2:]) == (["0a.png", "z.jpg"], ["0.png", "1.png", "2.png"])
    reverse = api.get(version + "/pictures", params={"sort": "-likeness"})["pictures"]
    assert [one["name"] for one in reverse] == names[::-1]


def test_folder_is_uploaded_with_the_paths_of_its_files(api, session):
    api.post("/projects", 201, name="p")
    data = {"paths": ["set/5_cat/a.png", "set/5_cat/.hidden.png", "set/5_cat/run.py"]}
    files = [("files", (name, b"new")) for name in ("a.png", "b.png", "c.py")]
    answer = api("POST", "/projects/p/versions/v1/pictures", 201, data=data, files=files)
    assert {key: answer[key] for key in ("kept", "same", "renamed", "left_out", "refused")} == {
        "kept": 1, "same": 0, "renamed": 0, "left_out": 2, "refused": [],
    }  # fmt: skip
    assert (session.root / "p/versions/v1/dataset/train/5_cat/a.png").read_bytes() == b"new"
