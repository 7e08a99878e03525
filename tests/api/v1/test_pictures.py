import io

from PIL import Image


def test_pictures_are_taken_into_a_version_that_there_is_and_make_no_project(api, session):
    files = [("files", ("a.png", b"x"))]
    refused = api("POST", "/projects/cat/versions/v1/pictures", 404, files=files)
    assert "cat v1: there is none of this name" in refused["error"]["message"]
    assert not (session.root / "cat").exists()


def test_pictures_come_in_parts_with_their_captions(api, version):
    listed = api.get(version + "/pictures", params={"offset": 1, "limit": 2})
    assert (listed["total"], [one["name"] for one in listed["pictures"]]) == (4, ["mochi_01.png", "mochi_02.png"])
    assert listed["pictures"][0]["index"] == 1
    one = api.get(version + "/pictures/1", params={"name": "mochi_01.png"})
    assert (one["bucket"], one["caption_file"]) == ([64, 64], "mochi_01.txt")
    body = {"name": "mochi_01.png", "replaces": one["caption"], "caption": "mochi, red"}
    assert api("PUT", version + "/pictures/1/caption", json=body)["caption"] == "mochi, red"
    late = api("PUT", version + "/pictures/1/caption", 409, json={**body, "caption": "mochi, blue"})["error"]
    assert (late["code"], late["present"]) == ("caption_changed", "mochi, red")
    for large, side in ((False, 192), (True, 1280)):
        image = api.get(version + "/pictures/1/image", params={"large": large})
        assert max(Image.open(io.BytesIO(image.content)).size) <= side
    assert api.get(version + "/pictures/9", 404)["error"]["message"]


def test_folder_is_uploaded_with_the_paths_of_its_files(api, session):
    api.post("/projects", 201, name="p")
    data = {"paths": ["set/5_cat/a.png", "set/5_cat/.hidden.png", "set/5_cat/run.py"]}
    files = [("files", (name, b"new")) for name in ("a.png", "b.png", "c.py")]
    answer = api("POST", "/projects/p/versions/v1/pictures", 201, data=data, files=files)
    assert {key: answer[key] for key in ("kept", "same", "renamed", "left_out", "refused")} == {
        "kept": 1, "same": 0, "renamed": 0, "left_out": 2, "refused": [],
    }  # fmt: skip
    assert (session.root / "p/versions/v1/dataset/train/5_cat/a.png").read_bytes() == b"new"
