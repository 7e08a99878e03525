import os
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from lib_train.app.comparison import Comparison
from lib_train.app.versions import Versions
from lib_train.errors import ConfigError, ProjectError
from lib_train.host.standalone.pictures import infotext
from lib_train.picture_request import PictureRequest
from lib_train.previews.grid import save_png
from lib_train.previews.told import KEY, text_to_tell
from lib_train.store.projects import open_project
from tests.fakes import FakeHost
from tests.moves import ended

REQUEST = PictureRequest(prompt="a cat", width=8, height=8)


@pytest.fixture
def there(tmp_path):
    version = open_project(tmp_path / "out", "p").version("v1")
    for name in ("p-v1-b", "p-v1-a"):  # of no run: by their time
        (version.part("checkpoints") / f"{name}.safetensors").write_bytes(b"x" * 10)
        os.utime(version.folder / "checkpoints" / f"{name}.safetensors", (len(name), 10 + (name[-1] == "a")))
    return version


@pytest.fixture
def found(tmp_path, there):
    (tmp_path / "A.safetensors").touch()
    comparison = Comparison(FakeHost(tmp_path / "A.safetensors"), Versions(tmp_path / "out"))
    return lambda: comparison.of("p", "v1")


class Drawn:
    """Draws pictures under names that mean nothing."""

    def __init__(self, version):
        self.version, self.count = version, 0

    def __call__(self, checkpoint, weight=1.0, blocks="", time=None, **changes):
        request = replace(REQUEST, network=Path(f"{checkpoint}.safetensors"), weight=weight, **changes)
        return self.save({KEY: text_to_tell(request, "sd15", checkpoint, blocks)}, checkpoint or "base", time)

    def save(self, texts, folder, time=None):
        self.count += 1
        path = self.version.part("previews", folder) / f"{folder}-{self.count}.png"
        save_png(Image.new("RGB", (8, 8)), texts, path)
        os.utime(path, (0, time or self.count))
        return path


@pytest.fixture
def drawn(there):
    return Drawn(there)


def path_of(found, number):
    folder, end = found["pictures"][2 * number : 2 * number + 2]
    name, ends = found["folders"][folder], found["ends"][end]
    return f"{name}/{ends.replace('/', name.rpartition('/')[2], 1)}"


def cells(found, column=0):
    """Paths by weight, blocks and checkpoint."""
    names = [one["name"].removesuffix(".safetensors") for one in found["checkpoints"]]
    return {
        (*found["variants"][row["variant"]].values(), name): path_of(found, number)
        for row in found["columns"][column]["rows"]
        for name, number in zip(names, row["cells"], strict=True)
        if number >= 0
    }


def test_pictures_stand_in_their_place_by_what_they_tell(there, drawn, found):
    paths = {key: drawn(key[2], key[0], key[1]) for key in
             [(0.5, "", "p-v1-a"), (1.0, "", "p-v1-a"), (1.0, "FACE", "p-v1-b")]}  # fmt: skip
    base = drawn("", 0.0)
    told = found()
    root = there.project.root
    assert [one["name"] for one in told["checkpoints"]] == ["p-v1-b.safetensors", "p-v1-a.safetensors"]
    assert told["variants"] == [{"weight": 0.5, "blocks": ""}, {"weight": 1.0, "blocks": ""},
                                {"weight": 1.0, "blocks": "FACE"}]  # fmt: skip
    assert len(told["columns"]) == 1
    assert cells(told) == {key: path.relative_to(root).as_posix() for key, path in paths.items()}
    assert path_of(told, told["columns"][0]["base"]) == base.relative_to(root).as_posix()
    assert told["columns"][0]["request"]["prompt"] == "a cat"
    assert (told["untold"], told["gone"]) == (0, 0)


def test_another_sampler_and_yesterdays_prompt_stand_in_columns_of_their_own_the_newest_first(there, drawn, found):
    drawn("p-v1-a", time=5)
    drawn("p-v1-a", time=9, sampler="DDIM")
    drawn("p-v1-a", time=7, prompt="yesterday")
    shown = [(one["request"]["prompt"], one["request"]["sampler"]) for one in found()["columns"]]
    assert shown == [("a cat", "DDIM"), ("yesterday", "Euler a"), ("a cat", "Euler a")]
    there.keep({"preview_prompts": "yesterday --d 5"})
    assert found()["columns"][0]["request"]["prompt"] == "yesterday"


def test_newest_picture_of_a_cell_is_shown(there, drawn, found):
    newest = drawn("p-v1-a", time=9)
    drawn("p-v1-a", time=3)
    assert list(cells(found()).values()) == [newest.relative_to(there.project.root).as_posix()]


