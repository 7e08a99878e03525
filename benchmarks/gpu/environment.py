"""The Python that ``make gpu`` runs in: this machine's, with what it lacks from a folder of wheels."""

import importlib.util
import site
import subprocess
import sys
import venv
from pathlib import Path

LIST = Path(__file__).with_name("wheels.txt")
_NEEDED = ("torch", "numpy", "safetensors", "diffusers", "transformers", "PIL", "pytest", "tqdm")
_OF_THE_MACHINE = ("torch", "numpy", "safetensors")


class MissingWheels(Exception):
    """This Python lacks packages, and there are no wheels for it."""


def python_for(wheels: Path, folder: Path) -> str:
    """A Python that can run everything: this one, or with a folder of wheels one made of it in ``folder``.

    Raises:
        MissingWheels: packages are missing; names them and the way out.
    """
    alone = [name for name in _OF_THE_MACHINE if importlib.util.find_spec(name) is None]
    if alone:
        raise MissingWheels(f"this Python ({sys.executable}) has no {', '.join(alone)}: name one that has, PYTHON=...")
    if wheels.is_dir():
        return _made(wheels, folder)
    lacking = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if lacking:
        raise MissingWheels(
            f"this Python ({sys.executable}) has no {', '.join(lacking)}, and there is no folder {wheels}: "
            "run `make gpu-wheels` where there is a network and bring the folder along, or name another PYTHON=..."
        )
    return sys.executable


def _made(wheels: Path, folder: Path) -> str:
    """An environment that sees this Python's packages, with the wheels before them. pip comes as a wheel too."""
    pips = sorted(wheels.glob("pip-*.whl"))
    if not pips:
        raise MissingWheels(f"{wheels} holds no pip: run `make gpu-wheels` again")
    venv.EnvBuilder(system_site_packages=True, clear=True, with_pip=False).create(folder)
    python = folder / "bin" / "python"
    inner = next((folder / "lib").glob("python*/site-packages"))
    (inner / "machine.pth").write_text("\n".join(_places()), encoding="utf-8")  # of a Python in an environment itself
    command = [str(python), str(pips[-1] / "pip"), "--quiet", "--disable-pip-version-check", "install", "--no-index"]
    done = subprocess.run(
        [*command, "--no-deps", "--find-links", str(wheels), "--requirement", str(LIST)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        version = f"{sys.version_info.major}{sys.version_info.minor}"
        raise MissingWheels(
            f"{wheels} does not suffice for this Python: run `make gpu-wheels TAGS={version}`\n{done.stderr.strip()}"
        )
    return str(python)


def _places() -> list[str]:
    user = [site.getusersitepackages()] if site.ENABLE_USER_SITE else []
    return [place for place in (*site.getsitepackages(), *user) if Path(place).is_dir()]
