"""``make gpu-wheels``: gather what a bare machine lacks into a folder that travels with the working tree."""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.gpu.environment import LIST

_MOST_BYTES = 40 * 2**20
_PLATFORMS = ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64")
_OLD_PYTHON = {"310": ("exceptiongroup", "tomli")}
"""What pytest asks for there and not in newer ones; the list's markers speak of the Python that gathers."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu.wheels", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("tags", nargs="+", help="versions of Python, such as 311")
    options = parser.parse_args()
    shutil.rmtree(options.folder, ignore_errors=True)
    for tag in options.tags:
        _gather(options.folder, tag)
    size = sum(file.stat().st_size for file in options.folder.iterdir())
    sys.stdout.write(f"{options.folder}: {size / 2**20:.1f} MB for Python {', '.join(options.tags)}\n")
    if size > _MOST_BYTES:
        sys.stdout.write(f"more than {_MOST_BYTES / 2**20:.0f} MB: gather for fewer versions of Python, TAGS=311\n")
        return 1
    return 0


def _gather(folder: Path, tag: str) -> None:
    where = [part for platform in _PLATFORMS for part in ("--platform", platform)]
    kind = ["--implementation", "cp", "--python-version", tag, "--abi", f"cp{tag}", "--abi", "abi3", "--abi", "none"]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run(
        [*command, "--only-binary", ":all:", *where, *kind, "--dest", str(folder), "--requirement", str(LIST),
         *_OLD_PYTHON.get(tag, ())],
        check=True,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
