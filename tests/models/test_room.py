import mmap

import pytest
import torch

from lib_train.models.room import room_for

CPU = torch.device("cpu")
WANTED = {
    name: torch.empty(shape, device="meta")
    for name, shape in {"conv": (8, 6, 3, 3), "point": (8, 6, 1, 1), "linear": (5, 7), "bias": (3,), "one": ()}.items()
}


@pytest.mark.parametrize("form", [torch.channels_last, torch.contiguous_format], ids=["last", "first"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_tensors_are_those_that_torch_makes_and_do_not_overlap(dtype, form):
    room = room_for(WANTED, dtype, CPU, form)
    for number, tensor in enumerate(room.values()):
        tensor.fill_(number)
    for number, (name, tensor) in enumerate(room.items()):
        plain = torch.empty(tensor.shape, dtype=dtype)
        plain = plain.to(memory_format=form) if tensor.dim() == 4 else plain
        assert (tensor.shape, tensor.stride(), tensor.dtype) == (WANTED[name].shape, plain.stride(), dtype)
        assert tensor.data_ptr() % 64 == 0
        assert bool((tensor == number).all())


def test_writing_to_one_does_not_count_as_a_change_of_another():
    room = room_for(WANTED, torch.float32, CPU, torch.contiguous_format)
    before = room["bias"]._version
    room["linear"].zero_()
    assert room["bias"]._version == before


@pytest.mark.parametrize("without", ["name", "kernel"])
def test_systems_without_large_pages_have_room_too(monkeypatch, without):
    if without == "name":
        monkeypatch.delattr(mmap, "MADV_HUGEPAGE", raising=False)
    else:
        monkeypatch.setattr(mmap, "MADV_HUGEPAGE", -1, raising=False)
    room = room_for(WANTED, torch.float32, CPU, torch.contiguous_format)
    assert float(room["linear"].fill_(2.0).sum()) == 70.0
