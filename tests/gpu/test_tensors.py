"""Tensors of the device where the CPU's are the rule: files and dropouts."""

import pytest
import torch

from lib_train.checkpoints.files import holds, write_network
from lib_train.config.network import NetworkConfig
from lib_train.networks.dropout import Dropout


def test_file_of_the_device_s_tensors_is_the_one_that_holds_them(tmp_path, device):
    tensors = {"a": torch.tensor([1.0, 65536.0], device=device), "b": torch.ones(2, device=device)}
    assert write_network(tmp_path / "a.safetensors", tensors, {}) == ["a"]
    assert holds(tmp_path / "a.safetensors", tensors, "fp16")
    assert not holds(tmp_path / "a.safetensors", {**tensors, "b": torch.zeros(2, device=device)}, "fp16")


@pytest.mark.parametrize("settings", [{"network_dropout": 0.5}, {"rank_dropout": 0.5}], ids=str)
def test_dropout_is_drawn_where_the_activations_are(device, settings):
    dropout = Dropout(NetworkConfig(**settings))
    dropout.begin_step(7)
    thin = dropout.thinning("a", -1)
    assert thin is not None
    low = thin(torch.ones(2, 50, 8, device=device))
    assert low.device.type == device.type
    assert set(low.unique().tolist()) == {0.0, 2.0}
