"""What the WebUI's start installs for us: run as the WebUI runs it, with a ``launch`` that only keeps what is asked."""

import ctypes
import importlib.util
import runpy
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

INSTALL = Path(__file__).parents[1] / "install.py"
LION, BITSANDBYTES = "lion-pytorch>=0.1.2,<0.3", "bitsandbytes>=0.43,<0.46"


@pytest.fixture
def installed(monkeypatch, capsys):
    """Runs the installer on a machine; gives the packages that it asks pip for, and what it prints."""

    def run(missing=("lion_pytorch", "bitsandbytes"), driver=True, torch=None, fails=()):
        asked = []

        def run_pip(command, description):
            asked.append(command.split('"')[1])
            assert command.startswith("install --no-deps ")
            if asked[-1] in fails:
                raise RuntimeError("no network\nand more")

        def loaded(name):
            assert name == ("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
            if not driver:
                raise OSError(name)

        monkeypatch.setitem(sys.modules, "launch", SimpleNamespace(run_pip=run_pip))
        monkeypatch.setitem(sys.modules, "torch", torch)  # None: importing it fails
        monkeypatch.setattr(ctypes, "CDLL", loaded)
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in missing else name)
        runpy.run_path(str(INSTALL))
        return asked, capsys.readouterr().out

    return run


def torch_of(cuda, available):
    return SimpleNamespace(version=SimpleNamespace(cuda=cuda), cuda=SimpleNamespace(is_available=lambda: available))


@pytest.mark.parametrize(
    ("driver", "torch", "packages"),
    [
        (True, torch_of("12.1", True), [LION, BITSANDBYTES]),
        (True, torch_of("12.1", False), [LION]),  # no card behind the driver
        (True, torch_of(None, False), [LION]),  # PyTorch's build for the CPU
        (True, torch_of(None, True), [LION]),  # an AMD card, which PyTorch calls cuda too
        (True, None, [LION]),
        (False, torch_of("12.1", True), [LION]),
    ],
    ids=["card", "no card", "cpu build", "amd", "no torch", "no driver"],
)
def test_bitsandbytes_is_added_only_where_a_cuda_device_can_be_used(installed, driver, torch, packages):
    assert installed(driver=driver, torch=torch)[0] == packages


def test_torch_is_not_imported_where_there_is_no_driver_or_nothing_to_add(installed):
    class Untouched:
        def __getattr__(self, name):
            raise AssertionError(f"torch.{name} was asked")

    assert installed(driver=False, torch=Untouched())[0] == [LION]
    assert installed(missing=("lion_pytorch",), torch=Untouched())[0] == [LION]
    assert installed(missing=())[0] == []


def test_a_package_that_cannot_be_installed_is_one_line_and_ends_nothing(installed):
    asked, said = installed(torch=torch_of("12.1", True), fails=(LION,))
    assert asked == [LION, BITSANDBYTES]
    assert said == f"Train Tools works without {LION} (no network)\n"
