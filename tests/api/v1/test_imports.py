import io
import time
import zipfile

VERSION = "/projects/p/versions/v1"


def zipped(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/") + ".png", content)
    return out.getvalue()


def test_zip_that_is_uploaded_is_unpacked(api, session):
    api.post("/projects", 201, name="p")
    files = [
        ("files", ("set.zip", zipped(x_5__a=b"1", b=b"2"))),
        ("files", ("c.png", b"3")),
        ("files", ("d.zip", b"x")),
    ]
    answer = api("POST", VERSION + "/pictures", 201, files=files)
    assert (answer["kept"], len(answer["refused"]), len(answer["unreadable"])) == (3, 1, 3)
    assert answer["refused_text"][0]["template"]
    assert [one["result"]["kept"] for one in api.get(VERSION + "/works")["works"]] == [3]


def test_folder_on_the_server_is_taken_in_with_its_progress(api, session, tmp_path):
    api.post("/projects", 201, name="p")
    (tmp_path / "5_cat").mkdir()
    (tmp_path / "5_cat" / "a.png").write_bytes(b"1")
    started = api.post(VERSION + "/imports", 202, path=str(tmp_path / "5_cat"))
    path = f"{VERSION}/works/{started['number']}"
    for _ in range(500):
        if (found := api.get(path))["ended"]:
            break
        time.sleep(0.01)
    assert (found["done"], found["total"], found["result"]["kept"], found["error"]) == (1, 1, 1, None)
    assert api("DELETE", path)["result"]["kept"] == 1
    assert (session.root / "p/versions/v1/dataset/train/5_cat/a.png").is_file()
    refused = api.post(VERSION + "/imports", 422, path=str(tmp_path / "nowhere"))["error"]
    assert refused["problems"][0]["setting"] == "path"
    assert api.get(f"{VERSION}/works/99", 404)["error"]["message"]
