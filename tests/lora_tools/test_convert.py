import json

import pytest
import torch

from lib_train.checkpoints.files import read_metadata, read_network
from lib_train.checkpoints.opened import read_header
from lib_train.config.tools import ConvertConfig
from lib_train.errors import ConfigError, ModelFileError
from lib_train.lora_tools.convert import convert
from lib_train.networks.spellings import to_peft
from tests.lora_tools.networks import SHAPES, dense, dense_in, distance, lora, written


def converted(tmp_path, tensors, metadata=None, cover=None, precision="float", **settings):
    file, to = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    written(file, tensors, metadata, precision)
    return to, convert(file, to, ConvertConfig(**settings), cover)


@pytest.mark.parametrize(("precision", "dtype"), [("fp16", "F16"), ("bf16", "BF16"), ("float", "F32")])
def test_precision_changes_and_the_rounding_is_told(tmp_path, precision, dtype):
    tensors = lora()
    to, outcome = converted(tmp_path, tensors, save_precision=precision)
    assert {kind for kind, _ in read_header(to)[1].values()} == {dtype}
    assert outcome.error == pytest.approx(distance(dense_in(to), dense(tensors)), rel=1e-2, abs=1e-9)
    assert (outcome.error > 0) == (precision != "float")


def test_numbers_beyond_a_precision_keep_the_file_in_float32(tmp_path):
    tensors = lora()
    tensors[f"{next(iter(SHAPES))}.lora_up.weight"][0, 0] = 1e6
    to, outcome = converted(tmp_path, tensors, save_precision="fp16")
    assert distance(dense_in(to), dense(tensors)) < 1e-9
    assert outcome.error == 0
    assert "beyond the range of fp16" in outcome.notes[0]


@pytest.mark.parametrize("names", ["peft", "diffusers"])
def test_names_go_there_and_back_to_the_bit(tmp_path, names):
    tensors = lora(alpha=3)
    to, _ = converted(tmp_path, tensors, names=names, precision="bf16")
    found, metadata = read_network(to)
    assert not any(key.startswith("lora_unet_") for key in found)
    assert any(".lora_A." in key or ".lora" in key for key in found)
    assert "lora_adapter_metadata" in metadata
    back = tmp_path / "back.safetensors"
    convert(to, back, ConvertConfig())
    before, after = read_network(tmp_path / "a.safetensors")[0], read_network(back)[0]
    assert before.keys() == after.keys()
    assert all(torch.equal(before[key].float(), after[key].float()) for key in before)
    assert "lora_adapter_metadata" not in read_metadata(back)


def test_files_of_other_programs_come_under_kohyas_names(tmp_path):
    tensors = lora(alpha=3)
    spelled = to_peft(tensors)
    to, _ = converted(tmp_path, spelled.tensors, spelled.metadata)
    assert distance(dense_in(to), dense(tensors)) < 1e-9


def test_kind_without_a_form_in_the_names_is_refused(tmp_path):
    name = next(iter(SHAPES))
    with pytest.raises(ModelFileError, match="no form"):
        converted(tmp_path, {f"{name}.diff": torch.ones(4, 3)}, names="peft")


def test_metadata_stay_with_trigger_words_cover_and_own_entries(tmp_path):
    given = {"ss_tag_frequency": "{}", "ss_seed": "1", "modelspec.author": "you", "sshs_model_hash": "stale"}
    to, _ = converted(
        tmp_path, lora(), given, b"picture", trigger="mochi cat", set=("modelspec.author = me=I", "ss_seed="),
    )  # fmt: skip
    found = read_metadata(to)
    assert found["ss_tag_frequency"] == "{}"
    assert found["modelspec.author"] == "me=I"
    assert found["modelspec.trigger_phrase"] == "mochi cat"
    assert found["modelspec.thumbnail"] == "data:image/jpeg;base64,cGljdHVyZQ=="
    assert json.loads(found["ssmd_cover_images"]) == ["cGljdHVyZQ=="]
    assert found["ss_output_name"] == "b"
    assert "ss_seed" not in found
    assert found["sshs_model_hash"] != "stale"


def test_stripped_metadata_still_tell_what_the_file_is(tmp_path):
    given = {"ss_network_dim": "4", "ss_seed": "1", "modelspec.author": "you", "ss_output_name": "a"}
    to, _ = converted(tmp_path, lora(), given, strip=True, trigger="mochi")
    keys = {
        "ss_base_model_version",
        "ss_network_dim",
        "modelspec.trigger_phrase",
        "sshs_model_hash",
        "sshs_legacy_hash",
    }
    assert read_metadata(to).keys() == keys


@pytest.mark.parametrize(("entry", "message"), [("x", "set = 'x': write key=value"), ("=1", "write key=value"),
                                                ("sshs_model_hash=1", "hashes are reckoned")])  # fmt: skip
def test_entries_that_are_none_are_refused(entry, message):
    with pytest.raises(ConfigError, match=message):
        ConvertConfig(set=(entry,))
