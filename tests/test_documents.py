"""What the documents name is there."""

import configparser
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "doc/architecture.md")
BASES = ("", "lib_train", "lib_train/app")
ENDINGS = (".py", ".md", ".json", ".toml", ".yaml", ".txt", "/")
MADE = {"wheels/", "output/", "before.txt", "after.txt", "project.json", "version.json", "run.json", "queue.json"}
"""Paths that running something makes."""
ANY = {"lib_train/a/b.py", "tests/a/test_b.py"}


def named_in(text):
    """Paths in backticks, or as the target of a link."""
    quoted = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.S))
    linked = [target for target in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in target]
    words = [word.strip("(),;:\"'") for one in quoted for word in one.split()]
    return [word for word in words if is_path(word)] + linked


def is_path(word):
    if re.search(r"[<>*{}=$]|\.\.\.|://", word) or word.startswith(("-", "/", ".")) or word in MADE | ANY:
        return False
    return word.endswith(ENDINGS) or word in rooms()


def rooms():
    return {str(path.relative_to(ROOT / "lib_train")) for path in (ROOT / "lib_train").rglob("*") if is_room(path)}


def is_room(path):
    return path.is_dir() and (path / "__init__.py").exists()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_that_a_document_names_exists(document):
    text = (ROOT / document).read_text(encoding="utf-8")
    if document == "README.md":
        text = text[text.index("## Developing") :]
    places = [*BASES, str(Path(document).parent)]
    missing = [name for name in named_in(text) if not any((ROOT / place / name).exists() for place in places)]
    assert named_in(text)
    assert missing == []


def test_every_picture_of_the_readme_is_there_and_soon_loaded():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    pictures = re.findall(r"\]\((doc/[^)]+\.(?:png|webp))\)", text)
    assert len(pictures) > 10
    sizes = {name: (ROOT / name).stat().st_size for name in pictures}
    assert {name: size for name, size in sizes.items() if size > 250_000} == {}
    assert {path.name for path in (ROOT / "doc").iterdir() if path.suffix in (".png", ".webp")} == {
        Path(name).name for name in pictures
    }


def test_path_that_is_not_there_is_seen():
    assert named_in("see `lib_train/nowhere.py`, `make test` and [a](doc/nothing.md)") == [
        "lib_train/nowhere.py", "doc/nothing.md"
    ]  # fmt: skip


def test_architecture_has_the_rooms_in_the_rows_of_the_import_contract():
    contract = configparser.ConfigParser()
    contract.read(ROOT / ".importlinter")
    layers = contract["importlinter:contract:rooms"]["layers"].split("\n")
    wanted = [{room.strip().removeprefix("lib_train.") for room in row.split("|")} for row in layers if row.strip()]
    text = (ROOT / "doc" / "architecture.md").read_text(encoding="utf-8")
    table = text[text.index("| room | holds |") :].split("\n\n")[0].splitlines()[2:]
    rows = [re.findall(r"`([^`]+)`", line.split("|")[1]) for line in table]
    assert [{room.removesuffix(".py").replace("/", ".") for room in row} for row in rows] == wanted


def makefile(pattern):
    """What the group in this pattern stands for."""
    found = re.search(pattern, (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    assert found
    return found[1]


def test_contributing_names_every_command_of_the_makefile():
    commands = makefile(r"^\.PHONY: (.*)$")
    named = set(re.findall(r"make ([a-z-]+)", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")))
    assert set(commands.split()) - {"clean"} <= named
    assert named & set(commands.split()) == set(commands.split()) - {"clean"}


def test_hooks_before_a_commit_run_the_tools_of_make_check():
    check = makefile(r"^check:.*\n((?:\t.*\n)+)")
    tools = re.findall(r"\$\(BIN\)/([\w-]+(?: \w+)?)", check)
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert re.findall(r"entry: \.venv/bin/([\w-]+(?: \w+)?)", hooks) == tools
