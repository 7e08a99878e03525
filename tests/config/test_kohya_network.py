import pytest

from lib_train.config.codec import from_json
from tests.config.test_kohya import problems_of, settings_of


@pytest.mark.parametrize(
    ("given", "dims"),
    [
        ({"LoRA_type": "Standard", "conv_dim": 8, "conv_alpha": 4}, (None, None)),
        ({"LoRA_type": "Kohya LoCon", "conv_dim": 8, "conv_alpha": 4}, (8, 4)),
        ({"LoRA_type": "LyCORIS/LoCon", "conv_dim": 8, "conv_alpha": 4, "dora_wd": False}, (8, 4)),
        ({"network_module": "networks.lora", "network_args": "conv_dim=8 conv_alpha=4"}, (8, 4)),
        ({"network_module": "networks.lora", "network_args": ['"conv_dim = 8"', "conv_alpha=4,"]}, (8, 4)),
        ({"network_module": "networks.lora", "network_args": {"conv_dim": "8", "conv_alpha": 0}}, (8, 8)),
        ({"network_module": "networks.lora"}, (None, None)),
        ({"network_module": "networks.lora", "conv_dim": 0, "conv_alpha": 1}, (None, None)),
        ({"network_module": "lycoris.kohya", "network_args": ["algo=locon", "preset=full"], "network_dim": 16,
          "network_alpha": 2}, (16, 2)),
        ({"network_module": "lycoris.kohya", "network_args": ["algo=lora", "conv_dim=4", "conv_alpha=1"]}, (4, 1)),
        ({"network_module": "lycoris.kohya", "network_args": ["conv_dim=0"], "network_dim": 16}, (None, None)),
    ],
)  # fmt: skip
def test_convolutions_are_trained_where_their_program_trains_them(given, dims):
    network = settings_of(**given).network
    assert (network.conv_dim, network.conv_alpha) == dims


@pytest.mark.parametrize(
    ("given", "told", "noted"),
    [
        ({"network_module": "lycoris.kohya", "network_args": ["algo=full"]}, ("full", False), False),
        ({"LoRA_type": "LyCORIS/Native Fine-Tuning", "dora_wd": False}, ("full", False), False),
        ({"LoRA_type": "LyCORIS/LoCon", "dora_wd": True}, ("lora", True), True),
        ({"network_module": "lycoris.kohya", "network_args": ["algo=lora", "dora_wd=True", "wd_on_output=False"]},
         ("lora", True), False),
        ({"LoRA_type": "Standard", "dora_wd": True}, ("lora", False), False),
        ({"dora_wd": True}, ("lora", True), False),
    ],
)  # fmt: skip
def test_kinds_of_lycoris_are_trained_as_what_they_are(given, told, noted):
    config, notes = from_json(given)
    assert (config.network.network_type, config.network.dora_wd) == told
    assert any("over inputs" in note for note in notes) == noted


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"network_module": "lycoris.kohya", "network_args": ["algo=boft", "conv_dim=4"]}, "network_args"),
        ({"network_module": "lycoris.kohya", "network_args": "algo='glora'"}, "network_args"),
        ({"network_args": ["algo=full"]}, "network_args"),
        ({"network_module": "networks.dylora"}, "network_module"),
        ({"network_module": "networks.lora_fa"}, "network_module"),
        ({"network_module": "networks.oft"}, "network_module"),
        ({"network_module": "networks.lora_flux"}, "network_module"),
        ({"network_module": "networks.loha"}, "network_module"), ({"network_module": "x.y"}, "network_module"),
        ({"LoRA_type": "LyCORIS/GLoRA"}, "LoRA_type"), ({"LoRA_type": "Kohya DyLoRA"}, "LoRA_type"),
        ({"LoRA_type": "LoRA-FA"}, "LoRA_type"), ({"LoRA_type": "Flux1"}, "LoRA_type"),
        ({"network_module": "lycoris.kohya", "network_args": ["use_tucker=True"]}, "use_tucker"),
    ],
)  # fmt: skip
def test_network_of_another_kind_is_refused(given, named):
    assert problems_of(**given) == {
        named: "Train Tools trains LoRA, and LoCon with conv_dim: choose one of these, or train it elsewhere"
    }
