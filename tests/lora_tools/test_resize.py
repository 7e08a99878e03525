import math

import pytest
import torch

from lib_train.checkpoints.files import read_metadata, read_network
from lib_train.checkpoints.hashes import network_hashes
from lib_train.config.tools import ResizeConfig
from lib_train.errors import ConfigError, FileError
from lib_train.lora_tools.resize import resize
from tests.lora_tools.networks import SHAPES, dense, dense_in, distance, lora, written


def resized(tmp_path, tensors, metadata=None, precision="float", **settings):
    file, to = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    written(file, tensors, metadata, precision)
    return to, resize(file, to, ResizeConfig(**settings))


def truncated(wanted, rank):
    """The best approximation by numpy's SVD, in float64."""
    found = {}
    for name, matrix in wanted.items():
        u, s, v = torch.linalg.svd(matrix, full_matrices=False)
        found[name] = u[:, :rank] * s[:rank] @ v[:rank]
    return found


def test_delta_stays_where_the_rank_suffices(tmp_path):
    tensors = lora(rank=4, alpha=1.0)
    to, outcome = resized(tmp_path, tensors, rank=6)
    assert distance(dense_in(to), dense(tensors)) < 1e-5
    assert outcome.error < 1e-5
    assert outcome.after.dims == {4: 4}


@pytest.mark.parametrize("rank", [1, 3])
def test_delta_is_the_best_of_the_rank_and_its_error_is_told(tmp_path, rank):
    tensors = lora(rank=6, decay=0.4)
    to, outcome = resized(tmp_path, tensors, rank=rank)
    wanted = dense(tensors)
    assert distance(dense_in(to), truncated(wanted, rank)) < 1e-5
    assert outcome.error == pytest.approx(distance(dense_in(to), wanted), rel=1e-3)
    assert outcome.before[0].norm == pytest.approx(sum(float(one.square().sum()) for one in wanted.values()) ** 0.5)
    assert outcome.after.norm == pytest.approx(
        sum(float(one.square().sum()) for one in dense_in(to).values()) ** 0.5, rel=1e-5
    )


def test_tensors_have_kohyas_shapes_with_alpha_the_rank(tmp_path):
    to, _ = resized(tmp_path, lora(rank=6), rank=3, conv_rank=2)
    found, _ = read_network(to)
    for name, shape in SHAPES.items():
        rank, ones = (2, (1, 1)) if shape[2:] == (3, 3) else (3, (1,) * (len(shape) - 2))
        assert found[f"{name}.lora_down.weight"].shape == (rank, *shape[1:])
        assert found[f"{name}.lora_up.weight"].shape == (shape[0], rank, *ones)
        assert found[f"{name}.alpha"] == rank
    assert list(found) == sorted(found)


def test_whole_weights_become_a_lora_and_lost_biases_are_told(tmp_path):
    tensors = lora(rank=2)
    whole = {f"{name}.diff": matrix.reshape(SHAPES[name]).float() for name, matrix in dense(tensors).items()}
    name = next(iter(SHAPES))
    to, outcome = resized(tmp_path, whole | {f"{name}.diff_b": torch.ones(48)}, rank=2)
    assert distance(dense_in(to), dense(tensors)) < 1e-5
    assert len(outcome.notes) == 1
    assert f"biases of 1 layers ({name})" in outcome.notes[0]
    assert read_metadata(to)["ss_network_module"] == "networks.lora"


@pytest.mark.parametrize(
    ("kind", "rank", "larger", "told"), [("loha", 16, True, True), ("diff", 8, False, False), ("lora", 4, True, False)]
)
def test_a_larger_file_is_told_where_a_lora_takes_more_numbers_than_the_kind_before(tmp_path, kind, rank, larger, told):
    loha = {
        f"{name}.hada_w{side}_{part}": torch.randn((shape[0], 4) if part == "a" else (4, math.prod(shape[1:])))
        for name, shape in SHAPES.items() for side in "12" for part in "ab"
    }  # fmt: skip
    whole = {f"{name}.diff": torch.randn(shape) for name, shape in SHAPES.items()}
    tensors = {"loha": loha, "diff": whole, "lora": lora(rank=4)}[kind]
    _, outcome = resized(tmp_path, tensors, rank=rank)
    before, after, notes = outcome.before[0], outcome.after, "".join(outcome.notes)
    assert (after.size_bytes > before.size_bytes) == larger  # that of the LoRA by the words of its comment alone
    assert ("larger: as a LoRA these layers take more numbers than as LoHa" in notes) == told


