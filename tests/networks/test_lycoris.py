"""Files of LyCORIS and ours, each read by the other: the same output at weight 1."""

import copy
from typing import Any

import pytest
import torch
from torch import nn

from lib_train.network_kinds import layers_of
from lib_train.networks.contents import layers_in
from lib_train.networks.kinds import KINDS
from lib_train.networks.network import Network
from tests.networks.kinds.ways import LYCORIS, config_of, fresh, pairs, parts_of, subject, trained

modules = pytest.importorskip("lycoris.modules", reason="LyCORIS is not installed")
each = pytest.mark.parametrize(
    ("way", "layer"), [pytest.param(*pair, id=" on ".join(pair)) for pair in pairs() if pair[0] in LYCORIS]
)


def theirs_on(module: nn.Module, way: str, layer: str) -> Any:
    name, settings = LYCORIS[way]
    config = config_of(way)
    conv = layer.startswith("conv3x3")
    rank, alpha = (config.conv_dim, config.conv_alpha) if conv else (config.network_dim, config.network_alpha)
    theirs = getattr(modules, name)("lora_unet_x", module, 1.0, rank, alpha, **settings)
    theirs.apply_to()
    return theirs


@each
def test_lycoris_computes_with_our_file_as_we_do(way, layer):
    module, _, network = trained(way, layer)
    x, theirs = subject(layer), copy.deepcopy(module)
    with network.attached(), torch.no_grad():
        found = module(x)
    adapter = theirs_on(theirs, way, layer)
    held = adapter.state_dict()
    parts = {part: tensor.float() for part, tensor in parts_of(network).items()}
    assert {part: tensor.shape for part, tensor in parts.items()} == {part: held[part].shape for part in held}
    adapter.load_state_dict(parts)
    with torch.no_grad():
        torch.testing.assert_close(found, theirs(x), atol=1e-4, rtol=1e-4)


@each
def test_we_compute_with_a_file_of_lycoris_as_it_does(way, layer):
    module, update, network = fresh(way, layer)
    theirs, x = copy.deepcopy(module), subject(layer)
    adapter = theirs_on(theirs, way, layer)
    held = {part: torch.randn(tensor.shape) * 0.4 if tensor.dim() else tensor
            for part, tensor in adapter.state_dict().items()}  # fmt: skip
    adapter.load_state_dict(held)
    file = {f"lora_unet_x.{part}": tensor for part, tensor in held.items()}
    kind = layers_of({key: tuple(tensor.shape) for key, tensor in file.items()})["lora_unet_x"].kind
    assert KINDS[kind] is KINDS[way.partition(",")[0]]
    stored = layers_in(file)["lora_unet_x"]
    again = Network((), config_of(way), seed=0)
    again.layers = {"lora_unet_x": stored.kind.read(stored.parts, update.target)}
    network.load(file)
    for ours in (again, network):
        with ours.attached(), torch.no_grad():
            torch.testing.assert_close(module(x), theirs(x), atol=1e-4, rtol=1e-4)


def test_lycoris_is_not_needed_to_train():
    """It is there for this file alone."""
    import subprocess
    import sys

    code = "import sys; import lib_train.networks.network; sys.exit('lycoris' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
