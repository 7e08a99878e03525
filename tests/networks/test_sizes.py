import math

import pytest
import torch

from lib_train.config.network import NetworkConfig
from lib_train.networks.kron import factorization
from lib_train.networks.sizes import sizes_in

LINEAR = [f"lora_unet_mid_block_attentions_0_transformer_blocks_0_attn{n}_to_q" for n in (1, 2)]
ONE, CONV = "lora_unet_mid_block_resnets_0_conv_shortcut", "lora_unet_mid_block_resnets_0_conv1"


def lora(name, rank, alpha=None, kernel=()):
    parts = {"lora_down.weight": torch.ones(rank, 8, *kernel), "lora_up.weight": torch.ones(8, rank, *kernel[:0])}
    return {f"{name}.{part}": t for part, t in parts.items()} | (
        {f"{name}.alpha": torch.tensor(alpha)} if alpha else {}
    )


def test_sizes_are_those_of_most_layers():
    file = lora(LINEAR[0], 4, 2.0) | lora(LINEAR[1], 6, 3.0) | lora(ONE, 4, 2.0, (1, 1)) | lora(CONV, 3, 1.5, (3, 3))
    sizes = sizes_in(file)
    assert sizes[:5] == (("LoCon",), 4, 2.0, 3, 1.5)
    assert str(sizes) == "LoCon of rank 4 with alpha 2"
    found = sizes.on(NetworkConfig(network_dim=64, network_alpha=64.0, network_dropout=0.5))
    assert found == NetworkConfig(
        network_type="locon", network_dim=4, network_alpha=2.0, conv_dim=3, conv_alpha=1.5, network_dropout=0.5
    )


def test_without_convolutions_none_are_set_and_without_alpha_it_is_the_rank():
    sizes = sizes_in(lora(LINEAR[0], 4))
    assert sizes[:5] == (("LoRA",), 4, None, None, None)
    assert sizes.on(NetworkConfig(conv_dim=8)) == NetworkConfig(network_dim=4, network_alpha=4.0)
    assert str(sizes) == "LoRA of rank 4 with alpha 4"


@pytest.mark.parametrize("name", ["input_blocks_1_0_in_layers_2", "input_blocks_3_0_op", "output_blocks_2_2_conv"])
def test_convolutions_of_sdxl_are_known_by_their_names(name):
    assert sizes_in(lora(f"lora_unet_{name}", 3, 1.0, (3, 3)))[1:5] == (None, None, 3, 1.0)


def test_what_settings_cannot_say_stays_as_it_is_set():
    config = NetworkConfig(network_dim=12)
    assert sizes_in({f"{LINEAR[0]}.unheard_of": torch.ones(8, 4)}).on(config) == config
    assert sizes_in(lora(LINEAR[0], 2000)).on(config) == config


@pytest.mark.parametrize(("parts", "kind"), [
    ({"lora_down.weight": (4, 8), "lora_up.weight": (8, 4), "dora_scale": (1, 8)}, {"network_type": "dora"}),
    ({"hada_w1_a": (8, 4), "hada_w1_b": (4, 8), "hada_w2_a": (8, 4), "hada_w2_b": (4, 8)}, {"network_type": "loha"}),
    ({"hada_w1_a": (8, 4), "hada_w1_b": (4, 8), "hada_w2_a": (8, 4), "hada_w2_b": (4, 8), "dora_scale": (1, 8)},
     {"network_type": "loha", "dora_wd": True}),
    ({"lokr_w1": (2, 2), "lokr_w2_a": (9, 4), "lokr_w2_b": (4, 9)},
     {"network_type": "lokr", "factor": 2}),
    ({"lokr_w1": (2, 2), "lokr_w2_a": (4, 9), "lokr_w2_b": (4, 9), "lokr_t2": (4, 4, 3, 3), "dora_scale": (1, 18)},
     {"network_type": "lokr", "use_tucker": True, "dora_wd": True, "factor": 2}),
    ({"lora_down.weight": (4, 8, 1, 1), "lora_up.weight": (8, 4, 1, 1), "lora_mid.weight": (4, 4, 3, 3)},
     {"network_type": "locon", "use_tucker": True}),
])  # fmt: skip
def test_kinds_are_set_as_they_are_called_here(parts, kind):
    sizes = sizes_in({f"{LINEAR[0]}.{part}": torch.ones(shape) for part, shape in parts.items()})
    config = NetworkConfig(rs_lora=True, network_type="locon", dora_wd=True)
    assert sizes.on(config) == NetworkConfig(network_dim=4, network_alpha=4.0, **kind)


