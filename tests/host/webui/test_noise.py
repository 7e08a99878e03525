import torch
from safetensors.torch import load_file, save_file

from lib_train.host.standalone.host import StandaloneHost
from tests.host.inside import (
    borrowed,
)
from tests.tiny import write_file


def test_v_and_zero_terminal_snr_are_read_from_the_file_as_in_the_standalone_host(host, checkpoints, tmp_path):
    """The WebUI reads neither: it draws epsilon without a .yaml, and rescales by an option of its own."""
    from modules import sd_models, shared

    keys = {"v_pred": torch.zeros(0), "ztsnr": torch.zeros(0)}
    path = write_file(tmp_path / "noob.safetensors", load_file(checkpoints["sdxl"]) | keys)
    alone = StandaloneHost(device="cpu")
    sd_model = sd_models.load_model(path, "sdxl")
    with borrowed(host) as ours, alone.borrow(alone.find(str(path))) as theirs:
        assert ours.prediction_type == theirs.prediction_type == "v"
        assert torch.equal(ours.alphas_cumprod, theirs.alphas_cumprod)
        assert float(ours.alphas_cumprod[-1]) == 0
    size = host.size_of(host.find(""))
    (by_file,), (by_yaml, by_option) = size.notes, size.mismatches
    assert size.predicts == "v"
    assert "trained with that noise schedule" in by_file
    assert "put noob.yaml" in by_yaml
    assert "Zero Terminal SNR" in by_option
    sd_model.parameterization = "v"
    shared.opts.data["sd_noise_schedule"] = "Zero Terminal SNR"
    size = host.size_of(host.find(""))
    assert (size.notes, size.mismatches) == ((by_file,), ())


def test_what_the_webui_draws_and_the_file_does_not_say_is_told(host, checkpoints, tmp_path):
    from modules import sd_models, shared

    path = tmp_path / "plain.safetensors"
    save_file(load_file(checkpoints["sdxl"]), path, {"modelspec.prediction_type": "epsilon"})
    sd_model = sd_models.load_model(path, "sdxl")
    assert host.size_of(host.find("")).mismatches == ()
    shared.opts.data["sd_noise_schedule"] = "Zero Terminal SNR"
    (note,) = host.size_of(host.find("")).notes
    assert "set Noise schedule for sampling to Default" in note
    sd_model.parameterization = "v"
    path.with_suffix(".yaml").write_text("model: {}")
    (wrong,) = host.size_of(host.find("")).mismatches
    assert "take plain.yaml away" in wrong
