"""Run by the WebUI before it starts: adds optional optimizers that are missing. Touches no other package."""

import importlib.metadata
import importlib.util
import sys
from pathlib import Path

import launch

_REQUIREMENTS = Path(__file__).with_name("requirements.txt")
_QUICK = "--no-deps --retries 0 --timeout 10 --disable-pip-version-check"


def wanted() -> list[str]:
    """Lines of requirements.txt whose package is not there and could be of use here."""
    lines = [line.split("#")[0].strip() for line in _REQUIREMENTS.read_text(encoding="utf-8").splitlines()]
    missing = [line for line in lines if line and importlib.util.find_spec(_module(line)) is None]
    return [line for line in missing if _module(line) != "bitsandbytes" or _has_cuda()]


def _module(requirement: str) -> str:
    return requirement.split(">")[0].split("=")[0].split("<")[0].strip().replace("-", "_")


def _has_cuda() -> bool:
    """Whether this torch was built for CUDA; told by its version, since importing it takes seconds."""
    if sys.platform == "darwin":
        return False
    try:
        return "+cpu" not in importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        return False


for requirement in wanted():
    try:
        launch.run_pip(f'install {_QUICK} "{requirement}"', f"{requirement} for Train Tools")
    except Exception as error:  # offline, or no wheel: the optimizer says itself what it lacks
        sys.stdout.write(f"Train Tools works without {requirement} ({str(error).splitlines()[0]})\n")
