"""Network files in other programs' names, PEFT's, diffusers' and dotted ones, to kohya's and back. No numbers change
but those of (IA)3, and of LoKr that is scaled, in PEFT: see ``peft_kinds.py``."""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from torch import Tensor

from lib_train.errors import ModelFileError
from lib_train.network_kinds import Layer, family_of, layers_of, split
from lib_train.networks.adapter_config import LORA, NAMES_OF, Adapted, packed_config
from lib_train.networks.peft_kinds import Layered, from_peft, sides_of
from lib_train.networks.peft_kinds import to_peft as kind_to_peft
from lib_train.networks.places import TEXT, TEXT_2, UNET, Place, dotted_name, is_sdxl, kohya_name, place_of
from lib_train.texts import say

_DOWN, _UP, _ALPHA, _DORA = "lora_down.weight", "lora_up.weight", "alpha", "dora_scale"
_MAGNITUDE = ".lora_magnitude_vector"
_LDM = re.compile(r"lora_unet_(input_blocks|middle_block|output_blocks|time_embed_|label_emb|out_\d)")
"""How kohya's names of SDXL's U-Net begin."""
_TEXT_FAMILIES = {768: ("sd1", TEXT), 1024: ("sd2", TEXT), 1280: ("sdxl", TEXT_2)}
"""Width of a text encoder -> family that has only this one, or what it is in SDXL."""


class Spelled(NamedTuple):
    """A network under other names than kohya's."""

    tensors: dict[str, Tensor]
    metadata: dict[str, str]
    """What these names have no room for: kinds and alphas, which diffusers since 0.34 and PEFT read there, while older
    ones and other programs take alpha to be the rank; and the family, where the names would not tell it."""


