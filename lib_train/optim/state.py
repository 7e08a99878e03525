"""An optimizer's state as named tensors and plain values, and back. Exact, without pickles."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

_PLAIN = (bool, int, float, str, type(None))


def state_tensors(optimizer: torch.optim.Optimizer) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """All tensors of the state by name, and all else as JSON values.

    Numbers survive JSON exactly: Python writes floats so that they read back as the same.
    """
    whole = optimizer.state_dict()
    tensors: dict[str, Tensor] = {}
    facts: dict[str, Any] = {"state": {}, "groups": []}
    for index, values in whole["state"].items():
        kept = facts["state"].setdefault(str(index), {})
        for name, value in values.items():
            _store(value, f"{index}.{name}", tensors, kept, name)
    for place, group in enumerate(whole["param_groups"]):
        kept = {}
        for name, value in group.items():
            if name != "params":
                _store(value, f"group{place}.{name}", tensors, kept, name)
        facts["groups"].append(kept)
    return tensors, facts


def _store(value: Any, key: str, tensors: dict[str, Tensor], kept: dict[str, Any], name: str) -> None:
    if isinstance(value, Tensor):
        tensors[key] = value
    elif isinstance(value, _PLAIN):
        kept[name] = value
    else:
        assert isinstance(value, list | tuple), (key, value)
        assert all(isinstance(part, _PLAIN) for part in value), (key, value)
        kept[name] = {"list" if isinstance(value, list) else "tuple": list(value)}


def load_state(optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
    """Load copies of what ``state_tensors`` returned for an optimizer of the same kind and parameters.

    Values of a group that ``facts`` does not name stay as they are.
    """
    whole = optimizer.state_dict()
    state: dict[int, dict[str, Any]] = {int(index): _plain(kept) for index, kept in facts["state"].items()}
    for place, kept in enumerate(facts["groups"]):
        whole["param_groups"][place].update(_plain(kept))
    for key, tensor in tensors.items():
        tensor = tensor.clone()
        owner, _, name = key.partition(".")
        if owner.startswith("group"):
            whole["param_groups"][int(owner.removeprefix("group"))][name] = tensor
        else:
            state.setdefault(int(owner), {})[name] = tensor
    optimizer.load_state_dict({"state": state, "param_groups": whole["param_groups"]})


def _plain(kept: Mapping[str, Any]) -> dict[str, Any]:
    out = {}
    for name, value in kept.items():
        if isinstance(value, Mapping) and len(value) == 1 and next(iter(value)) in ("list", "tuple"):
            kind, items = next(iter(value.items()))
            value = items if kind == "list" else tuple(items)
        out[name] = value
    return out
