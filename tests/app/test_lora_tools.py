import pytest

from lib_train.app import lora_tools
from lib_train.config.tools import ResizeConfig
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
