"""The presets of another extension, on the stand-in."""

from types import SimpleNamespace


def test_presets_are_those_of_lora_block_weight_while_it_is_switched_on(host, tmp_path, monkeypatch):
    from modules import extensions

    folder = tmp_path / "as somebody called it"
    (folder / "scripts").mkdir(parents=True)
    (folder / "scripts" / "lora_block_weight.py").touch()
    made = SimpleNamespace(path=str(folder), enabled=True)
    monkeypatch.setattr(extensions, "extensions", [SimpleNamespace(path=str(tmp_path), enabled=True), made])
    assert host.block_presets() == folder / "scripts" / "lbwpresets.txt"
    made.enabled = False
    assert host.block_presets() is None
