"""Files of networks that settings name: read for a run, and looked through for its plan."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from torch import Tensor

from lib_train.checkpoints.files import read_network
from lib_train.checkpoints.resume import read_state
from lib_train.config.run import RunConfig
from lib_train.errors import ModelFileError, Problem
from lib_train.host.protocol import ModelSize
from lib_train.network_kinds import BUNDLED, family_of, foreign_family, layers_of
from lib_train.networks.contents import layers_in, reject_strangers
from lib_train.networks.finite import not_finite, some_of
from lib_train.networks.kinds import CONSTANTS, KINDS, kind_for
from lib_train.networks.sizes import Sizes, sizes_in
from lib_train.networks.spellings import to_kohya
from lib_train.texts import every, joined, say
from lib_train.training.given import Background, Given
from lib_train.training.rates import rate_by_layer

_NAMES = {"sd1": "SD1", "sd2": "SD2", "sdxl": "SDXL"}


def given_for(config: RunConfig, family: str, state: Path | None) -> Given:
    """The networks of a run.

    Args:
        family: of the base model.
        state: of a run that is resumed, which holds its network: the file that it began with need not be there, but
            those in the background.

    Raises:
        TrainToolsError: a file cannot be read.
    """
    settings = config.network
    background = tuple(Background(_tensors(Path(file), family), strength) for file, strength in settings.background)
    if not settings.network_weights:
        return Given(background=background)
    if state is None:
        return Given(weights=_tensors(Path(settings.network_weights), family), background=background)
    start = "network."
    tensors = read_state(state)[0]
    weights = {key.removeprefix(start): tensors[key] for key in tensors if key.startswith(start)}
    return Given(weights=weights, background=background)


def _tensors(path: Path, family: str) -> dict[str, Tensor]:
    """A file's network under kohya's names."""
    tensors, metadata = read_network(path)
    network = {key: tensor for key, tensor in tensors.items() if not key.startswith(BUNDLED)}
    try:
        return to_kohya(network, metadata, family)
    except ModelFileError as error:
        raise ModelFileError(joined(": ", (path, error))) from error


class Contents(NamedTuple):
    """What a plan needs to know of a file's network."""

    sizes: Sizes
    layers: Mapping[str, tuple[str, int]]
    """Name -> name of the kind in ``KINDS``, and how many numbers are trained in it."""
    bundled: tuple[str, ...]
    """Embeddings that are left out."""


def contents_of(path: Path, size: ModelSize) -> Contents:
    """The contents of a network file for this base model. Remembered, as long as the file does not change.

    Raises:
        ModelFileError: it cannot be read, is of another family, holds layers that the model has not, or NaN.
    """
    try:
        stat = path.stat()
        mark = stat.st_mtime_ns, stat.st_size
    except (OSError, ValueError):
        mark = 0, 0  # reading it tells what is wrong
    found = _remembered(path, *mark, size.family)
    reject_strangers(found.layers, {layer.name for layer in size.layers})
    return found


@lru_cache(maxsize=20)
def _remembered(path: Path, changed: int, length: int, family: str) -> Contents:
    """``changed`` and ``length`` are part of the key alone."""
    tensors, metadata = read_network(path)
    shapes = {key: tuple(tensor.shape) for key, tensor in tensors.items()}
    own = foreign_family(list(shapes), metadata) or family_of(layers_of(shapes), metadata)
    if own not in ("", family):
        raise ModelFileError(
            say("is for {family}, the base model is {base}: choose a file of the base model's family",
                family=_NAMES.get(own, own), base=_NAMES[family])
        )  # fmt: skip
    stored = layers_in(tensors, metadata, family)
    if broken := not_finite(tensors.items()):
        raise ModelFileError(
            say("{count} of its tensors hold NaN or infinity ({names}): its training diverged or the file is damaged; "
                "choose an earlier checkpoint or another copy",
                count=len(broken), names=some_of(broken))
        )  # fmt: skip
    kinds = {id(kind): name for name, kind in KINDS.items()}
    numbers = {
        name: sum(tensor.numel() for part, tensor in one.parts.items() if part not in CONSTANTS)
        for name, one in stored.items()
    }
    names = {key.split(".")[1] for key in tensors if key.startswith(BUNDLED)}
    return Contents(
        sizes_in({f"{name}.{part}": tensor for name, one in stored.items() for part, tensor in one.parts.items()}),
        {name: (kinds[id(one.kind)], numbers[name]) for name, one in stored.items()},
        tuple(sorted(names)),
    )


