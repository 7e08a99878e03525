"""What a model is asked: noisy latents, timesteps and captions, the same ones for each network and for none."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple, TypeVar

import torch
from torch import Tensor

from lib_train.diffusion.noise import generator_of
from lib_train.diffusion.prediction import PREDICTIONS
from lib_train.diffusion.schedule import add_noise
from lib_train.judging.words import Words

_T = TypeVar("_T")
NEUTRAL_PICTURES = 4
"""Pictures whose noisy latents stand behind captions that are not theirs, in turn."""
SEEDS = 8


class Shown(NamedTuple):
    """A picture as the model is shown it."""

    latents: Tensor
    """(4, h, w): the mean of its distribution."""
    caption: str
    sizes: Tensor
    """(6,), as ``Batch.sizes`` has them."""


class Question(NamedTuple):
    """One prediction that is wanted."""

    noisy: Tensor
    """(4, h, w)."""
    timestep: int
    caption: str
    sizes: Tensor


class Aim(NamedTuple):
    """A question whose right answer is known."""

    place: int
    """Of the question."""
    band: int
    target: Tensor


class Drift(NamedTuple):
    """A question, and the same with the empty caption."""

    place: int
    empty: int
    band: int


class Pair(NamedTuple):
    """Two questions that differ in one word of the caption."""

    first: int
    second: int
    band: int


class Start(NamedTuple):
    """Pure noise at an early step of sampling."""

    place: int
    bar: float
    """Cumulative alpha of its timestep."""


@dataclass(frozen=True, kw_only=True)
class Probes:
    """Questions, and what each is for."""

    questions: tuple[Question, ...]
    timesteps: tuple[int, ...]
    """The middle of each band."""
    prediction: str
    """"epsilon" or "v"."""
    trained: tuple[Aim, ...]
    compared: tuple[Aim, ...]
    """Those trained ones that ``unseen`` is compared with."""
    unseen: tuple[Aim, ...]
    """Mirror images of trained pictures, or held-out ones; none where every mirror image is trained on, too."""
    subject: tuple[Drift, ...]
    """Captions with the trigger word."""
    neutral: tuple[Drift, ...]
    pairs: tuple[Pair, ...]
    starts: tuple[Start, ...]


@dataclass
class _Builder:
    bars: Tensor
    prediction: str
    seed: int
    questions: list[Question] = field(default_factory=list)
    known: dict[tuple[int, int, str], int] = field(default_factory=dict)
    noisy: dict[tuple[int, int], Tensor] = field(default_factory=dict)

    def noise(self, index: int, timestep: int, like: Tensor, *, mirrored: bool = False) -> Tensor:
        found = torch.randn(like.shape, generator=generator_of(self.seed, "judge", index, timestep))
        return found.flip(-1) if mirrored else found

    def ask(self, key: int, noise: Tensor, shown: Shown, timestep: int, caption: str) -> int:
        """The place of a question; ``key`` tells pictures with their noise from others."""
        if (key, timestep) not in self.noisy:
            bar = self.bars[timestep : timestep + 1]
            self.noisy[key, timestep] = add_noise(shown.latents[None], noise[None], bar)[0]
        asked = key, timestep, caption
        if asked not in self.known:
            self.known[asked] = len(self.questions)
            self.questions.append(Question(self.noisy[key, timestep], timestep, caption, shown.sizes))
        return self.known[asked]

    def target(self, shown: Shown, noise: Tensor, timestep: int) -> Tensor:
        bar = self.bars[timestep : timestep + 1]
        return PREDICTIONS[self.prediction].target(shown.latents[None], noise[None], bar)[0]


def probes_of(
    trained: Sequence[Shown],
    unseen: Sequence[Shown],
    words: Words,
    *,
    mirrored: bool,
    bars: Tensor,
    prediction: str,
    timesteps: Sequence[int],
    seed: int,
) -> Probes:
    """Questions about these pictures. All chance depends on seed, picture and timestep.

    Args:
        trained: at least one.
        unseen: mirror images of the first of ``trained``, or others.
        mirrored: whether they are mirror images: their noise is mirrored, too, so that the base model finds either as
            hard.
        bars: cumulative alphas (1000,).
        timesteps: of each band.
    """
    made = _Builder(bars.float().cpu(), prediction, seed)
    aims = [_aims(made, shown, index, index, timesteps) for index, shown in enumerate(trained)]
    others = [
        _aims(made, shown, len(trained) + index, index if mirrored else len(trained) + index, timesteps, mirrored)
        for index, shown in enumerate(unseen)
    ]
    compared = aims[: len(unseen)] if mirrored else aims
    behind = trained[:NEUTRAL_PICTURES]
    return Probes(
        timesteps=tuple(timesteps),
        prediction=prediction,
        trained=_flat(aims),
        compared=_flat(compared) if unseen else (),
        unseen=_flat(others),
        subject=_drifts(made, behind, [shown.caption for shown in behind], timesteps),
        neutral=_drifts(made, behind, words.neutral, timesteps),
        pairs=_pairs(made, behind, words.pairs, timesteps),
        starts=_starts(made, trained[0], timesteps[-1]),
        questions=tuple(made.questions),
    )


def _flat(aims: Sequence[Sequence[Aim]]) -> tuple[Aim, ...]:
    return tuple(aim for some in aims for aim in some)


def _aims(
    made: _Builder, shown: Shown, key: int, chance: int, timesteps: Sequence[int], mirrored: bool = False
) -> list[Aim]:
    found = []
    for band, timestep in enumerate(timesteps):
        noise = made.noise(chance, timestep, shown.latents, mirrored=mirrored)
        place = made.ask(key, noise, shown, timestep, shown.caption)
        found.append(Aim(place, band, made.target(shown, noise, timestep)))
    return found


def _drifts(
    made: _Builder, behind: Sequence[Shown], captions: Sequence[str], timesteps: Sequence[int]
) -> tuple[Drift, ...]:
    found = []
    for band, caption, ask in _asking(made, behind, captions, timesteps):
        place = ask(caption)
        found.append(Drift(place, ask(""), band))
    return tuple(found)


def _pairs(
    made: _Builder, behind: Sequence[Shown], pairs: Sequence[tuple[str, str]], timesteps: Sequence[int]
) -> tuple[Pair, ...]:
    found = []
    for band, pair, ask in _asking(made, behind, pairs, timesteps):
        first, second = map(ask, pair)
        found.append(Pair(first, second, band))
    return tuple(found)


def _asking(
    made: _Builder, behind: Sequence[Shown], some: Sequence[_T], timesteps: Sequence[int]
) -> Iterator[tuple[int, _T, Callable[[str], int]]]:
    """Each of some things at each timestep: its band, itself, and what asks of a caption on the picture in turn."""
    for band, timestep in enumerate(timesteps):
        for number, one in enumerate(some):
            index = number % len(behind)
            noise = made.noise(index, timestep, behind[index].latents)
            yield band, one, partial(made.ask, index, noise, behind[index], timestep)


def _starts(made: _Builder, shown: Shown, timestep: int) -> tuple[Start, ...]:
    nothing = shown._replace(latents=torch.zeros_like(shown.latents))
    found = []
    for number in range(SEEDS):
        noise = made.noise(-1 - number, timestep, shown.latents)
        place = made.ask(-1 - number, noise, nothing, timestep, shown.caption)
        found.append(Start(place, float(made.bars[timestep])))
    return tuple(found)
