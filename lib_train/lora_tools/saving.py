"""A tool's file: its metadata are those of the file that it was made of, and tell what was done."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from torch import Tensor

from lib_train.checkpoints.files import reject_taken, write_network
from lib_train.checkpoints.inspect import broken_in
from lib_train.checkpoints.metadata import ARCHITECTURES
from lib_train.config.tools import KEEP
from lib_train.errors import ConfigError, ModelFileError, Problem
from lib_train.lora_tools.layers import NetworkSource
from lib_train.network_kinds import Layer, family_of, layers_of
from lib_train.networks.adapter_config import without_config
from lib_train.networks.finite import some_of
from lib_train.networks.kinds import lora
from lib_train.networks.update import Parts
from lib_train.texts import Text, say

STALE = ("sshs_", "modelspec.hash_sha256")
"""What is said of the old file's bytes; ``write_network`` adds the new one's."""
_VERSIONS = {family: version for (family, prediction), (version, _) in ARCHITECTURES.items() if prediction == "epsilon"}


def reject_unusable(path: Path) -> None:
    """Raise an error where no network file can be written, before any work is done.

    Raises:
        ConfigError: the WebUI would not see it.
        FileError: a file is there already.
    """
    if path.suffix != ".safetensors":
        raise ConfigError([Problem("to", str(path), say("give a name that ends with .safetensors"))])
    reject_taken(path)


def keyed(layers: Mapping[str, Parts]) -> dict[str, Tensor]:
    """A file's tensors of its layers' parts."""
    return {f"{name}.{part}": tensor for name, parts in layers.items() for part, tensor in parts.items()}


def precision_of(setting: str, source: NetworkSource) -> str:
    """The precision that a setting means."""
    return source.precision if setting == KEEP else setting


def save(
    path: Path, tensors: Mapping[str, Tensor], source: NetworkSource, done: str, precision: str = "",
    more: Mapping[str, str] = MappingProxyType({}),
) -> list[Text]:  # fmt: skip
    """Write a network file.

    Args:
        source: the file whose metadata are kept; the WebUI calls the new one by its own name.
        done: what was done, in English, for ss_training_comment.
        precision: as for ``write_network``.
        more: further metadata.

    Returns:
        What a person should know of it.

    Raises:
        FileError: a file is there already, or the disk is full or read-only.
    """
    return written(path, tensors, {**metadata_of(path, tensors, source, done), **more}, precision)


def written(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str], precision: str) -> list[Text]:
    """As ``save``, with these metadata."""
    if broken := broken_in(tensors):
        raise ModelFileError(
            say("{path}: numbers of {count} layers ({names}) would be beyond the range of float32; choose other files "
                "or smaller weights",
                path=path, count=len(broken), names=some_of(broken))
        )  # fmt: skip
    beyond = write_network(path, tensors, metadata, precision)
    if not beyond:
        return []
    return [
        say("numbers of {count} tensors are beyond the range of {precision} ({names}), so the file is float32",
            count=len(beyond), precision=precision, names=some_of(beyond))
    ]  # fmt: skip


def metadata_of(path: Path, tensors: Mapping[str, Tensor], source: NetworkSource, done: str) -> dict[str, str]:
    """The metadata of a file that was made of another."""
    kept = {key: text for key, text in without_config(source.metadata).items() if not key.startswith(STALE)}
    layers = layers_of({key: tuple(tensor.shape) for key, tensor in tensors.items()})
    kept |= family_entries(layers, source.metadata)
    before = kept.get("ss_training_comment", "None")
    kept |= {
        "ss_output_name": path.stem,
        "ss_training_comment": done if before in ("", "None") else f"{before}; {done}",
    }
    if layers and all(layer.kind == "LoRA" for layer in layers.values()):
        dims = {layer.dim for layer in layers.values()}
        alphas = {float(tensors[layer.alpha]) for layer in layers.values() if layer.alpha}
        kept |= {"ss_network_dim": _one(dims), "ss_network_alpha": _one(alphas)}
        if kept.get("ss_network_module", "") != lora.KIND.module:
            kept |= {"ss_network_module": lora.KIND.module, "ss_network_args": "{}"}
    return dict(sorted(kept.items()))


def family_entries(layers: Mapping[str, Layer], metadata: Mapping[str, str]) -> dict[str, str]:
    """The entries by which the WebUI tells families, where a file has none and its layers tell."""
    family = family_of(layers, metadata)
    if not family or "ss_base_model_version" in metadata:
        return {}
    return {"ss_base_model_version": _VERSIONS[family], "ss_v2": str(family == "sd2")}


def _one(values: Iterable[float | None]) -> str:
    """The one value, or kohya's word for several."""
    found = list(values)
    return f"{found[0]}" if len(found) == 1 else "Dynamic"
