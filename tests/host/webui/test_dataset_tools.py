"""What the WebUI offers for making a data set, through the adapter, on the stand-in."""

from pathlib import Path


def test_output_folders_are_those_of_the_settings_unless_folders_are_hidden(host, monkeypatch):
    from modules import shared

    assert host.output_folders() == []
    monkeypatch.setattr(shared.opts, "outdir_txt2img_samples", "outputs/txt2img-images", raising=False)
    monkeypatch.setattr(shared.opts, "outdir_img2img_samples", "", raising=False)
    monkeypatch.setattr(shared.opts, "outdir_save", "/log/images", raising=False)
    assert host.output_folders() == [Path.cwd() / "outputs/txt2img-images", Path("/log/images")]
    monkeypatch.setattr(shared.cmd_opts, "hide_ui_dir_config", True, raising=False)
    assert host.output_folders() == []
