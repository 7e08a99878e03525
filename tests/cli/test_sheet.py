import json
from pathlib import Path

import pytest
from PIL import Image

from lib_train.checkpoints.files import write_network
from lib_train.host.protocol import PictureRequest
from lib_train.host.standalone import host as standalone
from lib_train.previews.told import told_by
from lib_train.store.projects import open_project
from tests.cli.commands import run
from tests.fake_model import FakeModel
from tests.fakes import FakeHost
from tests.host.inputs import network_of

AXES = ["--rows", "checkpoint", "--columns", "replace:sitting,standing", "--pages", "weight:0,1"]
SMALL = ["--preview_prompts", "a cat, sitting", "--preview_steps", 1, "--preview_width", 64, "--preview_height", 64]


class CountingHost(FakeHost):
    """Counts pictures; stands still like somebody pressing Ctrl-C after ``most``."""

    drawn: list[PictureRequest]
    most = 1000

    def render(self, model, requests):
        for request, made in zip(requests, super().render(model, requests), strict=True):
            if len(self.drawn) >= self.most:
                raise KeyboardInterrupt
            self.drawn.append(request)
            yield made


@pytest.fixture
def host(tmp_path, monkeypatch):
    (tmp_path / "A.safetensors").write_bytes(b"A" * 1000)
    made = CountingHost(tmp_path / "A.safetensors")
    made.drawn = []
    monkeypatch.setattr(standalone, "StandaloneHost", lambda **given: made)
    return made


@pytest.fixture
def version(tmp_path):
    """With two checkpoints."""
    made = open_project(tmp_path / "out", "p").named("v1")
    for end in ("-000001", ""):
        write_network(made.part("checkpoints") / f"p-v1-r001{end}.safetensors", network_of(FakeModel()).tensors(), {},
                      "float")  # fmt: skip
    return made


@pytest.fixture
def words(tmp_path, host, version):
    return ["sheet", "--output", tmp_path / "out", "--project", "p", *SMALL, *AXES]


def told(capsys):
    return json.loads(capsys.readouterr().out)


def test_pictures_are_counted_before_any_is_made_and_a_dry_run_writes_nothing(words, tmp_path, host, capsys):
    before = sorted(tmp_path.rglob("*"))
    assert run(*words, "--dry_run") == 0
    assert capsys.readouterr().out.splitlines() == [
        "6 pictures, 0 of them there already", "6 to make, time not known yet",
    ]  # fmt: skip
    assert run(*words, "--dry_run", "--json") == 0
    assert told(capsys) == {"pictures": 6, "missing": 6, "seconds": None}
    assert (sorted(tmp_path.rglob("*")), host.drawn) == (before, [])


def test_a_sheet_is_png_page_and_json_and_no_picture_is_made_twice(words, version, host, capsys):
    assert run(*words) == 0
    lines = capsys.readouterr().out.splitlines()
    paths = [path.name for path in sorted(version.folder.glob("previews/sheet-*"))]
    assert sorted(line.rpartition("/")[2] for line in lines[-4:]) == paths
    assert sorted(path.rpartition(".")[2] for path in paths) == ["html", "json", "png", "png"]
    assert len(host.drawn) == 6  # weight 0 is the base model's: two prompts; weight 1 has four
    assert run(*words, "--json") == 0
    found = told(capsys)
    assert (found["pictures"], found["missing"], found["seconds"]) == (6, 0, 0.0)
    assert len(found["files"]) == 4
    assert len(host.drawn) == 6


def test_json_names_axes_and_request_and_file_of_each_picture(words, version, host, capsys):
    assert run(*words, "--json") == 0
    *_, html, path = told(capsys)["files"]
    kept = json.loads(Path(path).read_text(encoding="utf-8"))
    assert kept["rows"] == {"axis": "checkpoint", "values": ["epoch 1", "last"]}
    assert kept["columns"] == {"axis": "replace:sitting,standing", "values": ["sitting", "standing"]}
    assert kept["pages"] == {"axis": "weight:0,1", "values": ["weight 0", "weight 1"]}
    assert [sheet["page"] for sheet in kept["sheets"]] == ["weight 0", "weight 1"]
    cell = kept["sheets"][1]["cells"][0][1]
    assert cell["file"] == "p-v1-r001-000001/p-v1-r001-000001-sheet_standing-s1-w1.png"
    drawn = version.folder / "previews" / cell["file"]
    request = cell["request"]
    assert (request["prompt"], request["checkpoint"], request["weight"]) == ("a cat, standing", "p-v1-r001-000001", 1.0)
    assert request["base"] == "A.safetensors"
    found = told_by(drawn)
    assert found is not None
    assert (found.checkpoint, found.shared["prompt"]) == (request["checkpoint"], request["prompt"])
    asked = PictureRequest(prompt="a cat, standing", seed=1, steps=1, width=64, height=64, weight=1.0,
                           network=version.folder / "checkpoints" / "p-v1-r001-000001.safetensors")  # fmt: skip
    with host.borrow(host.find("")) as model:
        [(wanted, _)] = FakeHost.render(host, model, [asked])
    assert Image.open(drawn).tobytes() == wanted.tobytes()
    page = Path(html).read_text(encoding="utf-8")
    assert page.count("data:image/webp;base64,") == 8
    assert not any(outside in page for outside in ("http://", "https://", "<script", "<link"))
    assert "a cat, sitting" in page


