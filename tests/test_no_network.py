"""Models are the files that a person has: nothing is looked up elsewhere, whatever the family."""

import socket

import pytest

from lib_train import cli
from lib_train.vocabulary import FAMILIES


@pytest.fixture
def asked(monkeypatch):
    """Hosts that somebody asked for; each is refused."""
    hosts = []

    def refused(*address, **_):
        hosts.append(address)
        raise OSError("there is no network")

    monkeypatch.setattr(socket, "getaddrinfo", refused)
    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket.socket, "connect_ex", refused)
    return hosts


@pytest.mark.parametrize("family", FAMILIES)
def test_plan_training_and_pictures_ask_for_nothing(tmp_path, pictures, checkpoints, asked, family):
    given = ["--train_data_dir", pictures, "--base_model", checkpoints[family], "--resolution", 64, "--network_dim", 2,
             "--max_train_steps", 1, "--text_encoder_lr", 1e-4, "--preview_prompts", "mochi", "--preview_steps", 1,
             "--device", "cpu"]  # fmt: skip
    assert cli.main([str(word) for word in ("plan", *given)]) == 0
    assert cli.main([str(word) for word in ("train", "--project", "p", "--output", tmp_path / "out", *given)]) == 0
    assert list((tmp_path / "out" / "p" / "versions" / "v1" / "previews").rglob("*.png"))
    assert asked == []
