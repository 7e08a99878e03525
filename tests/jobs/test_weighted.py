import os

import pytest
import torch
from safetensors.torch import load_file

from lib_train.config.tools import BlocksConfig
from lib_train.errors import ConfigError
from lib_train.files import sweep
from lib_train.jobs.weighted import weighted_files
from lib_train.lora_tools.blocks import blocks
from lib_train.previews.requests import WeightedFile
from tests.lora_tools.networks import UNET, dense, lora, written

TEXT = "lora_te_text_model_encoder_layers_0_mlp_fc1"


def test_file_that_is_drawn_is_weighted_by_its_blocks_and_gone_afterwards(tmp_path):
    file = written(tmp_path / "a.safetensors", lora())
    rows = [WeightedFile(file), WeightedFile(file, "INS", "INS")]
    with weighted_files(rows, tmp_path, None, {}) as files:
        assert files[file] == file
        drawn = files[tmp_path / "a_INS.safetensors"]
        assert drawn is not None
        assert drawn.name == "a_INS.safetensors"
        before, after = dense(load_file(file)), dense(load_file(drawn))
        for name in (TEXT, f"{UNET}proj_in"):  # BASE and IN01 are 1, OUT03 is 0
            assert torch.allclose(after[name], before[name], atol=1e-6)
        assert after.keys() == before.keys() - {"lora_unet_up_blocks_1_resnets_0_conv1"}
    assert [path.name for path in tmp_path.iterdir()] == ["a.safetensors"]


def test_nothing_is_left_after_an_error_nor_after_a_kill(tmp_path):
    file = written(tmp_path / "a.safetensors", lora())
    with pytest.raises(KeyError), weighted_files([WeightedFile(file, "0.5", "0.5")], tmp_path, None, {}):
        raise KeyError
    assert len(list(tmp_path.iterdir())) == 1
    child = os.fork()
    if not child:
        with weighted_files([WeightedFile(file, "0.5", "0.5")], tmp_path, None, {}):
            os._exit(0)
    os.waitpid(child, 0)
    assert len(list(tmp_path.iterdir())) == 2
    sweep(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["a.safetensors"]


@pytest.mark.parametrize("text", ["0.3", "MINE", "FACE"])
def test_file_that_is_drawn_is_the_one_that_the_tool_bakes(tmp_path, text):
    mine = {"MINE": ",".join(["0.7", *["0.3"] * 16])}
    file = written(
        tmp_path / "a.safetensors", {**lora(), "bundle_emb.word.string_to_param.*": torch.ones(1, 4)}, precision="fp16"
    )
    blocks(file, tmp_path / "baked.safetensors", BlocksConfig(weights=text), mine)
    with weighted_files([WeightedFile(file, text, "x")], tmp_path, None, mine) as files:
        drawn, baked = load_file(files[tmp_path / "a_x.safetensors"]), load_file(tmp_path / "baked.safetensors")
    assert drawn.keys() == baked.keys()
    assert all(drawn[key].dtype == baked[key].dtype and torch.equal(drawn[key], baked[key]) for key in baked)


def test_list_of_another_family_is_told_by_its_setting(tmp_path):
    file = written(tmp_path / "a.safetensors", lora())
    with (
        pytest.raises(ConfigError) as caught,
        weighted_files([WeightedFile(file, "1," * 11 + "1", "list1")], tmp_path, None, {}),
    ):
        pass
    assert [problem.setting for problem in caught.value.problems] == ["preview_block_weights"]