@pytest.mark.parametrize("decay", [0.0, 0.5])
def test_file_of_a_size_is_no_larger_and_loses_no_more_than_the_common_rank_that_fits(tmp_path, decay):
    tensors, room = lora(rank=12, decay=decay), 70_000
    metadata = {"ss_tag_frequency": "x" * 56_000}
    to, outcome = resized(tmp_path, tensors, metadata, size_mb=room / 2**20)
    assert room * 0.95 < to.stat().st_size <= room
    assert "hold" in outcome.notes[0]
    assert outcome.error == pytest.approx(distance(dense_in(to), dense(tensors)), rel=1e-3)
    sizes = {}
    for rank in range(1, 12):
        path = tmp_path / f"{rank}.safetensors"
        written(path, lora(rank=rank), metadata)
        sizes[rank] = path.stat().st_size
    common = max(rank for rank, size in sizes.items() if size < room * 0.98)
    assert outcome.error <= distance(truncated(dense(tensors), common), dense(tensors)) * 1.0001


def test_size_that_holds_no_rank_is_refused_with_the_least(tmp_path):
    with pytest.raises(ConfigError, match=r"size_mb = 0.01: rank 1 in each layer takes 0.0\d already"):
        resized(tmp_path, lora(), {"ss_tag_frequency": "x" * 30000}, size_mb=0.01)


def test_metadata_are_kept_but_for_what_changed(tmp_path):
    to, _ = resized(
        tmp_path, lora(), {"ss_network_dim": "4", "ss_tag_frequency": "{}", "sshs_model_hash": "stale",
        "modelspec.hash_sha256": "stale", "ss_output_name": "a", "ss_training_comment": "mine"}, rank=3, conv_rank=2,
    )  # fmt: skip
    found = read_metadata(to)
    assert found["ss_tag_frequency"] == "{}"
    assert found["ss_base_model_version"] == "sd_v1"
    assert (found["ss_network_dim"], found["ss_network_alpha"]) == ("Dynamic", "Dynamic")
    assert found["ss_output_name"] == "b"
    assert found["ss_training_comment"] == "mine; resized by Train Tools (rank 3, conv_rank 2)"
    assert found["sshs_model_hash"] == network_hashes(to.read_bytes())["sshs_model_hash"]
    assert "modelspec.hash_sha256" not in found


@pytest.mark.parametrize(("given", "wanted"), [("keep", torch.bfloat16), ("fp16", torch.float16)])
def test_precision_is_kept_or_chosen(tmp_path, given, wanted):
    to, _ = resized(tmp_path, lora(), precision="bf16", rank=2, save_precision=given)
    assert {tensor.dtype for tensor in read_network(to)[0].values()} == {wanted}


def test_embeddings_in_the_file_stay(tmp_path):
    bundled = {"bundle_emb.mochi.string_to_param.*": torch.ones(2, 4)}
    to, _ = resized(tmp_path, lora() | bundled, rank=2)
    assert torch.equal(read_network(to)[0]["bundle_emb.mochi.string_to_param.*"], torch.ones(2, 4))


def test_file_that_is_there_is_not_written_over_nor_anything_reckoned(tmp_path):
    (tmp_path / "b.safetensors").write_bytes(b"mine")
    with pytest.raises(FileError, match="b.safetensors: is there already"):
        resized(tmp_path, lora(), rank=2)
    assert (tmp_path / "b.safetensors").read_bytes() == b"mine"


def test_name_that_the_webui_does_not_list_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="to = .*b.pt': give a name that ends with .safetensors"):
        resize(tmp_path / "a.safetensors", tmp_path / "b.pt", ResizeConfig(rank=1))
