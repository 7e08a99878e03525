import json

import pytest

from lib_train.errors import ProjectError
from lib_train.store.projects import open_project
from lib_train.store.runs import new_run
from lib_train.store.sweeps import Sweep, new_sweep, sweep_named, sweeps_of

FACTS = {"axes": [{"name": "seed", "values": [1, 2]}], "config": {}, "runs": [{"key": "k", "note": "s001: seed=1"}]}


@pytest.fixture
def version(tmp_path):
    return open_project(tmp_path, "p").version("v1")


def test_a_sweep_comes_back_as_it_was_under_a_name_that_is_new(version):
    first, second = (new_sweep(version, lambda name: {**FACTS, "own": name}) for _ in range(2))
    assert [one.name for one in sweeps_of(version)] == ["s001", "s002"]
    assert sweep_named(version, "") == second
    assert sweep_named(version, "s001") == first
    asked = first.asked()
    assert {name: asked[name] for name in FACTS} == FACTS
    assert (asked["own"], asked["schema"]) == ("s001", 1)


def test_one_that_is_taken_back_is_gone(version):
    sweep = new_sweep(version, lambda name: FACTS)
    sweep.discard()
    assert sweeps_of(version) == []
    assert new_sweep(version, lambda name: FACTS).name == "s001"


def test_runs_are_found_by_the_sweep_that_they_name_the_newest_of_each(version):
    sweep = new_sweep(version, lambda name: FACTS)
    for facts in ({"note": "s001: seed=1", "sweep": "s001"}, {"note": "s001: seed=1"}, {"note": "other"}, {},
                  {"note": "s001: seed=1", "sweep": "s001"}, {"note": "s002: seed=1", "sweep": "s002"}):  # fmt: skip
        new_run(version, {"config": {}, **facts})
    (version.folder / "runs" / "r004" / "run.json").write_text("{")
    assert {note: run.name for note, run in sweep.runs().items()} == {"s001: seed=1": "r005"}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{", "cannot be read"), ("{}", "there is no such sweep"), ('{"schema": 2}', "no sweep that this version can"),
        (json.dumps({**FACTS, "schema": 1, "runs": [3]}), "no sweep that this version can"),
        (json.dumps({**FACTS, "schema": 1, "axes": {}}), "no sweep that this version can"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_says_why(version, content, why):
    sweep = new_sweep(version, lambda name: FACTS)
    (sweep.folder / "sweep.json").write_text(content)
    with pytest.raises(ProjectError, match=why):
        sweep.asked()


@pytest.mark.parametrize("name", ["s009", "..", "a/b", "../s001"])
def test_a_name_that_there_is_not_is_refused(version, name):
    new_sweep(version, lambda name: FACTS)
    with pytest.raises(ProjectError, match="sweep ="):
        sweep_named(version, name)


def test_files_of_a_report_are_those_that_there_are(version):
    sweep = new_sweep(version, lambda name: FACTS)
    assert sweep.reports() == {}
    (sweep.folder / "report.png").touch()
    assert sweep.reports() == {"png": Sweep(version, "s001").folder / "report.png"}
