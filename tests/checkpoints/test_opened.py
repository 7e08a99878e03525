import os

import pytest
import torch
from safetensors.torch import load_file, save_file

from lib_train.checkpoints.files import read_network
from lib_train.checkpoints.opened import opened_tensors
from lib_train.errors import ModelFileError

KINDS = (
    torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2, torch.int64,
    torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool,
)  # fmt: skip


def bits(tensor):
    return (tensor.dtype, tuple(tensor.shape), tensor.reshape(-1).view(torch.uint8).tolist())


def test_tensors_of_every_type_and_shape_are_those_that_safetensors_reads(tmp_path):
    numbers = torch.tensor([[1.5, -2.0, 0.0], [3.0, 100.0, -0.25]])
    tensors = {f"{kind}": numbers.to(kind) for kind in KINDS}
    tensors |= {"one": torch.tensor(7.0), "none": torch.empty(0, 3), "odd": torch.ones(3, dtype=torch.uint8)}
    save_file(tensors, tmp_path / "a.safetensors")
    found, wanted = read_network(tmp_path / "a.safetensors")[0], load_file(tmp_path / "a.safetensors")
    assert {name: bits(one) for name, one in found.items()} == {name: bits(one) for name, one in wanted.items()}


@pytest.fixture
def path(tmp_path):
    """Two tensors of zeros; somebody wrote the file long ago."""
    path = tmp_path / "a.safetensors"
    save_file({"x": torch.zeros(5000), "y": torch.zeros(5000)}, path)
    os.utime(path, (1, 1))
    return path


@pytest.mark.parametrize("way", ["cut", "emptied", "written over", "longer"])
def test_file_that_is_written_into_meanwhile_is_told_and_what_was_read_stays(path, way):
    with opened_tensors(path) as file:
        before = file.take("x")
        content = path.read_bytes()
        changed = {
            "cut": content[:-9000],
            "emptied": b"",
            "longer": content + b"x",
            "written over": content[:-1] + b"x",
        }
        path.write_bytes(changed[way])
        for name in ("x", "y"):
            with pytest.raises(
                ModelFileError, match=r"a\.safetensors: was changed while it was read; wait until it is"
            ):
                file.take(name)
    assert torch.equal(before, torch.zeros(5000))


@pytest.mark.skipif(os.name == "nt", reason="Windows replaces and deletes no file that is open")
@pytest.mark.parametrize("gone", [True, False])
def test_file_that_is_replaced_or_deleted_meanwhile_is_read_to_its_end(path, gone):
    with opened_tensors(path) as file:
        if gone:
            path.unlink()
        else:
            save_file({"x": torch.ones(5000), "y": torch.ones(5000)}, path.with_name("b"))
            os.replace(path.with_name("b"), path)
        assert not file.take("y").any()
