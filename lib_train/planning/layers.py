"""What settings train on the layers of a base model: how many numbers, at which rates, and what is wrong with it."""

from lib_train.config.run import RunConfig
from lib_train.errors import Problem
from lib_train.host.protocol import ModelSize
from lib_train.networks.choice import problems_in_choice
from lib_train.networks.kinds import kind_for
from lib_train.texts import say
from lib_train.training.rates import rate_by_layer


def weights_of(config: RunConfig, size: ModelSize) -> tuple[int, dict[str, float]]:
    """Numbers that are trained, and the rates at which they are, each once."""
    network, rate = config.network, rate_by_layer(config.training, size.family)
    trained = [(rate(layer), kind_for(layer, network).size(layer, network)) for layer in size.layers if rate(layer)]
    rates = {str(rate): rate for rate, weights in trained if weights}
    return sum(weights for _, weights in trained), rates or config.training.rates


def problems_in_layers(config: RunConfig, size: ModelSize) -> list[Problem]:
    """See ``problems_in_choice``; none where a file decides which layers are trained."""
    network, rate = config.network, rate_by_layer(config.training, size.family)
    if network.network_weights and network.dim_from_weights:
        return []
    return list(problems_in_choice([layer for layer in size.layers if rate(layer)], network))


def notes_on_precision(config: RunConfig, size: ModelSize) -> list[str]:
    """Which parts of the network's file are not in the precision that is set."""
    network, rate = config.network, rate_by_layer(config.training, size.family)
    if config.training.save_precision != "bf16":
        return []
    kinds = [(kind_for(layer, network), layer) for layer in size.layers if rate(layer)]
    parts = dict.fromkeys(part for kind, layer in kinds if kind.size(layer, network) for part in kind.not_in_bf16)
    if not parts:
        return []
    return [say("save_precision = bf16: {parts} are saved in fp16, as bf16 would round away what they learned",
                parts=", ".join(parts))]  # fmt: skip
