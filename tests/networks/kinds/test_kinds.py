"""The seam itself: a second kind, in a file of its own and a line in KINDS, is trained, kept, read and counted."""

import copy
import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lib_train.checkpoints import metadata
from lib_train.config.network import NetworkConfig
from lib_train.config.run import RunConfig
from lib_train.errors import ModelFileError
from lib_train.network_kinds import SUPPORTED, layers_of
from lib_train.networks import network as networks
from lib_train.networks.dense import DenseUpdate
from lib_train.networks.kinds import KINDS
from lib_train.networks.network import Network
from lib_train.networks.parts import matrix_in, take
from lib_train.networks.targets import SHARES, Target, targets_of
from lib_train.networks.update import Applied, Kind, Parts
from lib_train.planning import layers as reports
from tests.bases import narrow_base
from tests.checkpoints.test_metadata import facts
from tests.networks.kinds.ways import config_of, fresh, pairs
from tests.networks.test_attention import encoder, run
from tests.networks.test_network import outputs
from tests.planning.test_report import SD15, picture, report


class Whole:
    """The whole weight is trained: no rank, no alpha, and half of it is what a file calls 1."""

    def __init__(self, target: Target) -> None:
        self.target, self.half = target, 0.5
        self.diff = nn.Parameter(torch.zeros_like(target.weight))

    def parameters(self) -> dict[str, nn.Parameter]:
        return {"diff": self.diff}

    def constants(self) -> dict[str, Tensor]:
        return {"scale": torch.tensor(self.half)}

    def set_constants(self, parts: Parts) -> None:
        self.half = float(parts["scale"])

    def stored(self, tensor: Tensor) -> Tensor:
        return tensor

    def delta(self) -> Tensor:
        return self.diff * self.half

    def linear(self, x: Tensor, weight: Tensor, bias: Tensor | None, network: Applied) -> Tensor:
        return F.linear(x, weight + self.delta() * network.multiplier, bias)

    def forward_for(self, network: Applied) -> Callable[[Tensor], Tensor]:
        module = self.target.module
        original = module.forward

        def forward(x: Tensor) -> Tensor:
            added: Tensor
            if isinstance(module, nn.Conv2d):
                added = F.conv2d(x, self.delta(), None, module.stride, module.padding)
            else:
                added = F.linear(x, self.delta())
            return original(x) + added * network.multiplier

        return forward


def read(parts: Parts, target: Target) -> Whole:
    update = Whole(target)
    take([(update, parts)])
    return update


WHOLE = Kind(
    parts=("diff", "scale"),
    module="lycoris.kohya",
    args=lambda config: {"algo": "full"},
    size=lambda layer, config: 0 if layer.block == "M00" or layer.kind == "norm" else math.prod(layer.shape),
    create=lambda target, config, seed: Whole(target),
    completed=lambda name, parts: {"scale": torch.tensor(1.0), **parts, "diff": matrix_in(parts, name, "diff")},
    read=read,
)


@pytest.fixture
def whole(monkeypatch):
    """As if the settings chose it."""
    monkeypatch.setitem(KINDS, "Full", WHOLE)
    monkeypatch.setattr(metadata, "main_kind", lambda config: WHOLE)
    for module in (networks, reports):
        monkeypatch.setattr(module, "kind_for", lambda layer, config: WHOLE)


def drawn(network: Network) -> Network:
    chance = torch.Generator().manual_seed(0)
    for part in ("text_encoder", "unet"):
        for parameter in network.parameters(part):
            parameter.data.normal_(0, 0.02, generator=chance)
    return network


def test_another_kind_is_trained_and_its_file_read(whole):
    base = ("sd2", *narrow_base("sd2"))
    network = drawn(Network(targets_of(*base), NetworkConfig(), seed=0))
    for update in network.layers.values():
        update.set_constants({"scale": torch.tensor(0.25)})
    assert {update.target.block for update in network.layers.values()} >= {"BASE", "IN01", "OUT11"}
    assert not [name for name, update in network.layers.items() if update.target.block == "M00"]
    file = {name: tensor.clone() for name, tensor in network.tensors().items()}
    assert {name.partition(".")[2] for name in file} == {"diff", "scale"}
    with network.attached():
        found = outputs(base)
    again = Network.from_tensors(file, *base)
    with again.attached():
        assert torch.equal(outputs(base), found)
    for update in network.layers.values():
        update.set_constants({"scale": torch.tensor(4.0)})
    for parameter in network.parameters("unet"):
        parameter.data.zero_()
    network.load(file)
    with network.attached():
        assert torch.equal(outputs(base), found)
    with torch.no_grad():
        for update in network.layers.values():
            update.target.weight.add_(update.delta())
    torch.testing.assert_close(found, outputs(base), atol=2e-4, rtol=1e-4)


