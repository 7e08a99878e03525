"""The tag lists of another extension, on the stand-in."""

from types import SimpleNamespace

import pytest


@pytest.fixture
def extension(host, tmp_path, monkeypatch):
    """It, as somebody cloned it under a name of their own."""
    from modules import extensions

    folder = tmp_path / "completes"
    for name in ("javascript/tagAutocomplete.js", "tags/danbooru.csv", "tags/e621.csv"):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    made = SimpleNamespace(path=str(folder), enabled=True)
    others = SimpleNamespace(path=str(tmp_path), enabled=True)
    monkeypatch.setattr(extensions, "extensions", [others, made])
    return made


def names(host):
    return [file.name for file in host.tag_lists()]


def test_list_that_the_extension_completes_from_is_found(host, extension, monkeypatch):
    from modules import shared

    assert names(host) == ["danbooru.csv"]
    monkeypatch.setattr(shared.opts, "tac_tagFile", "../tags/e621.csv", raising=False)
    assert names(host) == ["e621.csv"]
    monkeypatch.setattr(shared.opts, "tac_tagFile", "None")
    assert names(host) == []


def test_extension_that_is_switched_off_gives_none(host, extension):
    extension.enabled = False
    assert names(host) == []
