"""Which checkpoints the WebUI has, on the stand-in."""

from pathlib import Path


def test_checkpoints_that_the_webui_lists_are_base_models_the_loaded_one_first(sd_model, host, tmp_path, monkeypatch):
    from modules import sd_models

    monkeypatch.setattr(sd_models, "checkpoints_list", {})
    loaded, other = Path(sd_model.sd_checkpoint_info.filename), tmp_path / "other.ckpt"
    assert [ref.path for ref in host.base_models()] == [loaded]
    for path in (other, loaded):
        host.offer_base_model(path)
    assert [(ref.title, ref.path) for ref in host.base_models()] == [(loaded.name, loaded), (other.name, other)]
