from pathlib import Path

import pytest

from lib_train.app import lora_tools
from lib_train.config.tools import ConvertConfig, ResizeConfig
from lib_train.errors import FileError
from tests.lora_tools.networks import lora, written


def test_tool_tells_how_far_it_is_and_what_it_made(tmp_path):
    file, told = written(tmp_path / "a.safetensors", lora()), []
    outcome = lora_tools.resize(
        file, tmp_path / "b.safetensors", ResizeConfig(rank=2), go_on=lambda *far: told.append(far) or True
    )
    assert outcome is not None
    assert outcome.path == tmp_path / "b.safetensors"
    assert told == [(done, 4) for done in range(5)]


@pytest.mark.parametrize("after", [0, 2])
def test_cancelled_tool_writes_nothing(tmp_path, after):
    file = written(tmp_path / "a.safetensors", lora())
    assert (
        lora_tools.resize(file, tmp_path / "b.safetensors", ResizeConfig(rank=2), go_on=lambda n, _: n < after) is None
    )
    assert [path.name for path in tmp_path.iterdir()] == ["a.safetensors"]


@pytest.mark.parametrize(
    ("cover", "why"),
    [("gone.png", "there is no such file"), (".", "is a folder"), ("/dev/zero", "there is no such file")],
)
def test_cover_that_is_no_file_is_refused_before_anything_is_written(tmp_path, cover, why):
    file = written(tmp_path / "a.safetensors", lora())
    with pytest.raises(FileError, match=why):
        lora_tools.convert(file, tmp_path / "b.safetensors", ConvertConfig(), Path(tmp_path, cover))
    assert [path.name for path in tmp_path.iterdir()] == ["a.safetensors"]
