import pytest
import torch
from torch import nn

from lib_train.config.network import NetworkConfig
from lib_train.networks.kinds.full import KIND
from lib_train.networks.network import Network
from lib_train.networks.targets import Target, targets_of
from tests.bases import narrow_base
from tests.networks.test_attention import encoder, run

FULL = NetworkConfig(network_type="full")


def network_on(family, text):
    network = Network(targets_of(family, nn.Module(), [text], parts=("text_encoder",)), FULL, seed=0)
    for parameter in network.parameters("text_encoder"):
        parameter.data.normal_(0, 0.1, generator=torch.Generator().manual_seed(parameter.numel()))
    return network


def test_biases_are_trained_where_there_are_any():
    unet, encoders = narrow_base("sd1")
    network = Network(targets_of("sd1", unet, encoders), FULL, seed=0)
    names = {update.target.name for update in network.layers.values() if "diff_b" in update.parameters()}
    assert names == {target.name for target in targets_of("sd1", unet, encoders) if target.bias is not None} & {
        *network.layers
    }
    assert "lora_te_text_model_encoder_layers_0_self_attn_q_proj" in names
    assert "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_q" not in names


@pytest.mark.parametrize("family", ["sd2", "sdxl"])
@pytest.mark.parametrize("whose", ["transformers", "open_clip"])
def test_of_an_attention_that_the_webui_reads_as_one_only_the_last_bias_is_trained(family, whose):
    """Whoever has it: the file is for the WebUI."""
    text = narrow_base(family)[1][-1] if whose == "transformers" else encoder(3)
    texts = [nn.Module(), text] if family == "sdxl" else [text]
    network = Network(targets_of(family, nn.Module(), texts, parts=("text_encoder",)), FULL, seed=0)
    with_bias = {name.split("_layers_0_")[1] for name, update in network.layers.items()
                 if "_layers_0_" in name and "diff_b" in update.parameters()}  # fmt: skip
    assert with_bias == {"self_attn_out_proj", "mlp_fc1", "mlp_fc2"}


def test_an_attention_computes_with_what_is_added_to_its_weights_and_last_bias():
    text, x = encoder(2), torch.randn(5, 2, 24, generator=torch.Generator().manual_seed(2))
    network = network_on("sdxl", text)
    network.multiplier = 0.6
    with torch.no_grad():
        with network.attached():
            found = run(text, x)
        for update in network.layers.values():
            update.target.weight.add_(update.diff, alpha=0.6)
            if update.diff_b is not None:
                update.target.bias.add_(update.diff_b, alpha=0.6)
        torch.testing.assert_close(found, run(text, x), atol=1e-5, rtol=1e-5)


def test_a_bias_in_a_file_that_the_webui_does_not_read_is_not_put_on():
    target = next(t for t in targets_of("sd2", nn.Module(), [encoder(2)]) if t.name.endswith("_q_proj"))
    parts = KIND.completed(target.name, {"diff": torch.ones(24, 24), "diff_b": torch.ones(24)})
    assert list(KIND.read(parts, target).parameters()) == ["diff"]


def test_projections_of_sd2_stand_in_files_as_convolutions():
    unet, _ = narrow_base("sd2")
    tensors = Network([t for t in targets_of("sd2", unet, []) if t.stored_as_conv][:1], FULL, seed=0).tensors()
    assert [tuple(tensor.shape) for tensor in tensors.values()] == [(32, 32, 1, 1), (32,)]


def test_an_output_that_rank_dropout_leaves_as_it_is_keeps_its_bias():
    module = nn.Linear(6, 400).requires_grad_(False)
    config = NetworkConfig(network_type="full", rank_dropout=0.5)
    target = Target("lora_unet_x", module, "unet", "IN04", "linear")
    network = Network([target], config, seed=0)
    for parameter in network.parameters("unet"):
        parameter.data.fill_(1.0)
    x = torch.rand(3, 6)
    with network.attached():
        network.begin_step(1)
        moved = module(x) - torch.nn.functional.linear(x, module.weight, module.bias)
    left = moved.abs().amax(0) < 1e-4
    assert 120 < int(left.sum()) < 280
    torch.testing.assert_close(moved[:, ~left], (2 * (x.sum(1, keepdim=True) + 1)).expand(-1, int((~left).sum())))
