"""Network files in other programs' names, PEFT's, diffusers' and dotted ones, to kohya's and back. No tensor's numbers
change."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from lib_train.errors import ModelFileError
from lib_train.network_kinds import Layer, family_of, layers_of, split
from lib_train.networks.adapter_config import alpha_of, packed_config
from lib_train.networks.places import TEXT, TEXT_2, UNET, Place, dotted_name, is_sdxl, kohya_name, place_of
from lib_train.texts import say

_DOWN, _UP, _ALPHA, _DORA = "lora_down.weight", "lora_up.weight", "alpha", "dora_scale"
_MAGNITUDE = ".lora_magnitude_vector"
_TEXT_FAMILIES = {768: ("sd1", TEXT), 1024: ("sd2", TEXT), 1280: ("sdxl", TEXT_2)}
"""Width of a text encoder -> family that has only this one, or what it is in SDXL."""


class Spelled(NamedTuple):
    """A network under other names than kohya's."""

    tensors: dict[str, Tensor]
    metadata: dict[str, str]
    """What these names have no room for, the alphas: diffusers since 0.34 reads them there, older ones and other
    programs take alpha to be the rank."""


def to_kohya(
    tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None, family: str = ""
) -> dict[str, Tensor]:
    """A network file under kohya's names; tensors that belong to no layer keep theirs.

    A LoRA without alpha gets one: that of the adapter's configuration in the metadata, or else its rank. PEFT's
    magnitudes, one for each output, become a dora_scale of (O, 1) or (O, 1, 1, 1).

    Args:
        metadata: of the file; see ``adapter_config.py``.
        family: "sd1", "sd2" or "sdxl"; empty asks the file. kohya's own names are left alone where neither tells, as
            are those that no layer of the family has.

    Raises:
        ModelFileError: another program's name is of no layer that is known, could be of several, or is there twice.
    """
    metadata = metadata or {}
    layers = layers_of({key: tuple(tensor.shape) for key, tensor in tensors.items()})
    places = {name: place_of(name) for name in layers}
    family = family or _family(layers, places, metadata)
    names = {name: _kohya_name(name, layers[name], place, family) for name, place in places.items()}
    found: dict[str, dict[str, Tensor]] = {}
    others: dict[str, Tensor] = {}
    for key, tensor in tensors.items():
        name, part = split(key)
        if name not in names:
            others[key] = tensor
        elif part in found.setdefault(names[name], {}):
            raise ModelFileError(
                say("{name}: its {part} is in the file twice, so it holds two networks (adapters); choose a file with "
                    "one",
                    name=name, part=part)
            )  # fmt: skip
        else:
            found[names[name]][part] = _magnitude(tensor, layers[name]) if _MAGNITUDE in key else tensor
    for name, place in places.items():
        parts = found[names[name]]
        if names[name] != name and _DOWN in parts:
            rank = parts[_DOWN].shape[0] if parts[_DOWN].dim() else 0
            parts.setdefault(_ALPHA, torch.tensor(alpha_of(metadata, place.component or TEXT, place.path, rank)))
            if family != "sdxl" and place.path.endswith(("proj_in", "proj_out")):
                found[names[name]] = {part: _as_convolution(part, tensor) for part, tensor in parts.items()}
    return {f"{name}.{part}": tensor for name, parts in found.items() for part, tensor in parts.items()} | others


def _family(layers: Mapping[str, Layer], places: Mapping[str, Place], metadata: Mapping[str, str]) -> str:
    if family := family_of(layers, metadata):
        return family
    sdxl = is_sdxl(list(places.values()))
    if sdxl is not None:
        return "sdxl" if sdxl else "sd1"  # or sd2, whose names are the same
    widths = (_width(layer) for name, layer in layers.items() if places[name].component != UNET)
    wide = next((width for width in widths if width in (1024, 1280)), 0)
    return _TEXT_FAMILIES[wide][0] if wide else ""


def _width(layer: Layer) -> int:
    down, up = layer.parts.get(_DOWN, ()), layer.parts.get(_UP, ())
    return min(down[1:2] + up[:1], default=0)