def to_kohya(
    tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None, family: str = ""
) -> dict[str, Tensor]:
    """A network file under kohya's names; tensors that belong to no layer keep theirs.

    A LoRA, LoHa or LoKr without alpha gets one: that of the adapter's configuration in the metadata, or else its rank.
    PEFT's magnitudes, one for each output, become a dora_scale of (O, 1) or (O, 1, 1, 1), its factors of (IA)3 those
    that are added to 1.

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
        if names[name] == name:
            continue
        parts = from_peft(name, place, parts, metadata)
        if family != "sdxl" and place.path.endswith(("proj_in", "proj_out")):
            parts = {part: _as_convolution(part, tensor) for part, tensor in parts.items()}
        found[names[name]] = parts
    return {f"{name}.{part}": tensor for name, parts in found.items() for part, tensor in parts.items()} | others


def _family(layers: Mapping[str, Layer], places: Mapping[str, Place], metadata: Mapping[str, str]) -> str:
    if family := family_of(layers, metadata) or metadata.get(NAMES_OF, ""):
        return family
    sdxl = is_sdxl(list(places.values()))
    if sdxl is not None:
        return "sdxl" if sdxl else "sd1"  # or sd2, whose names are the same
    widths = (_width(layer) for name, layer in layers.items() if places[name].component != UNET)
    wide = next((width for width in widths if width in (1024, 1280)), 0)
    return _TEXT_FAMILIES[wide][0] if wide else ""


def _width(layer: Layer) -> int:
    return min((side for side in sides_of(layer.parts) if side), default=0)


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
    """A file with kohya's names under those that PEFT writes today, and diffusers: ``unet.….lora_A.weight``.

    Args:
        family: "sd1", "sd2" or "sdxl"; empty asks the file.

    Raises:
        ModelFileError: a layer is unknown, or of a kind that PEFT has not: all but LoRA, LoCon, a DoRA of outputs,
            LoHa, LoKr and (IA)3; or there are several in one part, or LoKr of several factors.
    """
    return _spelled(tensors, family, lambda component: ("lora_A.weight", "lora_B.weight"), kind_to_peft)


def to_diffusers(tensors: Mapping[str, Tensor], family: str = "") -> Spelled:
    """As ``to_peft``, under the names that diffusers wrote up to 0.30: ``.lora.down.weight`` in U-Nets,
    ``.lora_linear_layer.down.weight`` in text encoders. They have none for other kinds than LoRA, LoCon and DoRA.
    """
    return _spelled(tensors, family, _diffusers_parts, lambda place, parts: None)


def _diffusers_parts(component: str) -> tuple[str, str]:
    start = "lora" if component == UNET else "lora_linear_layer"
    return f"{start}.down.weight", f"{start}.up.weight"


def _spelled(
    tensors: Mapping[str, Tensor],
    family: str,
    ends_in: Callable[[str], tuple[str, str]],
    other: Callable[[Place, Mapping[str, Tensor]], Layered | None],
) -> Spelled:
    names_of = family or _names_of(tensors)
    tensors = to_kohya(tensors, family=family)
    layers = layers_of({key: tuple(tensor.shape) for key, tensor in tensors.items()})
    linear = (family or _family(layers, {name: place_of(name) for name in layers}, {})) == "sd2"
    out: dict[str, Tensor] = {}
    found: dict[str, dict[str, Tensor]] = {}
    for key, tensor in tensors.items():
        name, part = split(key)
        if name in layers:
            found.setdefault(name, {})[part] = tensor
        else:
            out[key] = tensor
    adapted: dict[tuple[str, str], Adapted] = {}
    for name, parts in found.items():
        component, _, path = dotted_name(name).partition(".")
        if linear and path.endswith(("proj_in", "proj_out")):
            parts = {part: _as_matrix(tensor) for part, tensor in parts.items()}
        one = other(Place(component, path), parts) or _lora(name, layers[name], parts, ends_in(component), linear)
        out |= {f"{component}.{path}.{part}": tensor for part, tensor in one.parts.items()}
        adapted[component, path] = one.adapted
    return Spelled(out, _told(out, packed_config(adapted), names_of) if adapted else {})


def _as_matrix(tensor: Tensor) -> Tensor:
    return tensor[:, :, 0, 0] if tensor.shape[2:] == (1, 1) else tensor


def _lora(name: str, layer: Layer, parts: Mapping[str, Tensor], ends: tuple[str, str], linear: bool) -> Layered:
    _reject_other_kinds(name, layer)
    flat = parts[_DOWN].dim() == 2 or linear
    out = {}
    for part, tensor in parts.items():
        if part == _DORA:
            out["lora_magnitude_vector"] = tensor.flatten() if flat else tensor.transpose(0, 1)
        elif part != _ALPHA:
            out[ends[part == _UP]] = tensor
    rank = parts[_DOWN].shape[0]
    return Layered(out, Adapted(LORA, rank, float(parts.get(_ALPHA, rank)), _DORA in parts))


def _names_of(tensors: Mapping[str, Tensor]) -> str:
    """The family whose names kohya's own names are: only SDXL's are ldm's, and tell two text encoders apart."""
    names = [name for name, _ in map(split, tensors) if name.startswith(("lora_unet_", "lora_te"))]
    if not names or any("." in name for name in names):
        return ""
    sdxl = any(name.startswith(("lora_te1_", "lora_te2_")) or _LDM.match(name) for name in names)
    return "sdxl" if sdxl else "sd1"


def _told(tensors: Mapping[str, Tensor], metadata: dict[str, str], names_of: str) -> dict[str, str]:
    """The metadata, with the family where these names do not tell it."""
    layers = layers_of({key: tuple(tensor.shape) for key, tensor in tensors.items()})
    if not names_of or _family(layers, {name: place_of(name) for name in layers}, {}):
        return metadata
    return metadata | {NAMES_OF: names_of}


def _reject_other_kinds(name: str, layer: Layer) -> None:
    dora = layer.parts.get(_DORA, (1,))
    if not {_DOWN, _UP} <= set(layer.parts) <= {_DOWN, _UP, _ALPHA, _DORA} or dora[0] != max(dora):
        raise ModelFileError(
            say("{name}: is of a kind ({kind}) that these names have no form for; keep kohya's names",
                name=name, kind=layer.kind)
        )  # fmt: skip
