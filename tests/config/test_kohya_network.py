import pytest

from lib_train.config.codec import from_json
from lib_train.config.network import NETWORK_TYPES
from lib_train.networks.kinds import kind_for, main_kind
from lib_train.networks.ranks import rank_args
from lib_train.networks.targets import targets_of
from tests.bases import narrow_base
from tests.config.test_kohya import problems_of, settings_of
from tests.networks.kinds.ways import WAYS, config_of


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


_LYCORIS = {"network_module": "lycoris.kohya", "network_dim": 6, "network_alpha": 3}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (_LYCORIS | {"network_args": ["algo=loha"]}, {"network_type": "loha", "conv_dim": 6, "conv_alpha": 3}),
        (_LYCORIS | {"network_args": ["algo=loha", "conv_dim=4", "conv_alpha=1", "use_cp=True"]},
         {"network_type": "loha", "conv_dim": 4, "conv_alpha": 1, "use_tucker": True}),
        (_LYCORIS | {"network_args": ["algo=lokr", "factor=8", "decompose_both=True"]},
         {"network_type": "lokr", "factor": 8, "decompose_both": True, "full_matrix": False}),
        (_LYCORIS | {"network_args": ["algo=lokr"], "network_dim": 100000, "conv_dim": 8},
         {"network_type": "lokr", "factor": -1, "full_matrix": True, "network_dim": 1024}),
        (_LYCORIS | {"network_args": ["algo=locon", "disable_conv_cp=False"]}, {"use_tucker": True}),
        ({"LoRA_type": "LyCORIS/LoHa", "network_dim": 6, "conv_dim": 4, "conv_alpha": 1, "use_tucker": True},
         {"network_type": "loha", "conv_dim": 4, "use_tucker": True}),
        ({"LoRA_type": "LyCORIS/LoKr", "factor": -1, "decompose_both": False, "use_cp": True},
         {"network_type": "lokr", "factor": -1, "decompose_both": False, "use_tucker": True}),
        ({"LoRA_type": "Standard", "factor": 4, "decompose_both": True, "use_tucker": True, "use_cp": True},
         {"network_type": "lora", "factor": -1, "decompose_both": False, "use_tucker": False}),
    ],
)  # fmt: skip
def test_sizes_of_lycoris_are_ours(given, told):
    network = settings_of(**given).network
    assert {name: getattr(network, name) for name in told} == told


@pytest.mark.parametrize("way", WAYS)
def test_what_metadata_tells_of_a_network_is_read_as_the_same_network(way):
    config = config_of(way)
    kind = main_kind(config)
    args = kind.args(config) if kind.module == "lycoris.kohya" else rank_args(config)
    given = {"network_module": kind.module, "network_args": args, "network_dim": config.network_dim,
             "network_alpha": config.network_alpha}  # fmt: skip
    again = settings_of(**given).network
    layers = [t.layer for t in targets_of("sd1", *narrow_base("sd1"))]
    assert [kind_for(layer, again) for layer in layers] == [kind_for(layer, config) for layer in layers]
    sizes = [[kind_for(layer, one).size(layer, one) for layer in layers] for one in (config, again)]
    assert sizes[0] == sizes[1]


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
        ({"network_module": "lycoris.kohya", "network_args": ["use_scalar=True"]}, "use_scalar"),
    ],
)  # fmt: skip
def test_network_of_another_kind_is_refused(given, named):
    kinds = ", ".join(NETWORK_TYPES)
    assert problems_of(**given) == {named: f"Train Tools trains {kinds}: choose one of these, or train it elsewhere"}


@pytest.mark.parametrize(
    ("given", "preset"),
    [
        ({"network_module": "lycoris.kohya"}, "full"), ({"LoRA_type": "LyCORIS/LoCon"}, "full"),
        ({"network_module": "lycoris.kohya", "network_args": ["conv_dim=0"]}, "full-lin"),
        ({"network_module": "lycoris.kohya", "network_args": ["preset=attn-only"]}, "attn-only"),
        ({"LoRA_type": "LyCORIS/LoCon", "LyCORIS_preset": "unet-only"}, "unet-only"),
        ({"network_module": "lycoris.kohya", "network_args": ["algo=ia3"]}, "ia3"),
        ({"LoRA_type": "LyCORIS/iA3", "LyCORIS_preset": "full"}, "full"),
        ({"network_module": "networks.lora"}, "auto"), ({"LoRA_type": "Standard", "LyCORIS_preset": "full"}, "auto"),
    ],
)  # fmt: skip
def test_layers_are_those_of_the_preset_that_lycoris_takes(given, preset):
    assert settings_of(**given).network.network_preset == preset


def test_a_preset_in_a_file_of_its_own_is_told_to_be_without_effect():
    config, notes = from_json({"network_module": "lycoris.kohya", "network_args": ["preset=/a/mine.toml"]})
    assert config.network.network_preset == "auto"
    assert "network_args: without effect here: preset=/a/mine.toml" in notes


@pytest.mark.parametrize(
    ("given", "norms"),
    [
        ({"network_module": "lycoris.kohya", "network_args": ["train_norm=True"]}, True),
        ({"LoRA_type": "LyCORIS/iA3", "train_norm": True}, True),
        ({"LoRA_type": "Standard", "train_norm": True}, False),
    ],
)
def test_norms_are_trained_where_lycoris_trains_them(given, norms):
    assert settings_of(**given).network.train_norm == norms
