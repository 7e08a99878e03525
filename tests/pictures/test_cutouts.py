import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from PIL import Image

from lib_train.errors import ConfigError, DatasetError, MissingPackage, ModelFileError
from lib_train.pictures import cutouts
from lib_train.pictures.cutouts import by_rembg, on_ground


def _refused(name, path):
    raise AssertionError("no path was given")


@pytest.fixture
def rembg(tmp_path, monkeypatch):
    """A stand-in that shows the left half; it fails where the real one would download."""

    class Session:
        def __init__(self, model_name, sess_opts, *args, **kwargs):
            self.content = Path(type(self).download_models()).read_text()
            if self.content == "broken":
                raise ValueError("no protobuf\nat all")

        @classmethod
        def name(cls):
            return "u2net"

        @classmethod
        def u2net_home(cls):
            return str(tmp_path)

        @classmethod
        def download_models(cls):
            raise AssertionError("it would download")

    def remove(picture, session=None, only_mask=False):
        assert (picture.mode, only_mask, session.content) == ("RGB", True, "weights")
        if picture.width == 13:
            raise RuntimeError("out of memory")
        mask = Image.new("L", picture.size)
        mask.paste(255, (0, 0, picture.width // 2, picture.height))
        return mask

    made, sessions = ModuleType("rembg"), ModuleType("rembg.sessions")
    vars(made)["remove"], vars(sessions)["sessions_class"] = remove, [Session]
    monkeypatch.setitem(sys.modules, "rembg", made)
    monkeypatch.setitem(sys.modules, "rembg.sessions", sessions)
    monkeypatch.setitem(sys.modules, "onnxruntime", SimpleNamespace(SessionOptions=object))
    cutouts._session.cache_clear()
    yield Session
    cutouts._session.cache_clear()


@pytest.fixture
def cut(rembg, tmp_path):
    (tmp_path / "u2net.onnx").write_text("weights")
    return by_rembg("u2net", _refused)


def alphas(picture):
    return [picture.getchannel("A").getpixel((x, 0)) for x in (0, 9)]


def test_picture_of_each_mode_is_cut_out_and_keeps_what_was_clear(cut):
    for mode, made in (("RGB", "RGBA"), ("RGBA", "RGBA"), ("L", "LA"), ("LA", "LA"), ("I", "LA")):
        found = cut(Image.new(mode, (10, 4)))
        assert (found.mode, alphas(found)[1]) == (made, 0)
    assert alphas(cut(Image.new("RGB", (10, 4)))) == [255, 0]
    assert alphas(cut(Image.new("RGBA", (10, 4), (0, 0, 0, 90)))) == [90, 0]


def test_ground_is_a_colour_or_transparent(cut):
    red = Image.new("RGB", (10, 4), "red")
    assert on_ground("transparent", cut).word == "cutout"
    assert alphas(on_ground("transparent", cut).picture(red)) == [255, 0]
    blue = on_ground("blue", cut).picture(red)
    assert [blue.getpixel((x, 0)) for x in (0, 9)] == [(255, 0, 0), (0, 0, 255)]
    for color, given in (("nothing", cut), ("transparent", None), ("nothing", None)):
        with pytest.raises(ConfigError, match="color = "):
            on_ground(color, given)


def test_model_that_is_not_there_is_named_with_where_it_comes_from_and_belongs(rembg, tmp_path):
    with pytest.raises(ModelFileError) as error:
        by_rembg("u2net", _refused)
    assert str(error.value) == (
        f"{tmp_path / 'u2net.onnx'}: is not there; get "
        "https://github.com/danielgatis/rembg/releases/download/v0.0.0/u2net.onnx and put it there"
    )


def test_newer_rembg_has_a_folder_for_each_model(rembg, tmp_path, monkeypatch):
    monkeypatch.setattr(rembg, "resolve_existing", lambda name: None, raising=False)
    monkeypatch.setattr(rembg, "model_dir", lambda: str(tmp_path / "models" / "u2net"), raising=False)
    with pytest.raises(ModelFileError, match="models.u2net.u2net.onnx: is not there"):
        by_rembg("u2net", _refused)
    (tmp_path / "other.onnx").write_text("weights")
    monkeypatch.setattr(rembg, "resolve_existing", lambda name: str(tmp_path / "other.onnx"))
    assert by_rembg("u2net", _refused)(Image.new("RGB", (10, 4))).mode == "RGBA"


def test_file_elsewhere_is_taken_where_it_may_be_and_known_by_its_name(rembg, tmp_path):
    path = tmp_path / "elsewhere" / "u2net.onnx"
    path.parent.mkdir()
    path.write_text("weights")
    asked = []
    by_rembg(str(path), lambda name, given: asked.append((name, given)) or path)
    assert asked == [("cut_out", str(path))]
    with pytest.raises(ConfigError, match="cut_out = 'mine.onnx': must be one of u2net, u2netp"):
        by_rembg("mine.onnx", _refused)


def test_file_that_is_no_model_and_picture_that_cannot_be_cut_are_named(cut, rembg, tmp_path):
    with pytest.raises(DatasetError, match=r"rembg cannot cut it out \(out of memory\)"):
        cut(Image.new("RGB", (13, 4)))
    (tmp_path / "u2net.onnx").write_text("broken")
    with pytest.raises(ModelFileError, match=r"is no model that rembg can use \(no protobuf\)"):
        by_rembg("u2net", _refused)


@pytest.mark.parametrize("package", ["rembg", "onnxruntime"])
def test_package_that_is_missing_is_named(rembg, monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingPackage, match=f"needs the package {package}, which is not installed"):
        by_rembg("u2net", _refused)
