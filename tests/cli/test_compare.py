import json
import re
import shutil

import pytest

from lib_train.app.projects import Projects
from tests.cli.commands import run


@pytest.fixture
def root(tmp_path, pictures):
    projects = Projects(tmp_path / "out")
    projects.create("mochi")
    shutil.copytree(pictures, tmp_path / "out" / "mochi" / "versions" / "v1" / "dataset" / "train")
    projects.copy_version("mochi", "v1", "v2")
    folder = tmp_path / "out" / "mochi" / "versions" / "v2" / "dataset" / "train" / "2_mochi"
    (folder / "0.txt").write_text("mochi, <script>alert(1)</script>")
    (folder / "1.png").unlink()
    return tmp_path / "out"


def test_versions_are_compared_in_lines(root, capsys):
    assert run("compare", "--output", root, "--project", "mochi", "--version", "v1", "--with", "v2") == 0
    told = capsys.readouterr().out.splitlines()
    assert told[:3] == ["mochi v1", "    pictures: 3", "    no run yet"]
    assert "pictures: 2 in both, 0 changed, 1 only in mochi v1, 0 only in mochi v2" in told
    assert "captions that differ: 1" in told
    assert any(line.endswith("+<script>alert(1)</script>") for line in told)


def test_page_holds_its_pictures_and_nothing_of_it_runs_or_is_fetched(root, tmp_path, capsys):
    words = ["--output", root, "--project", "mochi", "--with", "v2", "--html", tmp_path / "page.html"]
    run("notes", "--output", root, "--project", "mochi", "--conclusion", "<img src=x onerror=alert(1)>")
    assert run("compare", *words) == 0
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert "<img src=x" not in page
    assert set(re.findall(r'src="([^,]*),', page)) == {"data:image/webp;base64"}
    assert "prefers-color-scheme: dark" in page
    assert not re.search(r"https?://|url\(", page)
    assert run("compare", *words) == 2
    assert "is there already and is not written over" in capsys.readouterr().err


def test_page_speaks_the_language_of_its_writer(root, tmp_path, monkeypatch):
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    assert run("compare", "--output", root, "--project", "mochi", "--with", "v2", "--html", tmp_path / "page.html") == 0
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert '<html lang="ja-JP">' in page
    assert "まだありません" in page


def test_curves_of_a_run_are_drawn(root, tmp_path):
    folder = root / "mochi" / "versions" / "v1" / "runs" / "r001"
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps({"config": {}}))
    steps = ({"event": "StepDone", "time": 9.0 + step, "step": step, "epoch": 1, "loss": 0.5 / step, "lr": {"unet": 1}}
             for step in range(1, 5))  # fmt: skip
    (folder / "events.jsonl").write_text("".join(json.dumps(step) + "\n" for step in steps))
    words = ["--output", root, "--project", "mochi", "--with", "v2", "--html", tmp_path / "page.html"]
    assert run("compare", *words) == 0
    (line,) = re.findall(r'points="([^"]*)"', (tmp_path / "page.html").read_text(encoding="utf-8"))
    assert "mochi v1: r001" in (tmp_path / "page.html").read_text(encoding="utf-8")
    heights = [float(point.partition(",")[2]) for point in line.split()]
    assert len(heights) == 4
    assert heights == sorted(heights)  # down the page as the loss falls
