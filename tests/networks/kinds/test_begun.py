"""Networks that begin with a part of the base model's weights."""

import pytest
import torch
from torch import nn

from lib_train.config.network import NetworkConfig
from lib_train.errors import ConfigError
from lib_train.networks.kinds.begun import KIND, BegunUpdate, leading, principal
from lib_train.networks.kinds.lora import LoraUpdate
from lib_train.networks.network import Network
from lib_train.networks.targets import Target, targets_of
from lib_train.training.events import StepDone
from tests.bases import narrow_base, unet_inputs
from tests.fakes import fake_assembly, hand_over

BEGINNINGS = ("pissa", "olora")


def random(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.fixture(scope="module")
def base():
    return ("sd1", *narrow_base("sd1"))


def network_on(base, beginning, *, moved=False, **settings):
    config = NetworkConfig(network_init=beginning, network_dim=4, network_alpha=6, conv_dim=2, conv_alpha=2, **settings)
    network = Network(targets_of(*base), config, seed=3)
    if moved:
        for number, parameter in enumerate(p for part in ("unet", "text_encoder") for p in network.parameters(part)):
            parameter.data.normal_(std=0.02, generator=torch.Generator().manual_seed(number))
    return network


@pytest.mark.parametrize(("rows", "columns", "rank"), [(60, 40, 8), (30, 90, 4), (12, 12, 12)])
def test_principal_halves_make_the_best_matrix_of_their_rank(rows, columns, rank):
    weight = random(rows, columns) * (0.85 ** torch.arange(columns, dtype=torch.float64))
    left, values, right = torch.linalg.svd(weight, full_matrices=False)
    best = (left[:, :rank] * values[:rank]) @ right[:rank]
    up, down = principal(weight.float(), rank, seed=5)
    assert float((up.double() @ down.double() - best).norm() / best.norm()) < 1e-4
    assert torch.allclose(up.norm(dim=0), down.norm(dim=1), rtol=1e-4)
    assert torch.allclose(up.norm(dim=0).double() ** 2, values[:rank], rtol=1e-3)
    assert torch.equal(up, principal(weight.float(), rank, seed=5)[0])


def test_leading_halves_are_of_the_qr_decomposition():
    weight = random(20, 30)
    q, r = torch.linalg.qr(weight)
    up, down = leading(weight.float(), 6)
    assert torch.allclose(up.double() @ down.double(), q[:, :6] @ r[:6], atol=1e-5)
    assert torch.allclose(up.t() @ up, torch.eye(6), atol=1e-5)


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_a_fresh_one_changes_no_bit_of_the_output_nor_of_the_base(base, beginning):
    _, unet, _ = base
    before, weights = unet(**unet_inputs("sd1")).sample, {k: v.clone() for k, v in unet.state_dict().items()}
    network = network_on(base, beginning)
    with network.attached():
        assert torch.equal(unet(**unet_inputs("sd1")).sample, before)
    assert all(torch.equal(weights[name], tensor) for name, tensor in unet.state_dict().items())
    assert not any(update.delta().any() for update in network.layers.values())


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_the_update_is_what_was_trained_less_what_it_began_with(base, beginning):
    for update in network_on(base, beginning, moved=True).layers.values():
        assert isinstance(update, BegunUpdate)
        first = update.first_up.double().flatten(1), update.first_down.double().flatten(1)
        up, down = (
            one + p.detach().double().flatten(1) for one, p in zip(first, (update.up, update.down), strict=True)
        )
        wanted = update.alpha / update.rank * (up @ down - first[0] @ first[1])
        assert torch.allclose(update.delta().detach().double().flatten(1), wanted, atol=1e-5)
        part = update.alpha / update.rank * first[0] @ first[1]
        weight = update.target.weight.double().flatten(1)
        assert float((weight - part).norm()) < float(weight.norm())  # a part of the weight


@pytest.mark.parametrize("beginning", BEGINNINGS)
@pytest.mark.parametrize("precision", [torch.float32, torch.float16])
def test_file_is_an_ordinary_lora_of_twice_the_rank_and_as_exact_as_the_training(base, beginning, precision):
    network = network_on(base, beginning, moved=True)
    stored = {name: tensor.to(precision) for name, tensor in network.tensors().items()}
    read = Network.from_tensors(stored, *base)
    ranks = {update.rank if isinstance(update, LoraUpdate) else None for update in read.layers.values()}
    assert ranks == {8, 4}
    for name, update in read.layers.items():
        ours, theirs = (one.delta().detach().double() for one in (network.layers[name], update))
        assert float((ours - theirs).norm() / ours.norm()) < (1e-6 if precision == torch.float32 else 1e-3)


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_gradients_are_those_of_up_and_down(beginning):
    torch.manual_seed(0)
    module = nn.Linear(12, 9)
    config = NetworkConfig(network_init=beginning, network_dim=3, network_alpha=3)
    update = KIND.create(Target("lora_unet_x", module, "unet", "IN01", "linear"), config, 1)
    assert isinstance(update, BegunUpdate)
    grad = random(9, 12).float()
    (update.delta() * grad).sum().backward()
    torch.testing.assert_close(update.up.grad, grad @ update.first_down.t(), rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(update.down.grad, update.first_up.t() @ grad, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_run_goes_on_from_its_state_bit_for_bit(pictures, tmp_path, beginning):
    def made():
        return fake_assembly(pictures, network={"network_init": beginning, "conv_dim": 2})

    def finished(run):
        losses = {event.step: event.loss for event in run.trainer.events() if isinstance(event, StepDone)}
        return losses, {name: tensor.clone() for name, tensor in run.network.tensors().items()}

    losses, weights = finished(made())
    assert losses[1] == finished(fake_assembly(pictures, network={"conv_dim": 2}))[0][1]
    first, second = made(), made()
    hand_over(first, second, tmp_path)
    rest, resumed = finished(second)
    assert rest == {step: loss for step, loss in losses.items() if step > 2}
    assert all(torch.equal(resumed[name], weights[name]) for name in weights)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"network_type": "loha"}, "only lora and locon begin so"),
        ({"dora_wd": True}, "does not work with dora_wd"),
        ({"tlora": True}, "does not work with tlora"),
        ({"network_dropout": 0.1}, "does not work with network_dropout"),
        ({"network_weights": "a.safetensors"}, "does not work with network_weights"),
    ],
)
def test_what_it_does_not_work_with_is_refused(settings, told):
    with pytest.raises(ConfigError, match=f"network_init = 'pissa': {told}"):
        NetworkConfig(network_init="pissa", **settings)
