import pytest
import torch

from lib_train.errors import ModelFileError
from lib_train.lora_tools.layers import deltas_in, opened
from lib_train.networks.spellings import to_peft
from tests.lora_tools.networks import SHAPES, dense, lora, written


def test_delta_of_each_layer_is_the_dense_formula_in_the_weights_shape(tmp_path):
    tensors = lora()
    deltas = deltas_in(opened(written(tmp_path / "a.safetensors", tensors)))
    assert {name: delta.shape for name, delta in deltas.items()} == SHAPES
    for name, wanted in dense(tensors).items():
        torch.testing.assert_close(deltas[name].matrix().double(), wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("shape", [(40, 24, 3, 3), (36, 44)])
def test_whole_weights_are_read_as_they_are(tmp_path, shape):
    name = next(name for name, one in SHAPES.items() if one == shape)
    diff = torch.randn(shape)
    file = written(tmp_path / "a.safetensors", {f"{name}.diff": diff, f"{name}.diff_b": torch.ones(shape[0])})
    delta = deltas_in(opened(file))[name]
    assert delta.up is None
    assert torch.equal(delta.dense(), diff)


def test_other_programs_names_are_read(tmp_path):
    tensors = lora()
    spelled = to_peft(tensors)
    file = written(tmp_path / "a.safetensors", spelled.tensors, spelled.metadata)
    found = {name: delta.matrix().double() for name, delta in deltas_in(opened(file)).items()}
    for name, wanted in dense(tensors).items():
        torch.testing.assert_close(found[name], wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_file_that_holds_no_numbers_is_refused_by_its_layers(tmp_path, value):
    tensors = lora()
    name = next(iter(SHAPES))
    tensors[f"{name}.lora_up.weight"][3, 2] = value
    with pytest.raises(ModelFileError, match=rf"a.safetensors: 1 of its layers hold NaN or infinity \({name}\)"):
        opened(written(tmp_path / "a.safetensors", tensors))


def test_file_of_another_kind_is_named(tmp_path):
    file = written(tmp_path / "a.safetensors", {"lora_unet_x.q_layer.weight": torch.ones(2, 2)})
    with pytest.raises(ModelFileError, match="a.safetensors: T-LoRA"):
        opened(file)


@pytest.mark.parametrize("precision", ["fp16", "bf16", "float"])
def test_precision_of_a_file_is_that_of_its_tensors(tmp_path, precision):
    assert opened(written(tmp_path / "a.safetensors", lora(), precision=precision)).precision == precision
