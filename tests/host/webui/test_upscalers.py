"""The WebUI's upscalers through the adapter, on the stand-in."""

import pytest
from PIL import Image

from lib_train.errors import HostModelError, ModelFileError

URL = "https://example.org/releases/x4.pth?raw"


def picture():
    return Image.new("RGB", (10, 6), "green")


def remote(folder, does=None):
    """An upscaler whose file the WebUI would download."""
    from modules import shared, upscaler

    scaler = does or upscaler.Doubling()
    scaler.model_download_path = str(folder)
    shared.sd_upscalers.append(upscaler.UpscalerData("Far", URL, scaler))
    return scaler


def test_upscaler_without_its_file_is_not_offered_and_named_when_asked_for(host, tmp_path):
    remote(tmp_path)
    assert host.upscalers() == ["Lanczos", "Doubling"]
    with pytest.raises(ModelFileError) as error:
        host.enlarge(picture(), "Far", 2)
    assert str(error.value) == f"upscaler = 'Far': its file is missing; get {URL} and put it into {tmp_path}"


def test_upscaler_whose_file_has_been_downloaded_is_offered(host, tmp_path):
    remote(tmp_path)
    (tmp_path / "x4.pth").write_bytes(b"")
    assert host.upscalers() == ["Lanczos", "Doubling", "Far"]
    assert host.enlarge(picture(), "Far", 3).size == (30, 18)


def test_upscaler_whose_file_was_removed_is_missing(host, tmp_path):
    from modules import shared, upscaler

    gone = upscaler.UpscalerData("Gone", str(tmp_path / "gone.pth"), upscaler.Doubling())
    shared.sd_upscalers.append(gone)
    assert "Gone" not in host.upscalers()


def test_upscaler_that_looks_for_its_file_when_it_is_used_is_offered_with_it_alone(host, tmp_path):
    from modules import shared, upscaler

    scaler = upscaler.Doubling()
    scaler.model_path, scaler.model_url = str(tmp_path), URL
    shared.sd_upscalers.append(upscaler.UpscalerData("LDSR", None, scaler))
    assert "LDSR" not in host.upscalers()
    with pytest.raises(ModelFileError, match=f"get {URL.partition('?')[0]}.* and put it into {tmp_path}"):
        host.enlarge(picture(), "LDSR", 2)
    (tmp_path / "project.yaml").touch()
    assert "LDSR" not in host.upscalers()
    (tmp_path / "model.ckpt").touch()
    assert host.enlarge(picture(), "LDSR", 2).size == (20, 12)


def test_upscaler_that_fails_without_a_word_is_named(host, tmp_path):
    from modules import shared, upscaler

    (tmp_path / "x4.pth").write_bytes(b"")
    scaler = remote(tmp_path, upscaler.Upscaler())  # gives back what it got, as the WebUI's do after an error
    scaler.scale = 7
    with pytest.raises(HostModelError, match="upscaler = 'Far': the WebUI gave the picture back as it was"):
        host.enlarge(picture(), "Far", 2)
    assert (scaler.scale, shared.state.job) == (7, "")


def test_upscaler_is_asked_again_until_the_picture_is_large_enough(host):
    assert host.enlarge(picture(), "Doubling", 7.5).size == (75, 45)
