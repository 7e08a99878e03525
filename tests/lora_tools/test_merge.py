import pytest
import torch
from safetensors.torch import save_file

from lib_train.checkpoints.files import read_metadata, read_network
from lib_train.config.tools import MergeConfig
from lib_train.errors import ConfigError, ModelFileError
from lib_train.lora_tools.merge import merge
from tests.lora_tools.networks import SHAPES, UNET, dense, dense_in, distance, lora, written
from tests.lora_tools.test_ties import by_hand


def whole_of(tensors):
    return {f"{name}.diff": matrix.reshape(SHAPES[name]).float() for name, matrix in dense(tensors).items()}


def merged(tmp_path, files, **settings):
    paths = [written(tmp_path / f"{place}.safetensors", tensors) for place, tensors in enumerate(files)]
    to = tmp_path / "merged.safetensors"
    return to, merge(paths, to, MergeConfig(**settings))


def weighted_sum(files, weights):
    return {name: sum(w * dense(one)[name] for w, one in zip(weights, files, strict=True)) for name in SHAPES}


@pytest.mark.parametrize("weights", [(), (0.5, 0.5), (1.5, -0.25)])
def test_merge_of_two_is_the_weighted_sum_of_what_they_add(tmp_path, weights):
    files = [lora(rank=4, alpha=2, seed=1), lora(rank=3, alpha=9, seed=2)]
    to, outcome = merged(tmp_path, files, weights=weights)
    assert distance(dense_in(to), weighted_sum(files, weights or (1, 1))) < 1e-6
    found = read_network(to)[0]
    assert {float(one) for key, one in found.items() if key.endswith(".alpha")} == {7}
    assert outcome.error == 0
    assert [one.dims for one in outcome.before] == [{4: 4}, {3: 4}]


def test_factors_of_more_ranks_than_the_layer_has_become_as_many_as_it_has(tmp_path):
    files = [lora(rank=20, seed=1), lora(rank=20, seed=2)]
    to, outcome = merged(tmp_path, files)
    assert distance(dense_in(to), weighted_sum(files, (1, 1))) < 1e-5
    assert max(outcome.after.dims) == 40  # of 40 by 216; others have 36 and 32


@pytest.mark.parametrize("precision", ["fp16", "bf16", "float"])
def test_one_file_with_weight_one_stays_to_the_bit(tmp_path, precision):
    file = tmp_path / "a.safetensors"
    tensors = lora(alpha=0.3)  # which no fp16 holds
    kept = {"fp16": torch.float16, "bf16": torch.bfloat16, "float": torch.float32}[precision]
    save_file({key: one if "alpha" in key else one.to(kept) for key, one in tensors.items()}, file)
    to = tmp_path / "b.safetensors"
    merge([file], to, MergeConfig(weights=(1,)))
    before, after = read_network(file)[0], read_network(to)[0]
    assert before.keys() == after.keys()
    assert all(one.dtype == after[key].dtype and torch.equal(one, after[key]) for key, one in before.items())


def test_rank_that_suffices_keeps_the_sum_and_one_that_does_not_tells_its_error(tmp_path):
    files = [lora(rank=3, seed=1), lora(rank=3, seed=2)]
    to, _ = merged(tmp_path, files, rank=6)
    assert distance(dense_in(to), weighted_sum(files, (1, 1))) < 1e-5
    (tmp_path / "again").mkdir()
    to, outcome = merged(tmp_path / "again", files, rank=4)
    assert outcome.after.dims == {4: 4}
    assert outcome.error == pytest.approx(distance(dense_in(to), weighted_sum(files, (1, 1))), rel=1e-3)


def test_whole_weights_and_loras_are_summed_into_whole_weights_with_their_biases(tmp_path):
    files = [lora(seed=1), lora(seed=2)]
    name = next(iter(SHAPES))
    whole = whole_of(files[1]) | {f"{name}.diff_b": torch.ones(48)}
    to, outcome = merged(tmp_path, [files[0], whole], weights=(1, 0.5))
    found = read_network(to)[0]
    wanted = weighted_sum(files, (1, 0.5))
    assert distance({n: found[f"{n}.diff"].double().flatten(1) for n in SHAPES}, wanted) < 1e-6
    assert torch.equal(found[f"{name}.diff_b"], torch.full((48,), 0.5))
    assert "4 layers" in outcome.notes[0]


