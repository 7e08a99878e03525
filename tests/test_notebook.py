"""The notebook for other machines: its cells are run one after the other, as a person runs them, without a network."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from lib_train.models.embedded import CHECKPOINT
from tests.cli.commands import run, small

NOTEBOOK = Path(__file__).parents[1] / "doc" / "train_tools_colab.ipynb"
PARAMETER = re.compile(r"^(\w+) = .*# @param.*$", re.M)


def notebook():
    return json.loads(NOTEBOOK.read_text(encoding="utf-8"))


def cells(kind):
    return ["".join(cell["source"]) for cell in notebook()["cells"] if cell["cell_type"] == kind]


def filled(source, values):
    """A cell with what a person typed into its form."""
    return PARAMETER.sub(lambda found: f"{found[1]} = {values[found[1]]!r}" if found[1] in values else found[0], source)


def test_notebook_is_one_of_version_4_without_outputs():
    found = notebook()
    assert (found["nbformat"], found["nbformat_minor"]) == (4, 5)
    assert found["metadata"]["kernelspec"]["name"] == "python3"
    ids = [cell["id"] for cell in found["cells"]]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", one) for one in ids)
    for cell in found["cells"]:
        code = {"outputs", "execution_count"} if cell["cell_type"] == "code" else set()
        assert cell.keys() == {"cell_type", "id", "metadata", "source"} | code
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None


def test_each_step_is_named_in_three_languages():
    for source in cells("markdown")[1:]:
        head = source.splitlines()[0]
        assert re.match(r"## \d · ", head)
        assert re.search(r"[A-Za-z]", head)
        assert re.search(r"[\u4e00-\u9fff]", head)
    assert len(cells("markdown")) == len(cells("code")) + 1


def test_nothing_of_the_notebook_asks_for_a_token_or_a_hub():
    assert not re.search(r"token|huggingface|hf_|login", " ".join(cells("code")), re.I)


def test_cells_train_what_is_in_an_archive_and_leave_the_results(tmp_path, pictures, monkeypatch, capfd):
    given = small(pictures, CHECKPOINT, "--max_train_steps", 2, "--preview_prompts", "a circle", "--preview_steps", 1)
    run("queue", "add", "--project", "p", "--output", tmp_path / "home", *given)
    (tmp_path / "train_tools").mkdir()
    assert run("pack", tmp_path / "train_tools" / "p.zip", "--project", "p", "--output", tmp_path / "home") == 0
    monkeypatch.chdir(tmp_path)
    values = {"BASE_MODEL": CHECKPOINT.as_uri(), "SETTINGS": "--device cpu --training_comment 'of a notebook'"}
    there: dict[str, Any] = {}
    for source in cells("code"):
        exec(filled(source, values), there)
    told = capfd.readouterr().out
    assert there["model"].read_bytes() == CHECKPOINT.read_bytes()
    assert "1 of 1: v1" in told
    assert f"{tmp_path / 'train_tools' / 'p-results.zip'}" in told
    assert there["sheets"]
    assert run("unpack", there["results"], "--output", tmp_path / "home") == 0
    assert "p: came home: checkpoints: 1, runs: 1" in capfd.readouterr().out


@pytest.mark.parametrize(("cell", "values", "said"), [(0, {}, None), (2, {"ARCHIVE": "gone.zip"}, "no archive in")])
def test_what_is_missing_is_named(tmp_path, cell, values, said):
    there = {"folder": tmp_path, "IN_COLAB": False}
    source = filled(cells("code")[cell], values)
    if said is None:
        source = source.replace('is_there("lib_train")', "False")
        said = "REPOSITORY is empty"
    with pytest.raises((ValueError, FileNotFoundError), match=said):
        exec(f"from pathlib import Path\n{source}", there)