def test_pictures_that_tell_nothing_and_those_of_checkpoints_that_are_gone_are_counted(drawn, found):
    drawn("deleted")
    drawn.save({}, "p-v1-a")
    drawn.save({"parameters": "a prompt"}, "p-v1-a")
    told = found()
    assert (told["columns"], told["untold"], told["gone"]) == ([], 2, 1)


def test_older_previews_are_placed_by_their_infotext(drawn, found):
    drawn("p-v1-a", 0.8)
    request = replace(REQUEST, network=Path("p-v1-b.safetensors"), weight=0.8)
    drawn.save({"parameters": infotext(request, "sd15.safetensors")}, "p-v1-b")
    told = found()
    assert len(told["columns"]) == 1
    assert {name for *_, name in cells(told)} == {"p-v1-a", "p-v1-b"}


def test_pictures_of_the_older_extension_belong_to_the_checkpoint_of_their_training(there, found):
    for training in ("first", "second"):
        folder = there.part("trains", training)
        (folder / "p-v1.safetensors").write_bytes(b"x")
        images = there.part("trains", training, "p-v1", "images", "2024-03-28")
        request = replace(REQUEST, network=Path("p-v1.safetensors"), seed=7)
        save_png(Image.new("RGB", (8, 8)), {"parameters": infotext(request, "x")}, images / "00000-7.png")
        save_png(Image.new("RGB", (80, 80)), {"parameters": infotext(request, "x")}, images / "xyz_grid-0000-7.png")
    told = found()
    (row,) = told["columns"][0]["rows"]
    assert [path_of(told, number).split("/")[4] for number in row["cells"] if number >= 0] == ["first", "second"]
    assert told["untold"] == 2


def test_a_picture_is_read_once_until_it_changes(monkeypatch, drawn, found):
    path = drawn("p-v1-a")
    drawn("p-v1-b")
    first = found()
    read: list[object] = []
    monkeypatch.setattr("lib_train.app.told_pictures.told_by", read.append)
    assert found() == first
    assert read == []
    path.write_bytes(b"another")
    found()
    assert read == [path]


def test_what_is_decided_of_a_checkpoint_stands_beside_it_and_nothing_else_changes(session, there, found):
    session.comparison.choose("p", "v1", "p-v1-a.safetensors", {"verdict": "starred"})
    session.comparison.choose("p", "v1", "p-v1-b.safetensors", {"note": "too dark"})
    session.comparison.choose("p", "v1", "p-v1-a.safetensors", {"note": "best"})
    shown = [(one["verdict"], one["note"]) for one in found()["checkpoints"]]
    assert shown == [("", "too dark"), ("starred", "best")]
    assert {one["name"]: one["verdict"] for one in session.checkpoints("p", "v1")}["p-v1-a.safetensors"] == "starred"
    session.comparison.choose("p", "v1", "p-v1-b.safetensors", {"note": ""})
    assert "p-v1-b" not in (there.folder / "choices.json").read_text()
    with pytest.raises(ConfigError, match="choose one of starred, rejected"):
        session.comparison.choose("p", "v1", "p-v1-a.safetensors", {"verdict": "good"})


def test_missing_pictures_are_made_of_the_same_request_and_others_are_kept(session, settings, rendered):
    session.train("p", "v1", {**settings, "preview_prompts": "a --n dark --s 1 --d 7", "preview_weights": "0.5",
                              "preview_after_training": False})  # fmt: skip
    ended(session)
    names = [one["name"] for one in session.checkpoints("p", "v1")]
    session.preview("p", "v1", names[:1])
    ended(session)
    (column,) = session.comparison.of("p", "v1")["columns"]
    requests = rendered()
    session.make_missing("p", "v1", [column["id"]], (0.5, ""), names)
    ended(session)
    assert [one.network.name for one in requests] == names[1:]
    (after,) = session.comparison.of("p", "v1")["columns"]
    assert after["id"] == column["id"]
    assert all(number >= 0 for number in after["rows"][0]["cells"])


def test_missing_pictures_of_other_settings_are_refused_with_their_names(session, settings):
    session.train("p", "v1", {**settings, "preview_prompts": "a --s 1"})
    ended(session)
    (column,) = session.comparison.of("p", "v1")["columns"]
    session.kept.keep("p", "v1", {"clip_skip": 2})
    with pytest.raises(ConfigError, match=r"other settings than those of now \(clip_skip\)"):
        session.make_missing("p", "v1", [column["id"]], (1.0, ""), ["x"])
    with pytest.raises(ProjectError, match="no such pictures any more"):
        session.make_missing("p", "v1", ["0"], (1.0, ""), [])
