"""Run by the WebUI before it starts: adds optional optimizers that are missing. Touches no other package."""

import ctypes
import importlib.util
import sys
from pathlib import Path

import launch

_REQUIREMENTS = Path(__file__).with_name("requirements.txt")
_QUICK = "--no-deps --retries 0 --timeout 10 --disable-pip-version-check"
_DRIVER = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"


def wanted() -> list[str]:
    """Lines of requirements.txt whose package is not there and could be of use here."""
    lines = [line.split("#")[0].strip() for line in _REQUIREMENTS.read_text(encoding="utf-8").splitlines()]
    missing = [line for line in lines if line and importlib.util.find_spec(_module(line)) is None]
    return [line for line in missing if _module(line) != "bitsandbytes" or _has_cuda()]


def _module(requirement: str) -> str:
    return requirement.split(">")[0].split("=")[0].split("<")[0].strip().replace("-", "_")


def _has_cuda() -> bool:
    """Whether this torch can use an NVIDIA GPU here and now.

    Without one, bitsandbytes warns at every start of the WebUI, since accelerate imports it. torch takes seconds to
    import, so it is asked only where NVIDIA's driver is.
    """
    try:
        ctypes.CDLL(_DRIVER)
        import torch
    except (OSError, ImportError):
        return False
    return torch.version.cuda is not None and torch.cuda.is_available()


for requirement in wanted():
    try:
        launch.run_pip(f'install {_QUICK} "{requirement}"', f"{requirement} for Train Tools")
    except Exception as error:  # offline, or no wheel: the optimizer says itself what it lacks
        sys.stdout.write(f"Train Tools works without {requirement} ({str(error).splitlines()[0]})\n")
