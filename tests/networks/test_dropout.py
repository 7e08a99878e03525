import math

import pytest
import torch
from torch.utils.checkpoint import checkpoint

from lib_train.config.network import NetworkConfig
from lib_train.networks.dropout import Dropout, ranks_at
from lib_train.networks.network import Network
from lib_train.networks.targets import targets_of
from tests.bases import narrow_base, unet_inputs

NAMES = [f"lora_unet_{n}" for n in range(2000)]


def dropout(seed=5, **rates):
    out = Dropout(NetworkConfig(**rates))
    out.begin_step(seed)
    return out


def test_network_dropout_thins_single_activations_and_keeps_their_mean():
    low = dropout(network_dropout=0.3).thinning("a", -1)(torch.ones(4, 500, 16))
    assert low.unique().tolist() == pytest.approx([0.0, 1 / 0.7])
    assert low.eq(0).float().mean() == pytest.approx(0.3, abs=0.02)


@pytest.mark.parametrize(("shape", "axis"), [((8, 50, 400), -1), ((8, 400, 5, 5), 1), ((8, 400), -1)])
def test_rank_dropout_leaves_out_whole_ranks_of_single_pictures(shape, axis):
    low = dropout(rank_dropout=0.25).thinning("a", axis)(torch.ones(shape)).movedim(axis, 1)
    low = low.reshape(8, 400, -1)
    assert (low == low[..., :1]).all()
    assert not torch.equal(low[0], low[1])
    assert low.eq(0).float().mean() == pytest.approx(0.25, abs=0.03)


def test_module_dropout_skips_its_share_of_layers_anew_in_each_step():
    first, second = dropout(1, module_dropout=0.4), dropout(2, module_dropout=0.4)
    skipped = [[d.skips(name) for name in NAMES] for d in (first, second)]
    assert sum(skipped[0]) / len(NAMES) == pytest.approx(0.4, abs=0.03)
    assert skipped[0] != skipped[1]
    assert skipped[0] == [first.skips(name) for name in NAMES]


def test_dropouts_depend_on_step_and_name_alone_and_on_no_global_state():
    before = torch.random.get_rng_state()
    thin = dropout(network_dropout=0.5, rank_dropout=0.5).thinning
    low = torch.ones(2, 9, 8)
    assert torch.equal(thin("a", -1)(low), thin("a", -1)(low))
    assert not torch.equal(thin("a", -1)(low), thin("b", -1)(low))
    assert not torch.equal(thin("a", -1)(low), dropout(6, network_dropout=0.5).thinning("a", -1)(low))
    assert torch.equal(before, torch.random.get_rng_state())


def test_dropouts_rest_where_no_gradients_are_recorded():
    every = dropout(network_dropout=0.9, rank_dropout=0.9, module_dropout=0.99)
    with torch.no_grad():
        assert every.thinning("a", -1) is None
        assert not any(every.skips(name) for name in NAMES)


def test_recomputed_activations_are_thinned_alike_in_a_whole_unet():
    unet, _ = narrow_base("sd1")
    config = NetworkConfig(network_dim=4, conv_dim=2, network_dropout=0.3, rank_dropout=0.3, module_dropout=0.3)
    network = Network(targets_of("sd1", unet, [], parts=("unet",)), config, seed=0)
    trained = network.parameters("unet")
    for place, parameter in enumerate(trained):
        parameter.data.normal_(0, 0.1, generator=torch.Generator().manual_seed(place))
    network.begin_step(11)
    inputs = unet_inputs("sd1")

    def loss():
        return unet(**inputs).sample.square().mean()

    with network.attached():
        plain = torch.autograd.grad(loss(), trained, allow_unused=True)
        twice = torch.autograd.grad(checkpoint(loss, use_reentrant=False), trained, allow_unused=True)
    assert any(gradient is None for gradient in plain)
    for ours, theirs in zip(twice, plain, strict=True):
        assert (ours is None and theirs is None) or torch.equal(ours, theirs)


def test_rows_that_rank_dropout_leaves_out_are_drawn_anew_in_each_step_and_keep_their_mean():
    rows = dropout(rank_dropout=0.3).rows("a", 4000, torch.device("cpu"))
    assert rows.unique().tolist() == pytest.approx([0.0, 1 / 0.7])
    assert rows.eq(0).float().mean() == pytest.approx(0.3, abs=0.03)
    assert torch.equal(rows, dropout(rank_dropout=0.3).rows("a", 4000, torch.device("cpu")))
    for other in (dropout(6, rank_dropout=0.3).rows("a", 4000, torch.device("cpu")),
                  dropout(rank_dropout=0.3).rows("b", 4000, torch.device("cpu"))):  # fmt: skip
        assert not torch.equal(rows, other)
    assert dropout().rows("a", 4000, torch.device("cpu")) is None
    with torch.no_grad():
        assert dropout(rank_dropout=0.3).rows("a", 4000, torch.device("cpu")) is None


@pytest.mark.parametrize(
    ("rank", "least", "power"), [(16, 1, 1.0), (16, 4, 2.0), (4, 8, 1.0), (1, 1, 1.0), (64, 1, 0.5)]
)
def test_ranks_of_a_timestep_are_those_of_the_formula(rank, least, power):
    steps = [0, 1, 62, 63, 250, 500, 999]
    low = min(least, rank)
    wanted = [math.floor(((1000 - t) / 1000) ** power * (rank - low)) + low for t in steps]
    found = ranks_at(torch.tensor(steps), rank, least, power).tolist()
    assert found == wanted
    assert found[0] == rank


def thinned(out, layer, axis, low):
    thinning = out.thinning(layer, axis)
    assert thinning is not None
    return thinning(low)


@pytest.mark.parametrize(("shape", "axis"), [((3, 50, 8), -1), ((3, 8, 5, 5), 1)])
def test_each_picture_trains_the_first_ranks_of_its_timestep(shape, axis):
    out = Dropout(NetworkConfig(tlora=True, tlora_min_rank=2))
    out.begin_step(5, torch.tensor([0, 500, 999]))
    low = thinned(out, "lora_unet_a", axis, torch.ones(shape)).movedim(axis, 1).reshape(3, 8, -1)
    assert (low == low[..., :1]).all()
    assert low[..., 0].tolist() == [[1.0] * 8, [1.0] * 5 + [0.0] * 3, [1.0] * 2 + [0.0] * 6]
    assert thinned(out, "lora_te_a", axis, torch.ones(shape)).all()  # text encoders see no noise
    with torch.no_grad():
        assert out.thinning("lora_unet_a", axis) is None
    out.begin_step(6, torch.tensor([0, 0, 0]))
    assert thinned(out, "lora_unet_a", axis, torch.ones(shape)).all()


def test_gradients_reach_the_ranks_of_the_timestep_alone():
    unet, _ = narrow_base("sd1")
    network = Network(targets_of("sd1", unet, ()), NetworkConfig(network_dim=4, conv_dim=4, tlora=True), seed=3)
    for parameter in network.parameters("unet"):
        parameter.data.normal_(std=0.1)
    network.begin_step(11, torch.tensor([500, 500]))  # floor(0.5 * 3) + 1 = 2 of 4
    with network.attached():
        unet(**unet_inputs("sd1")).sample.square().sum().backward()
    for name, update in network.layers.items():
        parts = update.parameters()
        down, up = parts["lora_down.weight"].grad, parts["lora_up.weight"].grad
        assert down is not None, name
        assert up is not None, name
        assert down[:2].any() and up[:, :2].any(), name  # noqa: PT018
        assert not down[2:].any() and not up[:, 2:].any(), name  # noqa: PT018
