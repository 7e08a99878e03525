from types import SimpleNamespace

import pytest
import torch

from lib_train.planning.device import memory_in_use, memory_of


def test_memory_is_that_of_the_card_and_all_that_is_not_free_is_in_use(monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: SimpleNamespace(total_memory=8 * 2**30))
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (3 * 2**30, 8 * 2**30))
    assert memory_of(torch.device("cuda")) == 8 * 2**30
    assert memory_in_use(torch.device("cuda")) == 5 * 2**30


@pytest.mark.parametrize("memory", [memory_of, memory_in_use])
def test_device_without_memory_of_its_own_or_that_is_gone_tells_nothing(memory, monkeypatch):
    def gone(device: torch.device) -> None:
        raise RuntimeError("No CUDA GPUs are available")

    monkeypatch.setattr(torch.cuda, "get_device_properties", gone)
    monkeypatch.setattr(torch.cuda, "mem_get_info", gone)
    assert memory(torch.device("cpu")) is None
    assert memory(torch.device("cuda")) is None