def test_a_sheet_goes_on_where_ctrl_c_ended_it(words, version, host, capsys):
    host.most = 3
    assert run(*words) == 130
    assert len(host.drawn) == 3
    capsys.readouterr()
    host.most = 1000
    assert run(*words) == 0
    said = capsys.readouterr().out
    assert said.startswith("6 pictures, 3 of them there already\n3 to make, about ")
    assert len(host.drawn) == len(set(host.drawn)) == 6
    assert len(list(version.folder.glob("previews/sheet-*.json"))) == 1


@pytest.mark.parametrize("command", ["sheet", "preview"])
def test_time_of_what_is_missing_follows_from_pictures_that_were_made(words, version, host, capsys, command):
    assert run(*(words if command == "sheet" else [command, *words[1:-6]])) == 0
    capsys.readouterr()
    assert run(*words[:-6], "--rows", "steps:1,3", "--columns", "seed:5", "--dry_run", "--json") == 0
    few = told(capsys)
    assert run(*words[:-6], "--rows", "steps:2,6", "--columns", "seed:5", "--dry_run", "--json") == 0
    many = told(capsys)
    assert (few["missing"], many["missing"]) == (2, 2)
    assert few["seconds"] > 0
    assert many["seconds"] == pytest.approx(2 * few["seconds"])


@pytest.mark.parametrize(
    ("axes", "said"),
    [
        ([], "rows = '': give at least one axis"),
        (["--rows", "x:1"], "rows = 'x:1': there is no axis 'x'"),
        (["--rows", "replace:lying,standing"], "replace: 'lying' does not stand in the prompt 'a cat, sitting'"),
        (["--rows", "checkpoint:epoch 9"], "no checkpoint is called 'epoch 9'; there are: epoch 1, last"),
        (["--columns", "lora:style"], "there is no LoRA 'style'"),
        (["--columns", "sampler:Magic"], "sampler = 'Magic': choose one of Euler a, DDIM"),
        (["--columns", "scheduler:Magic"], "scheduler = 'Magic': Euler a has Automatic, Uniform; choose one of these"),
        (["--rows", "blocks:NOBODY"], "preview_block_weights = 'NOBODY'"),
    ],
)
def test_what_cannot_be_drawn_is_told_before_anything_is(words, host, capsys, axes, said):
    assert run(*words[:-6], *axes) == 2
    assert said in capsys.readouterr().err
    assert host.drawn == []


def test_any_files_can_be_drawn_with_a_second_network_of_the_version(words, version, host, capsys):
    first, last = sorted(version.folder.glob("checkpoints/*"))
    assert run(*words[:-6], first, "--rows", f"lora:none,{last.stem}:0.5,{last}", "--json") == 0
    beside = ((), ((last, 0.5),), ((last, 1.0),))
    assert [one.networks for one in host.drawn] == [((first, 1.0), *others) for others in beside]


def test_weights_of_blocks_are_counted_without_making_a_file_and_not_drawn_twice(words, version, host, capsys):
    words = [*words[:-6], "--rows", "blocks:off;FACE;0.5", "--columns", "weight:0,1"]
    before = sorted(version.folder.rglob("*"))
    assert run(*words, "--dry_run", "--json") == 0
    assert told(capsys)["missing"] == 4
    assert sorted(version.folder.rglob("*")) == before
    assert run(*words) == 0
    capsys.readouterr()
    assert run(*words, "--json") == 0
    assert told(capsys)["missing"] == 0
    assert len(host.drawn) == 4


@pytest.mark.parametrize("command", [["sheet", "--rows", "seed:1,2"], ["preview"]])
def test_a_version_that_is_not_there_or_without_checkpoints_says_so(tmp_path, host, capsys, command):
    words = [*command, "--output", tmp_path / "out", "--project", "p", *SMALL]
    assert run(*words) == 2
    assert "p v1: there is none of this name" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    open_project(tmp_path / "out", "p").version("v1")
    assert run(*words) == 2
    assert "holds no checkpoints" in capsys.readouterr().err