class Found(NamedTuple):
    """What files of networks mean for a plan."""

    weights: int | None = None
    """Numbers that are trained, where a file decides it."""
    sizes: Sizes | None = None
    """Of the trained network, where a file decides them."""
    background: int = 0
    """Numbers that are on and not trained."""
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def found_in(config: RunConfig, size: ModelSize) -> Found:
    """The files that the settings name, looked through."""
    found, background, notes, problems = _gone_on_from(config, size), 0, list[str](), list[Problem]()
    names = [Path(file).stem for file in config.network.base_weights]
    for file, strength in config.network.background:
        if names.count(Path(file).stem) > 1:
            remedy = say("another file in it has the same name, by which the WebUI calls them: rename one")
            problems.append(Problem("base_weights", file, remedy))
        try:
            contents = contents_of(Path(file), size)
        except ModelFileError as error:
            problems.append(Problem("base_weights", file, str(error)))
            continue
        background += sum(numbers for _, numbers in contents.layers.values())
        notes.append(say("in the background at strength {strength:g}: {file}, {sizes}",
                         strength=strength, file=Path(file).name, sizes=contents.sizes))  # fmt: skip
    return found._replace(background=background, notes=(*found.notes, *notes), problems=(*found.problems, *problems))


def _gone_on_from(config: RunConfig, size: ModelSize) -> Found:
    """That of network_weights; nothing where it is empty."""
    file, settings = config.network.network_weights, config.network
    if not file:
        return Found()
    try:
        contents = contents_of(Path(file), size)
    except ModelFileError as error:
        return Found(problems=(Problem("network_weights", file, str(error)),))
    notes = [say("training goes on from {file}: {sizes}", file=Path(file).name, sizes=contents.sizes)]
    if contents.bundled:
        notes.append(say("embeddings in {file} are left out: {names}",
                         file=Path(file).name, names=some_of(contents.bundled)))  # fmt: skip
    put_on = dict.fromkeys(kind for kind, _ in contents.layers.values() if not KINDS[kind].is_trained)
    if put_on:
        remedy = say("holds {kinds}, which is read but not trained here: make a LoRA of it with Resize, or set it as "
                     "base_weights, in the background", kinds=every(put_on))  # fmt: skip
        return Found(notes=tuple(notes), problems=(Problem("network_weights", file, remedy),))
    if not settings.dim_from_weights:
        differences = list(_differences(config, size, contents))
        remedy = say("{sizes}, does not fit the settings: {differences}. Set dim_from_weights, which takes kind and "
                     "sizes from the file, or set what it has",
                     sizes=contents.sizes, differences=joined("; ", differences))  # fmt: skip
        return Found(notes=tuple(notes), problems=(Problem("network_weights", file, remedy),) if differences else ())
    rate = rate_by_layer(config.training, size.family)
    trained = [layer.name for layer in size.layers if layer.name in contents.layers and rate(layer)]
    if frozen := len(contents.layers) - len(trained):
        notes.append(say("{count} layers of {file} have no learning rate and stay as they are",
                         count=frozen, file=Path(file).name))  # fmt: skip
    return Found(sum(contents.layers[name][1] for name in trained), contents.sizes, notes=tuple(notes))


def _differences(config: RunConfig, size: ModelSize, contents: Contents) -> Iterator[str]:
    settings, rate = config.network, rate_by_layer(config.training, size.family)
    wanted: dict[str, tuple[str, int]] = {}
    kinds = {id(kind): name for name, kind in KINDS.items()}
    for layer in size.layers:
        kind = kind_for(layer, settings)
        if rate(layer) and (count := kind.size(layer, settings)):
            wanted[layer.name] = kinds[id(kind)], count
    other = [name for name, one in contents.layers.items() if wanted.get(name, one) != one]
    missing = [name for name in wanted if name not in contents.layers]
    more = [name for name in contents.layers if name not in wanted]
    if other:
        yield say("{count} layers are of another kind or size ({names})", count=len(other), names=some_of(other))
    if missing:
        yield say("{count} layers that are to be trained are missing ({names})",
                  count=len(missing), names=some_of(missing))  # fmt: skip
    if more:
        yield say("{count} layers are not to be trained ({names})", count=len(more), names=some_of(more))
