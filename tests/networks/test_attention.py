from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from lib_train.config.network import NetworkConfig
from lib_train.networks import low_rank
from lib_train.networks.network import Network
from lib_train.networks.targets import SHARES, share_of, targets_of


class Block(nn.Module):
    """A residual attention block as open_clip builds it."""

    def __init__(self, width=24, heads=3, batch_first=False):
        super().__init__()
        self.attn = nn.MultiheadAttention(width, heads, batch_first=batch_first)
        self.mlp = nn.ModuleDict({"c_fc": nn.Linear(width, 32), "c_proj": nn.Linear(32, width)})

    def forward(self, x, attn_mask=None):
        x = x + self.attn(x, x, x, need_weights=False, attn_mask=attn_mask)[0]
        return x + self.mlp["c_proj"](torch.tanh(self.mlp["c_fc"](x)))


def encoder(count=3, batch_first=False):
    with torch.random.fork_rng():
        torch.manual_seed(1)
        root: Any = nn.Module()
        root.transformer = nn.Module()
        root.transformer.resblocks = nn.ModuleList(Block(batch_first=batch_first) for _ in range(count))
        for block in root.transformer.resblocks:  # torch begins with zeros
            nn.init.normal_(block.attn.in_proj_bias)
            nn.init.normal_(block.attn.out_proj.bias)
    return root.requires_grad_(False)


def network_on(text, family="sd2", **settings):
    config = NetworkConfig(network_dim=4, network_alpha=2, **settings)
    network = Network(targets_of(family, nn.Module(), [text], parts=("text_encoder",)), config, seed=0)
    for layer in network.layers.values():
        _, up = layer.parameters().values()
        up.data.normal_(generator=torch.Generator().manual_seed(3))
    return network


def run(text, x, mask=None):
    for block in text.transformer.resblocks:
        x = block(x, attn_mask=mask)
    return x


def merged(text, network):
    """The same encoder with the updates in its weights: the dense formula."""
    with torch.no_grad():
        for layer in network.layers.values():
            layer.target.weight.add_(layer.delta() * network.multiplier)
    return text


