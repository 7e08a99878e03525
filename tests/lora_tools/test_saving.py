import os
from pathlib import Path

import pytest

from lib_train.checkpoints.files import read_network
from lib_train.config.tools import ResizeConfig
from lib_train.errors import ConfigError, FileError
from lib_train.lora_tools.resize import resize
from lib_train.lora_tools.saving import reject_unusable
from lib_train.networks.spellings import to_peft
from tests.lora_tools.networks import SHAPES, lora, written


@pytest.fixture
def folder(tmp_path):
    """With a network, and several other ways to its file."""
    written(tmp_path / "a.safetensors", lora())
    (tmp_path / "sub").mkdir()
    (tmp_path / "link.safetensors").symlink_to("a.safetensors")
    (tmp_path / "dead.safetensors").symlink_to("nowhere")
    (tmp_path / "here").symlink_to(".")
    os.link(tmp_path / "a.safetensors", tmp_path / "hard.safetensors")
    return tmp_path


@pytest.mark.parametrize(
    "to",
    ["a.safetensors", "sub/../a.safetensors", "./sub/.././a.safetensors", "here/a.safetensors", "link.safetensors",
     "hard.safetensors", "dead.safetensors", "sub.safetensors"],
)  # fmt: skip
def test_file_of_any_spelling_that_is_there_is_not_written_over(folder, to):
    (folder / "sub.safetensors").mkdir()
    content = (folder / "a.safetensors").read_bytes()
    with pytest.raises(FileError, match="is there already and is not written over"):
        resize(folder / "a.safetensors", folder / to, ResizeConfig(rank=1))
    assert (folder / "a.safetensors").read_bytes() == content
    assert (folder / "dead.safetensors").is_symlink()


@pytest.mark.parametrize(
    ("to", "why"),
    [("none/b.safetensors", "No such file or directory"), ("a.safetensors/b.safetensors", "Not a directory"),
     ("x" * 300 + ".safetensors", "File name too long"), ("b\0.safetensors", "null")],
)  # fmt: skip
def test_place_where_no_file_can_be_is_told_before_any_work(folder, to, why):
    with pytest.raises(
        FileError, match=rf"safetensors: cannot be written \(.*{why}.*\); check the folder's permissions"
    ):
        reject_unusable(folder / to)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="whom nothing is forbidden")
def test_folder_that_may_not_be_written_to_is_told_before_any_work(folder):
    (folder / "sub").chmod(0o500)
    with pytest.raises(FileError, match="Permission denied"):
        reject_unusable(folder / "sub" / "b.safetensors")


def test_ending_that_the_webui_does_not_see_is_refused():
    with pytest.raises(ConfigError, match="give a name that ends with .safetensors"):
        reject_unusable(Path("b.pt"))


def test_configuration_of_an_adapter_is_left_out_where_the_alphas_are_tensors(tmp_path):
    spelled = to_peft(lora(alpha=3))
    entries = spelled.metadata | {"adapter_config": '{"lora_alpha": 7}', "train_tools.names_of": "sd1"}
    written(tmp_path / "a.safetensors", spelled.tensors, entries)
    resize(tmp_path / "a.safetensors", tmp_path / "b.safetensors", ResizeConfig(rank=2))
    tensors, metadata = read_network(tmp_path / "b.safetensors")
    assert all(f"{name}.alpha" in tensors for name in SHAPES)
    assert not entries.keys() & metadata.keys()
