import pytest

from lib_train.config.tagging import TaggingConfig
from lib_train.errors import ConfigError, ModelFileError
from lib_train.host.standalone.host import StandaloneHost
from lib_train.jobs.taggers import published, tagger_of
from lib_train.tagging.found import recognised
from tests.fakes import FakeHost


def tagger(folder, name, kind="selected_tags.csv"):
    (folder / name).mkdir(parents=True)
    (folder / name / kind).touch()
    (folder / name / "model.onnx").touch()
    return folder / name / "model.onnx"


@pytest.fixture
def host(tmp_path):
    return FakeHost(tmp_path / "A.safetensors")


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({}, "a-wd"),
        ({"tagger": "joytag"}, "b-joy"),
        ({"model": "b-joy"}, "b-joy"),
        ({"tagger": "wd", "model": "c-wd"}, "c-wd"),
        ({"tagger": "colours"}, "colours"),
    ],
)
def test_settings_choose_among_what_is_found_and_what_the_host_brings(host, tmp_path, settings, name):
    for one in (("c-wd",), ("a-wd",), ("b-joy", "top_tags.txt")):
        tagger(tmp_path / "taggers", *one)
    assert tagger_of(TaggingConfig(**settings), host, [tmp_path / "taggers"]).name == name


def test_named_file_needs_no_folder(host, tmp_path):
    path = tagger(tmp_path, "wd")
    assert tagger_of(TaggingConfig(model=str(path)), host, []) == recognised(path)
    with pytest.raises(ModelFileError, match=r"top_tags\.txt is missing beside it"):
        tagger_of(TaggingConfig(model=str(path), tagger="joytag"), host, [])


def test_nothing_found_says_which_file_to_get_and_where_it_goes(host, tmp_path):
    with pytest.raises(ModelFileError) as error:
        tagger_of(TaggingConfig(tagger="wd"), host, [tmp_path / "models"])
    assert f"no tagger was found in {tmp_path / 'models'}; get https://huggingface.co/SmilingWolf/" in str(error.value)
    assert str(error.value).endswith(f"put them into {tmp_path / 'models' / 'wd-vit-tagger-v3'}, or have them fetched")
    with pytest.raises(ModelFileError, match="no tagger was named; get https://huggingface.co/fancyfeast/joytag"):
        tagger_of(TaggingConfig(tagger="joytag"), StandaloneHost(device="cpu"), [])


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"tagger": "magic"}, "tagger = 'magic': choose one of wd, cl, joytag, colours, words"),
        ({"model": "magic"}, "model = 'magic': there is no such file.* found: a-wd"),
        ({"model": "nowhere/model.onnx"}, "model = 'nowhere/model.onnx': there is no such file"),
        ({"tagger": "cl", "model": "a-wd"}, "model = 'a-wd': .* found: none was found"),
    ],
)
def test_what_there_is_not_is_named(host, tmp_path, settings, why):
    tagger(tmp_path, "a-wd")
    with pytest.raises(ConfigError, match=why):
        tagger_of(TaggingConfig(**settings), host, [tmp_path])


def test_published_tagger_is_known_by_its_name():
    assert published("joytag").kind == "joytag"
    with pytest.raises(ConfigError, match="fetch = 'magic': choose one of wd-vit-tagger-v3, "):
        published("magic")
