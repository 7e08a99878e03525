"""How large files are, and where the tests of a module stand."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LONGEST = 300
"""Lines of a file of Python; those of JavaScript are counted by eslint."""
ROOMS = [path.parent.relative_to(ROOT / "lib_train") for path in sorted((ROOT / "lib_train").rglob("__init__.py"))]
SUBJECTS = {
    "api/v1": {"crawler", "guards", "readme"},
    "host": {"contract", "contract_of_captions", "contract_of_offering", "contract_of_requests", "contract_of_tools"},
    "networks": {"lycoris"},
    "lora_tools": {"of_lycoris"},
    "networks/kinds": {"kinds", "promises"},
    "training": {"loss_curve"},
}
"""Test files of rooms that look at more than one module."""


def lines_of(path):
    return len(path.read_text(encoding="utf-8").splitlines())


def too_long(paths):
    return {path.name: count for path in paths if (count := lines_of(path)) > LONGEST}


@pytest.mark.parametrize("folder", ["lib_train", "tests", "benchmarks", "scripts"])
def test_no_file_is_too_long_to_be_read_at_one_sitting(folder):
    paths = list((ROOT / folder).rglob("*.py"))
    assert paths
    assert too_long(paths) == {}


def test_file_of_one_line_more_is_seen(tmp_path):
    for lines in (LONGEST, LONGEST + 1):
        (tmp_path / f"{lines}.py").write_text("1\n" * lines)
    assert too_long(tmp_path.glob("*.py")) == {f"{LONGEST + 1}.py": LONGEST + 1}


def strangers(names, modules):
    """Names of test files that begin with no module's name."""
    return {name for name in names if not any(name == one or name.startswith(f"{one}_") for one in modules)}


@pytest.mark.parametrize("room", [room for room in ROOMS if room.name not in ("", "ui")], ids=str)
def test_test_files_of_a_room_are_named_after_its_modules(room):
    modules = {path.stem for path in (ROOT / "lib_train" / room).glob("*.py")}
    names = {path.stem.removeprefix("test_") for path in (ROOT / "tests" / room).glob("test_*.py")}
    assert strangers(names, modules) == SUBJECTS.get(room.as_posix(), set())


def test_test_file_of_no_module_is_seen():
    assert strangers({"plan", "plan_long", "planning", "x"}, {"plan", "trainer"}) == {"planning", "x"}