def test_whole_weights_become_a_lora_of_the_rank_that_is_asked_for(tmp_path):
    files = [lora(rank=2, seed=1), lora(rank=2, seed=2)]
    name = next(iter(SHAPES))
    whole = whole_of(files[1]) | {f"{name}.diff_b": torch.ones(48)}
    to, outcome = merged(tmp_path, [files[0], whole], rank=4)
    assert distance(dense_in(to), weighted_sum(files, (1, 1))) < 1e-5
    assert f"biases of 1 layers ({name}) are left out" in outcome.notes[0]


def test_layers_of_one_file_alone_stay_of_its_kind(tmp_path):
    first, second = list(SHAPES)[:2], list(SHAPES)[2:]
    one = {key: tensor for key, tensor in whole_of(lora(seed=1)).items() if key.split(".")[0] in first}
    other = {key: tensor for key, tensor in lora(seed=2).items() if key.split(".")[0] in second}
    to, _ = merged(tmp_path, [one, other], weights=(0.5, 2))
    found = read_network(to)[0]
    assert all(torch.equal(found[f"{name}.diff"], one[f"{name}.diff"] / 2) for name in first)
    assert all(torch.equal(found[f"{name}.lora_up.weight"], other[f"{name}.lora_up.weight"] * 2) for name in second)


def test_each_file_has_its_weights_of_blocks(tmp_path):
    files = [lora(seed=1), lora(seed=2)]
    only_text = ",".join(["1", *["0"] * 25])
    to, _ = merged(tmp_path, files, weights=(0.5, 2), blocks=("1", only_text))
    wanted = {name: dense(files[0])[name] / 2 for name in SHAPES}
    text = next(iter(SHAPES))
    wanted[text] += 2 * dense(files[1])[text]
    assert distance(dense_in(to), wanted) < 1e-6


def test_ties_are_those_of_each_layer(tmp_path):
    files = [lora(seed=seed) for seed in (1, 2, 3)]
    to, _ = merged(tmp_path, files, ties=0.3, weights=(1, 2, -1))
    found, name = read_network(to)[0], f"{UNET}proj_in"
    wanted = by_hand([dense(one)[name].float() for one in files], (1, 2, -1), 0.3)
    torch.testing.assert_close(found[f"{name}.diff"].flatten(1).double(), wanted, rtol=1e-4, atol=1e-5)


def test_metadata_are_the_first_files_and_tell_what_was_merged(tmp_path):
    to, _ = merged(tmp_path, [lora(seed=1), lora(seed=2)], weights=(0.5, 1), rank=5, blocks=("FACE", "1"))
    found = read_metadata(to)
    assert found["ss_training_comment"] == "merged by Train Tools: 0 * 0.5 (FACE) + 1 * 1 (rank 5)"
    assert (found["ss_network_dim"], found["ss_network_alpha"]) == ("Dynamic", "Dynamic")


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"weights": (1,)}, "weights = '1.0': give one for each of the 2 files"),
     ({"blocks": ("1", "1", "1")}, "blocks = .*: give one for each of the 2"), ({"weights": (0, 0)}, "leave nothing"),
     ({"blocks": ("1,2", "1")}, "has 2 numbers")],
)  # fmt: skip
def test_weights_that_are_none_for_these_files_are_refused(tmp_path, settings, message):
    with pytest.raises(ConfigError, match=message):
        merged(tmp_path, [lora(), lora()], **settings)


def test_files_of_two_families_are_refused(tmp_path):
    one = written(tmp_path / "a.safetensors", lora())
    other = written(tmp_path / "b.safetensors", lora(), {"ss_base_model_version": "sdxl_base_v1-0"})
    with pytest.raises(ModelFileError, match="b.safetensors: is for SDXL, .*a.safetensors for SD1"):
        merge([one, other], tmp_path / "c.safetensors", MergeConfig())
    wide = {name: (shape[0] + 4, *shape[1:]) for name, shape in SHAPES.items()}
    other = written(tmp_path / "d.safetensors", lora(shapes=wide))
    with pytest.raises(ModelFileError, match=r"d.safetensors: .* has shape \(52, 40\), in .*a.safetensors \(48, 40\)"):
        merge([one, other], tmp_path / "c.safetensors", MergeConfig())
    assert not (tmp_path / "c.safetensors").exists()
