"""What the WebUI's own reader makes of a LoRA file, where that is not what the program meant that trained it."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from lib_train.checkpoints.opened import OpenTensors, opened_tensors
from lib_train.network_kinds import Layer, family_of, layers_of, spelling_of, split
from lib_train.texts import Text, say

_NORM = {"w_norm", "b_norm"}
_SUMMED = (*sorted(_NORM), "diff", "diff_b")
"""Parts to whose type the WebUI rounds the sum with the weight."""
_FATAL = ("T-LoRA", "VeRA", "AdaLoRA")
"""Kinds that stop it from loading the file at all."""
_SHARE = re.compile(r"(.*_self_attn)_(q|k|v|out)_proj$")


def read_otherwise(path: Path) -> list[Text]:
    """Sentences, from the file's header and its single numbers; none for most files.

    Source:
        extensions-builtin/Lora of AUTOMATIC1111's WebUI 1.10, networks.py and network_*.py.

    Raises:
        ModelFileError: the file cannot be read.
    """
    with opened_tensors(path) as file:
        return _told(file)


def _told(file: OpenTensors) -> list[Text]:
    metadata, types = file.metadata, {name: entry.kind for name, entry in file.entries.items()}
    layers = layers_of(file.shapes)
    spelling = spelling_of(types)
    notes = []
    if spelling != "kohya's":
        notes.append(say("The WebUI knows layers by kohya's names alone and passes over these ({spelling}); previews "
                         "made here rename them, and so does Convert.", spelling=spelling))  # fmt: skip
    notes += _of_kinds(layers, {kind for name, kind in types.items() if split(name)[1] == "dora_scale"})
    if outward := [name for name, layer in layers.items() if _is_outward(name, layer, file)]:
        notes.append(say("The WebUI passes over the factors of {count} convolutions: they are on the outputs, where it "
                         "reads those on inputs alone.", count=len(outward)))  # fmt: skip
    sums = {name for name, kind in types.items() if kind == "BF16" and split(name)[1] in _SUMMED}
    if sums:
        notes.append(say("{count} parts of full layers and norms are bf16: the WebUI rounds the base model's weights "
                         "there to bf16 as well; take an fp16 file.", count=len(sums)))  # fmt: skip
    whole = sum({"lokr_w1", "lokr_w2"} <= layer.parts.keys() for layer in layers.values())
    if whole and re.search(r"rs_lora\W+true", metadata.get("ss_network_args", ""), re.IGNORECASE):
        notes.append(say("The WebUI applies no scale to {count} LoKr layers of two whole matrices; rs_lora trained "
                         "them with one.", count=whole))  # fmt: skip
    unpaired = _incomplete_attention(layers) if family_of(layers, metadata) in ("sd2", "sdxl") else 0
    if unpaired:
        notes.append(say("The WebUI passes over {count} layers of a text encoder's attention: it wants q, k, v and out "
                         "of each.", count=unpaired))  # fmt: skip
    return notes


def _of_kinds(layers: Mapping[str, Layer], dora_types: set[str]) -> Iterator[Text]:
    kinds = {layer.kind.partition(" (")[0] for layer in layers.values()}
    for kind in sorted(kinds.intersection(_FATAL)):
        yield say("The WebUI does not load files with {kind}.", kind=kind)
    if any(layer.kind == "Norm" and not _NORM.issubset(layer.parts) for layer in layers.values()):
        yield say("The WebUI does not load files with norms of which weight or bias is missing.")
    wide = sum(_is_by_output(layer.parts.get("dora_scale", ())) for layer in layers.values())
    if wide:
        yield say("The WebUI takes the magnitudes of {count} DoRA layers for those of the inputs, which gives other "
                  "pictures: they are of the outputs.", count=wide)  # fmt: skip
    if "BF16" in dora_types:
        yield say("The magnitudes of DoRA are bf16: rounded by up to 16 % of what was learned; take an fp16 file.")
    if "BOFT" in kinds:
        yield say("The WebUI applies BOFT as it was trained at weight 1 alone.")
    if new := sum(layer.kind == "GLoRA" and not _is_old(layer) for layer in layers.values()):
        yield say("The WebUI puts on nothing of {count} GLoRA layers: it wants them in the order of LyCORIS 1; Resize "
                  "makes a LoRA of them.", count=new)  # fmt: skip
    if any("rescale" in layer.parts for layer in layers.values()):
        yield say("The WebUI applies a rescaled OFT as it was trained at weight 1 alone.")


def _is_outward(name: str, layer: Layer, file: OpenTensors) -> bool:
    """Whether these are (IA)3's factors on a convolution's outputs."""
    side = f"{name}.on_input"
    return len(layer.parts.get("weight", ())) == 4 and file.shapes.get(side) in ((), (1,)) and not file.take(side)


def _is_old(layer: Layer) -> bool:
    """Whether LyCORIS 1 wrote this GLoRA, whose a1 is (R, I)."""
    shape = layer.parts.get("a1.weight", ())
    return len(shape) > 1 and shape[0] < shape[1]


def _is_by_output(shape: tuple[int, ...]) -> bool:
    """Whether DoRA's magnitudes stand for outputs: (O, 1) or (O, 1, 1, 1)."""
    return len(shape) > 1 and shape[0] > 1 and all(side == 1 for side in shape[1:])


def _incomplete_attention(layers: Mapping[str, Layer]) -> int:
    found: dict[str, int] = {}
    for name in layers:
        match = _SHARE.match(name)
        if match and (name.startswith("lora_te2_") or name.startswith("lora_te_")):
            found[match[1]] = found.get(match[1], 0) + 1
    return sum(count for count in found.values() if count < 4)
