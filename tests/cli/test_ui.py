import builtins
from pathlib import Path

import pytest

from lib_train import commands
from tests.cli.commands import run


@pytest.fixture
def bare(monkeypatch):
    """As where the packages of the tab are not installed."""
    real = builtins.__import__

    def without(name, *more, **given):
        if name == "lib_train.ui.serve":
            raise ImportError(name)
        return real(name, *more, **given)

    monkeypatch.setattr(builtins, "__import__", without)


def test_a_checkout_names_the_command_that_installs_what_the_tab_needs(bare, monkeypatch, tmp_path, capsys):
    checkout = Path(commands.__file__).parents[1]
    monkeypatch.chdir(checkout)
    words = "ui", "--output", tmp_path / "out", "--device", "cpu"
    assert run(*words) == 2
    said = capsys.readouterr().err
    assert said.strip().endswith(
        "needs the package fastapi==0.94.0 uvicorn python-multipart, which is not installed: make ui"
    )
    monkeypatch.chdir(tmp_path)
    assert run(*words) == 2
    assert f"is not installed: make -C {checkout} ui" in capsys.readouterr().err


def test_without_a_checkout_it_is_pip(bare, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(commands, "_CHECKOUT", tmp_path)
    assert run("ui", "--output", tmp_path / "out", "--device", "cpu") == 2
    assert "pip install fastapi==0.94.0 uvicorn python-multipart" in capsys.readouterr().err
