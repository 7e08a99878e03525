"""Recipe "CharFramework" on the command line."""

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.recipes.following import SV_RATIO, zipped_pictures


def command(*words):
    """What ``train-tools`` with these words says, in a process of its own."""
    asked = [sys.executable, "-m", "lib_train", *map(str, words)]
    done = subprocess.run(asked, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, (asked, done.stdout, done.stderr)
    return done.stdout


def flags(settings):
    """As they are written on the command line."""
    return [f"--{name}={text}" for name, text in settings.items()]


def last_checkpoint(said):
    """The file that a training ended with, of what it said."""
    return Path([line for line in said.splitlines() if line.endswith(".safetensors")][-1])


def tags_of(place, *words):
    """How many pictures have each tag."""
    rows = re.findall(r"(?m)^ +(\d+) (.+)$", command("captions", "tags", *place, *words))
    return {tag: int(count) for count, tag in rows}


def drawn(root, *words):
    """The pictures and the sheets that a command makes below ``root``."""
    before = {*root.rglob("*.png")}
    command(*words)
    made = {*root.rglob("*.png")} - before
    sheets = {path for path in made if path.name.startswith("grid")}
    return made - sheets, sheets


def installed(address, project, checkpoint):
    """Where the tab's Install to Lora puts a checkpoint of version v1."""
    from tests.browsing import asking

    route = f"projects/{project}/versions/v1/checkpoints/{checkpoint.name}/install"
    return Path(asking(address)(route, method="POST")["path"])


@dataclass(frozen=True)
class Made:
    """The files of one way through the recipe, by what was done last, and what the tools said."""

    root: Path
    trained: Path
    weighted: Path
    compressed: Path
    said: str


def followed(folder, preset, settings):
    """Recipe "CharFramework" on the command line, into ``folder``."""
    place = ["--project", "mochi", "--output", folder / "out"]
    assert command("import", zipped_pictures(folder), *place) == "32 added\n"  # half of them captions
    assert command("enlarge", "--factor", "0.5", *place).startswith("16 made: mochi_00-reduced1.png, ")
    said = command("train", *place, "--preset", preset, "--device", "cpu", *flags(settings))
    trained = last_checkpoint(said)
    weighted, compressed = folder / "mochi-face.safetensors", folder / "mochi-small.safetensors"
    said = command("blocks", trained, "--to", weighted, "--weights", "FACE")
    said += command("resize", weighted, "--to", compressed, "--sv_ratio", SV_RATIO)
    return Made(folder / "out", trained, weighted, compressed, said)