@pytest.mark.parametrize("batch_first", [False, True])
def test_attention_with_updates_equals_the_dense_formula_in_output_and_gradients(batch_first):
    text = encoder(batch_first=batch_first)
    network = network_on(text, "sdxl")
    x = torch.randn(5, 7, 24, generator=torch.Generator().manual_seed(2)).requires_grad_()
    length = 7 if batch_first else 5
    mask = torch.full((length, length), -torch.inf).triu(1)
    with network.attached():
        out = run(text, x, mask)
    grads = torch.autograd.grad(out.square().sum(), [x, *network.parameters("text_encoder")])
    assert all(grad.abs().sum() > 0 for grad in grads)
    dense_x = x.detach().clone().requires_grad_()
    wanted = run(merged(text, network), dense_x, mask)
    torch.testing.assert_close(out, wanted, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(grads[0], torch.autograd.grad(wanted.square().sum(), dense_x)[0], atol=1e-3, rtol=1e-4)


def test_names_are_those_of_the_same_layers_in_transformers():
    names = {layer for layer in network_on(encoder(2), "sdxl").layers}
    parts = ("self_attn_q_proj", "self_attn_k_proj", "self_attn_v_proj", "self_attn_out_proj", "mlp_fc1", "mlp_fc2")
    assert names == {f"lora_te1_text_model_encoder_layers_{n}_{part}" for n in range(2) for part in parts}


def test_sd2_leaves_out_the_last_layer_which_it_never_reads():
    names = list(network_on(encoder(3), "sd2").layers)
    assert len(names) == 12
    assert not any("layers_2_" in name for name in names)
    assert names[0] == "lora_te_text_model_encoder_layers_0_self_attn_q_proj"


def test_at_multiplier_zero_and_afterwards_the_attention_is_bit_equal_to_that_without():
    text = encoder()
    network = network_on(text)
    x = torch.randn(5, 2, 24, generator=torch.Generator().manual_seed(2))
    before = run(text, x)
    with network.attached():
        assert not torch.equal(run(text, x), before)
        network.multiplier = 0.0
        assert torch.equal(run(text, x), before)
    assert torch.equal(run(text, x), before)
    assert all("forward" not in module.__dict__ for module in text.modules())


def test_dropouts_reach_the_shares_of_an_attention():
    text = encoder()
    x = torch.randn(5, 2, 24, generator=torch.Generator().manual_seed(2)).requires_grad_()
    plain = network_on(text)
    with plain.attached():
        whole = run(text, x)
    for settings in ({"network_dropout": 0.5}, {"rank_dropout": 0.5}, {"module_dropout": 0.5}):
        network = network_on(text, **settings)
        network.begin_step(7)
        with network.attached():
            assert not torch.equal(run(text, x), whole)
            with torch.no_grad():
                torch.testing.assert_close(run(text, x), whole)


@pytest.mark.parametrize("batch_first", [False, True])
def test_rank_dropout_leaves_out_whole_ranks_of_a_caption(monkeypatch, batch_first):
    """Each rank is zero for all tokens of a caption or for none, whichever way the attention lays them out."""
    thinned = []
    plain = low_rank.lora_update  # type: ignore[attr-defined]

    def watched(x, down, up, scale, thin):
        thinned.append(thin(torch.ones(*x.shape[:-1], down.shape[0])))
        return plain(x, down, up, scale, thin)

    monkeypatch.setattr(low_rank, "lora_update", watched)
    text = encoder(batch_first=batch_first)
    network = network_on(text, "sdxl", rank_dropout=0.5)
    network.layers = {name: layer for name, layer in network.layers.items() if layer.target.share}
    network.begin_step(7)
    shape = (2, 5, 24) if batch_first else (5, 2, 24)
    with network.attached():
        run(text, torch.randn(shape, generator=torch.Generator().manual_seed(2)).requires_grad_())
    assert len(thinned) == 3 * 4
    for kept in thinned:
        assert kept.shape == (2, 5, 4)
        assert torch.equal(kept, kept[:, :1].expand_as(kept))
    ranks = torch.stack(thinned)[:, :, 0]
    assert 0.3 < (ranks == 0).float().mean() < 0.7
    assert set(ranks.unique().tolist()) == {0.0, 2.0}


def by_hand(module, x, mask, network):
    """Attention of (B, L, E) from its formula: each share's update with the dropouts that the network tells."""
    layers = {layer.target.share: layer for layer in network.layers.values() if layer.target.module is module}

    def projected(share, x):
        weight, bias = share_of(module, share)
        out, layer = x @ weight.t() + bias, layers.get(share)
        if layer is None or network.dropout.skips(layer.target.name):
            return out
        down, up = layer.parameters().values()
        low = x @ down.t()
        thin = network.dropout.thinning(layer.target.name, -1)
        low = low if thin is None else thin(low)
        return out + low @ up.t() * (layer.constants()["alpha"] / len(down) * network.multiplier)

    q, k, v = (projected(share, x).unflatten(-1, (module.num_heads, -1)).transpose(1, 2) for share in "qkv")
    attended = torch.softmax(q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5 + mask, -1) @ v
    return projected("out", attended.transpose(1, 2).flatten(2))


DROPOUTS = [{}, {"network_dropout": 0.5}, {"rank_dropout": 0.5}, {"module_dropout": 0.5}]
DROPOUTS += [{key: 0.3 for settings in DROPOUTS for key in settings}]


@pytest.mark.parametrize("settings", DROPOUTS, ids=str)
@pytest.mark.parametrize("shares", [SHARES, ("q", "out"), ("k", "v")], ids=str)
def test_attention_with_dropouts_is_that_of_the_formula(settings, shares):
    """At another strength than 1, and with updates of some shares alone."""
    text = encoder(1, batch_first=True)
    network = network_on(text, "sdxl", **settings)
    network.layers = {name: layer for name, layer in network.layers.items() if layer.target.share in shares}
    network.multiplier = 0.7
    x = torch.randn(3, 7, 24, generator=torch.Generator().manual_seed(2)).requires_grad_()
    mask, module = torch.full((7, 7), -torch.inf).triu(1), text.transformer.resblocks[0].attn
    for seed in range(4):
        network.begin_step(seed)
        with network.attached():
            found, _ = module(x, x, x, need_weights=False, attn_mask=mask)
        torch.testing.assert_close(found, by_hand(module, x, mask, network), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("settings", DROPOUTS[:3], ids=str)
def test_attention_of_16_bits_stays_so_and_follows_that_of_32(monkeypatch, settings):
    """Its mask comes in 32 bits, which not every torch takes."""
    kinds, plain = [], F.scaled_dot_product_attention

    def watched(q, k, v, mask):
        kinds.append({part.dtype for part in (q, k, v, mask)})
        return plain(q, k, v, mask)

    monkeypatch.setattr(F, "scaled_dot_product_attention", watched)
    text = encoder(1, batch_first=True)
    network = network_on(text, "sdxl", **settings)
    network.begin_step(7)
    x = torch.randn(3, 7, 24, generator=torch.Generator().manual_seed(2)).requires_grad_()
    mask, module = torch.full((7, 7), -torch.inf).triu(1), text.transformer.resblocks[0].attn
    with network.attached():
        whole, _ = module(x, x, x, need_weights=False, attn_mask=mask)
        half = x.detach().bfloat16().requires_grad_()
        text.bfloat16()
        found, _ = module(half, half, half, need_weights=False, attn_mask=mask)
    assert found.dtype == torch.bfloat16
    assert kinds == [{torch.float32}, {torch.bfloat16}]
    assert all(parameter.dtype == torch.float32 for parameter in network.parameters("text_encoder"))
    torch.testing.assert_close(found.float(), whole, atol=0.1, rtol=0.1)


@pytest.mark.parametrize(
    "asked", [{}, {"need_weights": True}, {"need_weights": False, "key_padding_mask": torch.zeros(3, 7)}], ids=str
)
def test_attention_refuses_what_no_text_encoder_asks_for(asked):
    text = encoder(1, batch_first=True)
    x = torch.zeros(3, 7, 24)
    with network_on(text, "sdxl").attached(), pytest.raises(AssertionError, match="text encoders"):
        text.transformer.resblocks[0].attn(x, x, x, **asked)


def test_a_share_is_a_view_of_the_module_s_rows():
    module = nn.MultiheadAttention(6, 2)
    rows = torch.cat([share_of(module, share)[0] for share in SHARES[:3]])
    assert torch.equal(rows, module.in_proj_weight)
    nn.init.normal_(module.in_proj_bias)
    assert torch.equal(torch.cat([share_of(module, share)[1] for share in SHARES[:3]]), module.in_proj_bias)  # type: ignore[misc]
    assert share_of(module, "out")[0] is module.out_proj.weight
    assert share_of(module, "out")[1] is module.out_proj.bias
    assert share_of(nn.MultiheadAttention(6, 2, bias=False), "k")[1] is None
