"""LoHa, LoKr and (IA)3 between PEFT's files and ours: PEFT itself computes the same with them."""

import json
from typing import Any

import pytest
import torch
from peft.mapping import inject_adapter_in_model
from peft.tuners.ia3.config import IA3Config
from peft.tuners.loha.config import LoHaConfig
from peft.tuners.lokr.config import LoKrConfig
from peft.utils.save_and_load import get_peft_model_state_dict, set_peft_model_state_dict
from torch import nn

from lib_train.networks.spellings import to_kohya, to_peft
from lib_train.vocabulary import FAMILIES
from tests.bases import narrow_base, unet_inputs
from tests.networks.kinds.ways import config_of, webui_delta
from tests.networks.test_network import network_for

CONFIGS = {"LOHA": LoHaConfig, "LOKR": LoKrConfig, "IA3": IA3Config}
ATTENTION = ("re:attn[12]_to_[qkv]$", "re:ff_net_2$")
WITH_PEFT = {
    "LoHa": {}, "LoHa (Tucker)": {}, "LoKr": {}, "LoKr, decomposed twice": {}, "LoKr, of whole matrices": {},
    "LoKr, of unequal factors": {}, "LoKr (Tucker)": {}, "IA3": {"network_layers": ATTENTION},
}  # fmt: skip


@pytest.mark.parametrize("way", WITH_PEFT)
@pytest.mark.parametrize("family", FAMILIES)
def test_peft_computes_with_each_converted_kind_what_ours_does(family, way):
    base = (family, *narrow_base(family))
    unet: Any = base[1]
    network = network_for(base, config=config_of(way, **WITH_PEFT[way]))
    file = {key: tensor.clone() for key, tensor in network.tensors().items()}
    before = unet(**unet_inputs(family)).sample.detach()
    with torch.no_grad(), network.attached():
        wanted = unet(**unet_inputs(family)).sample
    assert (wanted - before).abs().max() > 2e-3
    spelled = to_peft(file, family)
    packed = json.loads(spelled.metadata["lora_adapter_metadata"])
    config = {key.removeprefix("unet."): value for key, value in packed.items() if key.startswith("unet.")}
    inject_adapter_in_model(CONFIGS[config.pop("peft_type")](**config), unet, "x")
    own = {key.removeprefix("unet."): t for key, t in spelled.tensors.items() if key.startswith("unet.")}
    assert set_peft_model_state_dict(unet, own, "x").unexpected_keys == []
    with torch.no_grad():
        torch.testing.assert_close(unet(**unet_inputs(family)).sample, wanted, rtol=1e-4, atol=2e-5)


class Small(nn.Module):
    """Layers that PEFT adapts, under the names of SD1's."""

    def __init__(self):
        super().__init__()
        for path, layer in (("attn1.to_q", nn.Linear(24, 40, bias=False)), ("ff.net.2", nn.Linear(24, 40)),
                            ("conv1", nn.Conv2d(24, 40, 3))):  # fmt: skip
            at: Any = self
            for word in path.split(".")[:-1]:
                at = at._modules.setdefault(word, nn.Module())
            at.add_module(path.rpartition(".")[2], layer)


START = {"attn1.to_q": "down_blocks.0.attentions.0.transformer_blocks.0.", "conv1": "down_blocks.0.resnets.0.",
         "ff.net.2": "down_blocks.0.attentions.0.transformer_blocks.0."}  # fmt: skip


@pytest.mark.parametrize(
    "config",
    [
        LoHaConfig(r=4, alpha=6, target_modules=["to_q", "conv1"], alpha_pattern={"conv1": 3}),
        LoHaConfig(r=4, alpha=6, target_modules=["to_q", "conv1"], rank_pattern={"to_q": 2}, use_effective_conv2d=True),
        LoHaConfig(r=4, alpha=6, target_modules=["to_q", "conv1"], rank_pattern={"to_q": 2},
                   alpha_pattern={"attn1.to_q": 9}),
        LoKrConfig(r=2, alpha=7, target_modules=["to_q", "conv1"]),
        LoKrConfig(r=1, alpha=7, target_modules=["to_q", "conv1"], decompose_both=True, decompose_factor=4),
        LoKrConfig(r=2, alpha=7, target_modules=["to_q", "conv1"], use_effective_conv2d=True),
        LoKrConfig(r=64, alpha=7, target_modules=["to_q", "conv1"]),
        IA3Config(target_modules=["to_q", "ff.net.2", "conv1"], feedforward_modules=["ff.net.2", "conv1"]),
    ],
    ids=lambda config: config.peft_type.value,
)  # fmt: skip
def test_files_that_peft_writes_add_what_peft_does(config):
    torch.manual_seed(0)
    model: Any = Small().requires_grad_(False)
    weights = {path: model.get_submodule(path).weight.clone() for path in START}
    inject_adapter_in_model(config, model, "default")
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "default" in name:
                parameter.normal_(1 if "ia3" in name else 0, 0.4)
    model.peft_config = {"default": config}
    file = {}
    for key, tensor in get_peft_model_state_dict(model).items():
        path = next(path for path in START if key.startswith(path + "."))
        file[f"base_model.model.{START[path]}{key}"] = tensor.clone()
    told = {key: sorted(value) if isinstance(value, set) else value for key, value in config.to_dict().items()}
    found = to_kohya(file, {"adapter_config": json.dumps(told)}, "sd1")
    adapted = {path: model.get_submodule(path) for path in START}
    adapted = {path: layer for path, layer in adapted.items() if hasattr(layer, "base_layer")}
    assert len(adapted) == len(config.target_modules)
    for path, layer in adapted.items():
        layer.merge()
        wanted = layer.base_layer.weight.double() - weights[path].double()
        name = f"lora_unet_{START[path]}{path}".replace(".", "_")
        parts = {key.partition(".")[2]: tensor for key, tensor in found.items() if key.startswith(name + ".")}
        assert wanted.abs().max() > 0.05
        torch.testing.assert_close(webui_delta(parts, weights[path]), wanted, rtol=1e-5, atol=2e-6)