def _kohya_name(name: str, layer: Layer, place: Place, family: str) -> str:
    own = "." not in name
    if own and not family:
        return name
    if not family:
        raise ModelFileError(
            say("{name}: whether this layer is SDXL's or another family's cannot be told from the file; choose a file "
                "with kohya's names",
                name=name)
        )  # fmt: skip
    component, path = place
    if not component:
        component = _TEXT_FAMILIES.get(_width(layer), ("", ""))[1] if family == "sdxl" else TEXT
    ambiguous = not component or (family == "sdxl" and name.startswith(("lora_te_", "lora_te.")))
    if ambiguous and not own:
        raise ModelFileError(
            say("{name}: which of SDXL's two text encoders this layer is in cannot be told; choose a file with kohya's "
                "names",
                name=name)
        )  # fmt: skip
    try:
        return name if ambiguous else kohya_name(Place(component, path), family)
    except KeyError as error:
        if own:
            return name
        raise ModelFileError(
            say("{name}: is no layer of the U-Net or text encoders of {family} that is known here; choose a file of "
                "the base model's family",
                name=name, family=family)
        ) from error  # fmt: skip


def _magnitude(tensor: Tensor, layer: Layer) -> Tensor:
    return tensor.reshape(-1, *(1,) * (max(len(layer.parts.get(_DOWN, ())), 2) - 1))


def _as_convolution(part: str, tensor: Tensor) -> Tensor:
    return tensor[:, :, None, None] if part in (_DOWN, _UP) and tensor.dim() == 2 else tensor


def to_peft(tensors: Mapping[str, Tensor], family: str = "") -> Spelled:
    """A file with kohya's names under those that PEFT and diffusers write today: ``unet.….lora_A.weight``.

    Args:
        family: "sd1", "sd2" or "sdxl"; empty asks the file.

    Raises:
        ModelFileError: a layer is unknown, or of a kind that has no form in these names: all but LoRA, LoCon, and a
            DoRA of outputs.
    """
    return _spelled(tensors, family, lambda component: ("lora_A.weight", "lora_B.weight"))


def to_diffusers(tensors: Mapping[str, Tensor], family: str = "") -> Spelled:
    """As ``to_peft``, under the names that diffusers wrote up to 0.30: ``.lora.down.weight`` in U-Nets,
    ``.lora_linear_layer.down.weight`` in text encoders.
    """
    return _spelled(tensors, family, _diffusers_parts)


def _diffusers_parts(component: str) -> tuple[str, str]:
    start = "lora" if component == UNET else "lora_linear_layer"
    return f"{start}.down.weight", f"{start}.up.weight"


def _spelled(tensors: Mapping[str, Tensor], family: str, parts_in: Callable[[str], tuple[str, str]]) -> Spelled:
    tensors = to_kohya(tensors, family=family)
    layers = layers_of({key: tuple(tensor.shape) for key, tensor in tensors.items()})
    linear = (family or _family(layers, {name: place_of(name) for name in layers}, {})) == "sd2"
    out: dict[str, Tensor] = {}
    sizes: dict[tuple[str, str], tuple[int, float, bool]] = {}
    for key, tensor in tensors.items():
        name, part = split(key)
        if name not in layers:
            out[key] = tensor
            continue
        _reject_other_kinds(name, layers[name])
        dotted = dotted_name(name)
        component, _, path = dotted.partition(".")
        down, up = parts_in(component)
        if linear and path.endswith(("proj_in", "proj_out")) and tensor.shape[2:] == (1, 1):
            tensor = tensor[:, :, 0, 0]
        if part == _DORA:
            flat = tensors[f"{name}.{_DOWN}"].dim() == 2 or linear
            out[f"{dotted}.lora_magnitude_vector"] = tensor.flatten() if flat else tensor.transpose(0, 1)
        elif part != _ALPHA:
            out[f"{dotted}.{down if part == _DOWN else up}"] = tensor
        rank = layers[name].parts[_DOWN][0]
        alpha = tensors.get(f"{name}.{_ALPHA}")
        sizes[component, path] = rank, float(rank if alpha is None else alpha), _DORA in layers[name].parts
    return Spelled(out, packed_config(sizes) if sizes else {})


def _reject_other_kinds(name: str, layer: Layer) -> None:
    dora = layer.parts.get(_DORA, (1,))
    if not {_DOWN, _UP} <= set(layer.parts) <= {_DOWN, _UP, _ALPHA, _DORA} or dora[0] != max(dora):
        raise ModelFileError(
            say("{name}: is of a kind ({kind}) that these names have no form for; keep kohya's names",
                name=name, kind=layer.kind)
        )  # fmt: skip
