from collections import Counter

import pytest
import torch
from torch import nn

from lib_train.checkpoints import metadata
from lib_train.config.codec import config_of
from lib_train.config.network import NetworkConfig
from lib_train.errors import ModelFileError
from lib_train.networks.kinds import KINDS
from lib_train.networks.network import Network
from lib_train.networks.targets import Target, targets_of
from tests.bases import narrow_base, text_encoders_of, unet_of, without_memory
from tests.checkpoints.test_metadata import facts

IA3 = NetworkConfig(network_type="ia3")


@pytest.mark.parametrize(("family", "text", "unet"), [("sd1", 36, 80), ("sd2", 23, 80), ("sdxl", 36 + 32, 350)])
def test_layers_are_those_of_lycoris_preset_that_the_webui_reads(family, text, unet):
    """Five of each transformer block; of each text layer three, but one where q, k, v and out are read together."""
    with without_memory():
        targets = targets_of(family, unet_of(family), text_encoders_of(family))
    found = [target for target in targets if KINDS["IA3"].size(target.layer, IA3)]
    assert Counter(target.part for target in found) == {"text_encoder": text, "unet": unet}
    assert {target.name.rpartition("_")[2] for target in found} <= {"k", "v", "2", "proj", "fc2"}


def test_the_last_layer_of_a_feed_forward_is_scaled_on_its_inputs_and_keys_on_their_outputs():
    network = Network(targets_of("sd1", *narrow_base("sd1")), IA3, seed=0)
    for name, update in network.layers.items():
        outputs, inputs = update.target.weight.shape
        on_input = name.endswith(("_ff_net_2", "_mlp_fc2"))
        assert update.constants()["on_input"] == on_input
        assert update.parameters()["weight"].shape == ((inputs if on_input else outputs),)


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({"weight": torch.zeros(1, 4, 1, 1), "on_input": torch.tensor(0)}, "which the WebUI passes over"),
        ({"weight": torch.zeros(1, 6, 1, 1)}, r"on_input is missing"),
        ({"on_input": torch.tensor(1)}, r"weight is missing"),
        ({"weight": torch.zeros(1, 4, 1, 1), "on_input": torch.tensor(1)}, r"weight has shape \(1, 4, 1, 1\)"),
    ],
)
def test_what_the_webui_does_not_read_is_refused(parts, told):
    target = Target("lora_unet_x", nn.Conv2d(6, 4, 3).requires_grad_(False), "unet", "IN04", "conv3x3")
    network = Network((), IA3, seed=0)
    network.layers = {target.name: KINDS["IA3"].create(target, IA3, 0)}
    with pytest.raises(ModelFileError, match=told):
        network.load({f"lora_unet_x.{part}": tensor for part, tensor in parts.items()})


def test_metadata_are_those_of_lycoris():
    found = metadata.network_metadata(config_of({"network_type": "ia3"}), facts(), stem="a", step=1, epoch=1)
    assert found["ss_network_module"] == "lycoris.kohya"
    assert found["ss_network_args"] == '{"algo": "ia3", "preset": "ia3"}'