def test_a_file_of_several_kinds_is_taken_apart_by_layers(whole):
    base = ("sd1", *narrow_base("sd1"))
    names = ("lora_unet_mid_block_attentions_0_proj_in", "lora_te_text_model_encoder_layers_0_mlp_fc1")
    targets = {target.name: target for target in targets_of(*base)}
    network = Network((), NetworkConfig(), seed=0)
    network.layers = {
        names[0]: KINDS["LoRA"].create(targets[names[0]], NetworkConfig(), 0),
        names[1]: Whole(targets[names[1]]),
    }
    file = drawn(network).tensors()
    read_again = Network.from_tensors(file, *base).layers
    for name, update in network.layers.items():
        assert type(read_again[name]) is type(update)
        assert torch.equal(read_again[name].delta(), update.delta())
    mixed = {key.replace(".alpha", ".scale"): tensor for key, tensor in file.items()}
    with pytest.raises(ModelFileError, match=rf"^1 of the file's 5 tensors belong to another .*\({names[0]}.scale\)"):
        Network.from_tensors(mixed, *base)


def test_shares_of_an_attention_are_computed_by_their_updates(whole):
    text, x = encoder(2), torch.randn(5, 2, 24, generator=torch.Generator().manual_seed(2))
    network = drawn(Network(targets_of("sdxl", nn.Module(), [text]), NetworkConfig(), seed=0))
    assert {update.target.share for update in network.layers.values()} == {"", *SHARES}
    with torch.no_grad():
        with network.attached():
            found = run(text, x)
        for update in network.layers.values():
            update.target.weight.add_(update.delta())
        torch.testing.assert_close(found, run(text, x), atol=1e-5, rtol=1e-5)


def test_plan_and_metadata_are_those_of_the_kind(whole):
    assert report(picture(), size=SD15).network_weights == sum(math.prod(layer.shape) for layer in SD15.layers)
    found = metadata.network_metadata(RunConfig(), facts(), stem="a", step=1, epoch=1)
    assert found["ss_network_module"] == "lycoris.kohya"
    assert found["ss_network_args"] == '{"algo": "full"}'


def test_kinds_are_those_that_are_told_to_be_supported():
    """Which is said where torch is not loaded; a LoCon is a LoRA with convolutions."""
    assert {*KINDS, "LoCon"} == set(SUPPORTED)


@pytest.mark.parametrize(("way", "layer"), pairs())
def test_a_kind_is_recognised_by_the_names_of_its_parts(way, layer):
    name, (_, update, network) = way.partition(",")[0], fresh(way, layer)
    tensors = network.tensors()
    assert {key.partition(".")[2] for key in tensors} <= set(KINDS[name].parts)
    shapes = {key: tuple(tensor.shape) for key, tensor in tensors.items()}
    assert layers_of(shapes)[update.target.name].kind == name


@pytest.mark.parametrize(("way", "layer"), pairs())
def test_an_update_is_as_large_as_is_told_and_nothing_at_first(way, layer):
    module, update, _ = fresh(way, layer)
    size = KINDS[way.partition(",")[0]].size(update.target.layer, config_of(way))
    assert size == sum(p.numel() for p in update.parameters().values())
    assert update.delta().shape == module.weight.shape
    assert not update.delta().any()


def test_a_layer_of_another_kind_is_not_taken_and_is_told(whole):
    module = nn.Linear(6, 4)
    target = Target("lora_unet_x", module, "unet", "IN04", "linear")
    network, other = (Network((), NetworkConfig(), seed=0) for _ in range(2))
    network.layers = {target.name: KINDS["LoRA"].create(target, NetworkConfig(), 0)}
    other.layers = {target.name: Whole(target)}
    with pytest.raises(ModelFileError, match=r"lora_unet_x.lora_down.weight is missing: .* \(scale, diff\)"):
        network.load(other.tensors())


class Dense(DenseUpdate):
    """A delta that is known."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.diff = nn.Parameter(torch.randn(target.weight.shape, generator=torch.Generator().manual_seed(1)))

    def parameters(self) -> dict[str, nn.Parameter]:
        return {"diff": self.diff}

    def delta(self) -> Tensor:
        return self.diff


@pytest.mark.parametrize("patched", [False, True])
@pytest.mark.parametrize("module", [nn.Linear(6, 4), nn.Conv2d(6, 4, 1), nn.Conv2d(6, 4, 3, 2, 1, bias=False)], ids=str)
def test_what_is_known_as_a_whole_is_put_on_at_any_weight(module, patched):
    module = copy.deepcopy(module).double().requires_grad_(False)
    module.forward = (lambda forward: lambda x: forward(x))(module.forward) if patched else module.forward
    kind = "linear" if isinstance(module, nn.Linear) else f"conv{module.kernel_size[0]}x{module.kernel_size[0]}"
    update, network = Dense(Target("lora_unet_x", module, "unet", "IN04", kind)), Network((), NetworkConfig(), seed=0)
    network.layers = {"lora_unet_x": update}  # type: ignore[dict-item]  # it has no constants
    x = torch.randn(2, 6, 8, 8, dtype=torch.float64) if kind != "linear" else torch.randn(2, 5, 6, dtype=torch.float64)
    plain = module(x)
    for multiplier in (0.5, 1.0, 0.0):
        network.multiplier = multiplier
        with network.attached():
            found = module(x)
        merged = copy.deepcopy(module)
        merged.weight.data += multiplier * update.diff.detach()
        merged.__dict__.pop("forward", None)
        torch.testing.assert_close(found, merged(x))
    assert torch.equal(found, plain)
