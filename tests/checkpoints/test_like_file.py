import torch
from safetensors.torch import save_file

from lib_train.checkpoints.like_file import like
from lib_train.config.codec import config_of

NAME = "lora_unet_mid_block_attentions_0_proj_in"


def file(path, metadata=None, alpha=2.0, rank=4):
    tensors = {f"{NAME}.lora_down.weight": torch.ones(rank, 8), f"{NAME}.lora_up.weight": torch.ones(8, rank)}
    save_file(tensors | {f"{NAME}.alpha": torch.tensor(alpha)}, path, metadata)
    return path


def test_ranks_of_the_metadata_count(tmp_path):
    found = like(file(tmp_path / "a.safetensors", {"ss_network_dim": "16", "ss_network_alpha": "8"}))
    network = config_of(found.settings).network
    assert (network.network_dim, network.network_alpha) == (16, 8.0)


def test_ranks_that_it_does_not_tell_are_those_of_the_layers(tmp_path):
    for metadata in (None, {"ss_network_dim": "Dynamic", "ss_network_alpha": "Dynamic", "ss_seed": "3"}):
        found = like(file(tmp_path / "a.safetensors", metadata))
        config = config_of(found.settings)
        assert (config.network.network_type, config.network.network_dim, config.network.network_alpha) == ("lora", 4, 2)
        assert config.training.seed == (3 if metadata else 42)
        assert bool(found.notes) == (metadata is None)


def test_numbers_that_no_setting_can_be_are_not_taken(tmp_path):
    assert like(file(tmp_path / "a.safetensors", alpha=-1.0)).settings["network_dim"] == 16  # the usual one
    save_file({"note": torch.ones(1)}, tmp_path / "b.safetensors")
    assert like(tmp_path / "b.safetensors").settings == {}
