"""What the WebUI offers for making a data set, through the adapter, on the stand-in."""

from pathlib import Path

import pytest


def test_output_folders_are_those_of_the_settings_unless_folders_are_hidden(host, monkeypatch):
    from modules import shared

    assert host.output_folders() == []
    monkeypatch.setattr(shared.opts, "outdir_txt2img_samples", "outputs/txt2img-images", raising=False)
    monkeypatch.setattr(shared.opts, "outdir_img2img_samples", "", raising=False)
    monkeypatch.setattr(shared.opts, "outdir_save", "/log/images", raising=False)
    assert host.output_folders() == [Path.cwd() / "outputs/txt2img-images", Path("/log/images")]
    monkeypatch.setattr(shared.cmd_opts, "hide_ui_dir_config", True, raising=False)
    assert host.output_folders() == []


@pytest.mark.parametrize("chosen", [True, False])
def test_wildcards_are_those_of_extensions_and_of_dynamic_prompts(adapter, host, tmp_path, monkeypatch, chosen):
    from modules import paths, shared

    for folder in ("extensions/a/wildcards", "extensions/b", "mine"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.setattr(paths, "extensions_dir", str(tmp_path / "extensions"))
    monkeypatch.setitem(shared.opts.data, "wildcard_dir", str(tmp_path / "mine") if chosen else "")
    own = [tmp_path / "mine"] if chosen else []
    assert host.wildcard_folders() == [*own, tmp_path / "extensions" / "a" / "wildcards"]