def test_decomposed_convolutions_are_set_too():
    shapes = {"lora_down.weight": (3, 8, 1, 1), "lora_mid.weight": (3, 3, 3, 3), "lora_up.weight": (8, 3, 1, 1)}
    file = lora(LINEAR[0], 4) | lora(LINEAR[1], 4) | {f"{CONV}.{part}": torch.ones(s) for part, s in shapes.items()}
    found = sizes_in(file).on(NetworkConfig())
    assert (found.network_type, found.network_dim, found.conv_dim, found.use_tucker) == ("lora", 4, 3, True)


def test_a_whole_weight_has_no_rank():
    found = sizes_in({f"{LINEAR[0]}.diff": torch.ones(8, 8)}).on(NetworkConfig(network_dim=12))
    assert (found.network_type, found.network_dim) == ("full", 12)


def lokr(out, into, factor, rank=4, kernel=(), halved=False):
    (o, p), (i, q) = factorization(out, factor), factorization(into, factor)
    first = {"lokr_w1_a": (o, rank), "lokr_w1_b": (rank, i)} if halved else {"lokr_w1": (o, i)}
    second = {"lokr_w2_a": (p, rank), "lokr_w2_b": (rank, q * math.prod(kernel))}
    return first | (second if rank else {"lokr_w2": (p, q, *kernel)})


def sizes_of_lokr(*layers):
    names = (LINEAR[0], LINEAR[1], CONV)
    return sizes_in({f"{name}.{part}": torch.ones(shape) for name, parts in zip(names, layers, strict=False)
                     for part, shape in parts.items()})  # fmt: skip


@pytest.mark.parametrize(("factor", "set_to", "wanted"), [
    (8, -1, 8), (-1, 8, -1), (4, 4, 4), (2, 16, 2), (16, -1, 16),
    (1000, -1, -1), (1000, 1000, 1000),  # which divides nothing here: both make the parts as equal as can be
])  # fmt: skip
def test_factor_of_lokr_is_that_by_which_its_layers_are_divided(factor, set_to, wanted):
    sizes = sizes_of_lokr(lokr(320, 640, factor), lokr(125, 320, factor), lokr(640, 320, factor, kernel=(3, 3)))
    assert sizes.on(NetworkConfig(factor=set_to)).factor == wanted


def test_what_else_is_lokrs_own_is_that_of_its_layers():
    set_so = NetworkConfig(network_type="lokr", decompose_both=True, full_matrix=True)
    thin = sizes_of_lokr(lokr(320, 640, 8), lokr(320, 320, 8)).on(set_so)
    assert (thin.decompose_both, thin.full_matrix) == (False, False)
    halved = sizes_of_lokr(lokr(320, 640, -1, 2), lokr(320, 320, -1, 2, halved=True)).on(NetworkConfig())
    assert (halved.decompose_both, halved.full_matrix) == (True, False)
    whole = sizes_of_lokr(lokr(320, 640, 8, 0), lokr(320, 320, 8, 0)).on(NetworkConfig())
    assert (whole.decompose_both, whole.full_matrix, whole.factor) == (False, True, 8)


def test_factors_that_fit_no_settings_and_damaged_layers_leave_the_factor_as_it_is_set():
    mixed = sizes_of_lokr(lokr(320, 640, 8), lokr(320, 640, 2))
    assert mixed.on(NetworkConfig(factor=16)).factor == 16
    assert sizes_of_lokr({"lokr_w1": (8, 8)}).on(NetworkConfig(factor=16)).factor == 16
