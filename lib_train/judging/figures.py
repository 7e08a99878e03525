"""Figures of one network from what was predicted with it and without it. Plain formulas on tensors."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from statistics import fmean

import torch
from torch import Tensor

from lib_train.judging.probes import Aim, Drift, Pair, Probes, Start

Answers = Sequence[Tensor]
"""A prediction (4, h, w), float32, for each question."""
HIGHEST = {"leak": 2, "obedience": 3, "reaction": 1}
"""Of how many bands a figure is the mean: below them the noisy picture says more than the prompt."""
NARROW = 1e-12
"""Below it a mean of squares counts as nothing."""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Of one network."""

    values: dict[str, float] = field(default_factory=dict)
    bands: dict[str, list[float]] = field(default_factory=dict)
    """The same by band of timesteps, lowest first, where a figure has bands."""


def figures_of(probes: Probes, before: Answers, after: Answers) -> Figures:
    """All figures that predictions tell.

    Args:
        before: of the base model.
        after: with the network.
    """
    count = len(probes.timesteps)
    gains = gain(probes.trained, before, after, count)
    bands = {"gain": gains, "loss": losses(probes.trained, after, count)}
    if probes.unseen:
        seen, unseen = gain(probes.compared, before, after, count), gain(probes.unseen, before, after, count)
        bands["gap"] = [one - other for one, other in zip(seen, unseen, strict=True)]
    bands["leak"] = drift(probes.neutral, before, after, count)
    moves = moved(probes.subject, before, after, count), moved(probes.neutral, before, after, count)
    bands["selectivity"] = [own / max(other, NARROW) for own, other in zip(*moves, strict=True)]
    bands["obedience"], bands["reaction"] = obedience(probes.pairs, before, after, count)
    return Figures(values={**summary(bands), "variety": variety(probes, before, after)}, bands=bands)


def summary(bands: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Each figure as one number: the mean of its bands, of some figures of the highest ones alone."""
    return {name: fmean(found[-HIGHEST.get(name, len(found)) :]) for name, found in bands.items()}


def losses(aims: Iterable[Aim], answers: Answers, count: int) -> list[float]:
    """Mean squared error by band."""
    found: list[list[float]] = [[] for _ in range(count)]
    for aim in aims:
        found[aim.band].append(_square(answers[aim.place] - aim.target))
    return [fmean(some) for some in found]


def gain(aims: Sequence[Aim], before: Answers, after: Answers, count: int) -> list[float]:
    """(L0 - L1) / L0 by band, L0 being the mean squared error of the base model and L1 that with the network."""
    pairs = zip(losses(aims, before, count), losses(aims, after, count), strict=True)
    return [(one - other) / max(one, NARROW) for one, other in pairs]


def drift(drifts: Sequence[Drift], before: Answers, after: Answers, count: int) -> list[float]:
    """By band, mean |f1(c) - f0(c)|^2 over mean |f0(c) - f0("")|^2: at 1 the network changes as much as a prompt does.

    f0 predicts without the network, f1 with it. The empty caption itself counts above the line alone.
    """
    found = []
    for band, change in enumerate(moved(drifts, before, after, count)):
        some = [one for one in drifts if one.band == band and one.place != one.empty]
        said = fmean(_square(before[one.place] - before[one.empty]) for one in some)
        found.append(change / max(said, NARROW))
    return found


def moved(drifts: Sequence[Drift], before: Answers, after: Answers, count: int) -> list[float]:
    """Mean |f1(c) - f0(c)|^2 by band."""
    found: list[list[float]] = [[] for _ in range(count)]
    for one in drifts:
        found[one.band].append(_square(after[one.place] - before[one.place]))
    return [fmean(some) for some in found]


def obedience(pairs: Sequence[Pair], before: Answers, after: Answers, count: int) -> tuple[list[float], list[float]]:
    """How what a word changes with the network lies to what it changes without: their cosine, and the share of the
    latter that is left, by band. Of all pairs together, so that words to which the base model reacts more count more.
    """
    cosines, shares = [], []
    for band in range(count):
        both, ours, theirs = 0.0, 0.0, 0.0
        for pair in (one for one in pairs if one.band == band):
            new = (after[pair.second] - after[pair.first]).double()
            old = (before[pair.second] - before[pair.first]).double()
            both += float((new * old).sum())
            ours += float(new.square().sum())
            theirs += float(old.square().sum())
        cosines.append(both / max((ours * theirs) ** 0.5, NARROW))
        shares.append(both / max(theirs, NARROW))
    return cosines, shares


def variety(probes: Probes, before: Answers, after: Answers) -> float:
    """Mean distance between pictures of other seeds, as an early step estimates them, over that without the network."""
    return _spread(probes, after) / max(_spread(probes, before), NARROW)


def _spread(probes: Probes, answers: Answers) -> float:
    pictures = [_picture(probes, start, answers[start.place]) for start in probes.starts]
    return fmean(_square(one - other) ** 0.5 for one, other in combinations(pictures, 2))


def _picture(probes: Probes, start: Start, answer: Tensor) -> Tensor:
    """The latents without noise that follow from a prediction."""
    noisy, bar = probes.questions[start.place].noisy, float(start.bar)
    clean, rest = bar**0.5, (1 - bar) ** 0.5
    return (
        noisy.mul(clean).sub(answer.mul(rest)) if probes.prediction == "v" else noisy.sub(answer.mul(rest)).div(clean)
    )


def _square(tensor: Tensor) -> float:
    return float(tensor.double().square().mean())


def finite(answers: Answers) -> bool:
    """Whether no prediction holds NaN or infinity."""
    return all(bool(torch.isfinite(one).all()) for one in answers)
