"""The network of settings of kohya's sd-scripts, LyCORIS and bmaltais' GUI, under our names."""

from typing import Any

from lib_train.config import kohya_keys as keys
from lib_train.config.blocks import RATES, SIDES, SIZES
from lib_train.config.kohya_work import Work, off
from lib_train.config.layers import PATTERNS, PRESETS
from lib_train.config.network import NETWORK_TYPES
from lib_train.config.values import pairs_of
from lib_train.errors import Problem
from lib_train.texts import say

_PLUS = ("loraplus_lr_ratio", "loraplus_unet_lr_ratio", "loraplus_text_encoder_lr_ratio")
_OURS = ("network_init", "tlora", "tlora_min_rank", "tlora_alpha", *PATTERNS)
"""What our own files have among them."""
_PARTS = ("conv_dim", "conv_alpha", "rank_dropout", "module_dropout", *SIZES, *RATES, *_PLUS, "rs_lora", *_OURS)
_ONLY_OURS = say(
    "Train Tools trains {kinds}: choose one of these, or train it elsewhere", kinds=", ".join(NETWORK_TYPES)
)


def network(work: Work) -> None:
    """Refuse kinds that would be trained as something else; keep the size of those that are ours."""
    kind, module = ("" if off(named := work.take(name)) else str(named) for name in ("LoRA_type", "network_module"))
    args = _network_args(work)
    algo = keys.LYCORIS_TYPES.get(str(kind), str(args.pop("algo", "")).lower())
    lycoris = module == "lycoris.kohya" or kind in keys.LYCORIS_TYPES
    if not off(kind) and kind != "Standard" and kind not in (*keys.LOCON_TYPES, *keys.LYCORIS_TYPES):
        work.problems.append(Problem("LoRA_type", kind, _ONLY_OURS))
    elif not off(module) and module not in keys.LORA_MODULES:
        work.problems.append(Problem("network_module", module, _ONLY_OURS))
    elif algo and algo not in keys.LORA_ALGOS and module != "networks.lora":
        if lycoris and algo in NETWORK_TYPES:
            work.left["network_type"] = algo
        else:
            work.problems.append(Problem("network_args", f"algo={algo}", _ONLY_OURS))
    if kind == "Standard":  # the GUI keeps the last values of what it hides
        for name in ("conv_dim", "conv_alpha"):
            work.take(name)
    work.left.update({name: args.pop(name) for name in _PARTS if name in args})
    for name in SIDES:
        if isinstance(numbers := work.left.get(name), list | tuple | int | float):
            work.left[name] = ",".join(map(str, numbers if isinstance(numbers, list | tuple) else [numbers]))
    _lycoris_sizes(work, args, lycoris, hidden=not (off(kind) or lycoris))
    _switches(work, args, lycoris, hidden=not (off(kind) or lycoris))
    if lycoris:
        _preset(work, args, algo)
        switches = {name: args.pop(name, work.left.get(name)) for name in sorted(keys.OTHER_NETWORK)}
        found = [Problem(name, on, _ONLY_OURS) for name, on in switches.items() if not off(on)]
        work.problems += found
        for name, ours in (("conv_dim", "network_dim"), ("conv_alpha", "network_alpha")):
            if name not in work.left and ours in work.left:  # LyCORIS trains convolutions unless told otherwise
                work.left[name] = work.left[ours]
    if idle := {name: setting for name, setting in args.items() if not off(setting)}:
        listed = ", ".join(f"{name}={setting}" for name, setting in idle.items())
        work.notes.append(say("network_args: without effect here: {listed}", listed=listed))


def _lycoris_sizes(work: Work, args: dict[str, Any], lycoris: bool, hidden: bool) -> None:
    """How LyCORIS makes up LoKr and 3x3 convolutions; ``hidden`` as for ``_switches``."""
    for name in ("factor", "decompose_both", "full_matrix", "use_tucker"):
        given = work.take(name)
        if (setting := args.pop(name, None if hidden else given)) is not None:
            work.left[name] = setting
    older = (work.take("use_cp"), args.pop("use_cp", None), args.pop("use_conv_cp", None))
    if off(args.pop("disable_conv_cp", True)) or lycoris and not all(map(off, older)):
        work.left["use_tucker"] = True
    if off(work.left.get("factor", 1)):
        work.take("factor")


def _switches(work: Work, args: dict[str, Any], lycoris: bool, hidden: bool) -> None:
    """``hidden`` is whether the GUI hides them, whose last values it keeps."""
    outputs = args.pop("wd_on_output", True)
    for name in ("dora_wd", "train_norm"):
        switch = work.take(name)
        if not off(on := args.pop(name, None if hidden else switch)):
            work.left[name] = on
    if lycoris and "dora_wd" in work.left and not off(outputs):
        work.notes.append(say("dora_wd: over inputs here, as the WebUI reads it, not over outputs (wd_on_output)"))


def _preset(work: Work, args: dict[str, Any], algo: str) -> None:
    """LyCORIS' is full where none is given, and has 3x3 convolutions only where conv_dim is not 0."""
    preset = work.take("LyCORIS_preset")
    preset = str(args.get("preset") or preset or ("ia3" if algo == "ia3" else "full"))
    if preset not in PRESETS:
        return
    args.pop("preset", None)
    frozen = "conv_dim" in work.left and off(work.left["conv_dim"])
    work.left["network_preset"] = "full-lin" if frozen and preset == "full" else preset


def _network_args(work: Work) -> dict[str, Any]:
    value = work.take("network_args")
    if off(value):
        return {}
    try:
        return pairs_of(value)
    except ValueError as error:
        work.problems.append(Problem("network_args", value, str(error)))
        return {}
