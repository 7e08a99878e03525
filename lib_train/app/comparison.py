"""All checkpoints of a version beside each other: which pictures can be compared, and what a person decided of them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any

from lib_train.app.handover import installed
from lib_train.app.picture_numbers import Numbers
from lib_train.app.told_pictures import Picture, ToldPictures
from lib_train.app.versions import Versions
from lib_train.config.sample_prompts import parted
from lib_train.host.protocol import Host
from lib_train.store.choices import Choice, choices_of, choose
from lib_train.store.projects import Version
from lib_train.store.runs import Checkpoint, checkpoints_of

Variant = tuple[float, str]
"""Weight, and weights of blocks as they were written."""


@dataclass
class _Column:
    shared: Mapping[str, Any]
    time: int = 0
    base: str = ""
    cells: dict[Variant, dict[int, str]] = field(default_factory=dict)
    """Pictures by number of the checkpoint."""


class Comparison:
    """For one host and one root folder."""

    def __init__(self, host: Host, versions: Versions) -> None:
        self._host, self._versions = host, versions
        self._told = ToldPictures()

    def of(self, project: str, version: str) -> dict[str, Any]:
        """Checkpoints, oldest first; columns of pictures that differ in checkpoint, weight and weights of blocks alone.

        Pictures stand in their column by what they tell, never by their names. Of several of one cell the newest is
        shown. Columns of prompts that the settings have now come first, in their order; others behind them, the newest
        first.

        Raises:
            ProjectError: there is no such version, or it cannot be read.
        """
        there = self._versions.existing(project, version)
        checkpoints = in_order(checkpoints_of(there))
        pictures, untold = self._told.of(there)
        places, columns, gone = _Places(checkpoints), dict[str, _Column](), 0
        for one in pictures:
            place = places.of(one)
            if place is None and one.told.weight and one.told.checkpoint:
                gone += 1
                continue
            _put(columns.setdefault(one.column, _Column(one.told.shared)), one, place)
        choices, numbers = choices_of(there), Numbers(self._versions.root)
        variants = sorted({variant for column in columns.values() for variant in column.cells})
        return {
            "checkpoints": [self._checkpoint(one, choices) for one in checkpoints],
            "variants": [{"weight": weight, "blocks": blocks} for weight, blocks in variants],
            "columns": [
                _column_json(key, one, variants, len(checkpoints), numbers) for key, one in self._sorted(there, columns)
            ],
            **numbers.as_json(),
            "untold": untold,
            "gone": gone,
        }

    def choose(self, project: str, version: str, name: str, changes: Mapping[str, str]) -> dict[str, Any]:
        """Change a checkpoint's "verdict" ("starred", "rejected" or empty) or its "note"; returns both.

        Raises:
            ConfigError: there is no such verdict, or the note is too long.
            ProjectError: there is none of this name, or nothing can be written.
        """
        return asdict(choose(self._versions.existing(project, version), name, changes))

    def _checkpoint(self, one: Checkpoint, choices: Mapping[str, Choice]) -> dict[str, Any]:
        return {
            "name": one.path.name,
            "run": one.run or "",
            "step": one.step,
            "epoch": one.epoch,
            "loss": one.loss,
            "bytes": one.path.stat().st_size,
            "installed": installed(self._host, one.path),
            **asdict(choices.get(one.path.name, Choice())),
        }

    def _sorted(self, there: Version, columns: Mapping[str, _Column]) -> list[tuple[str, _Column]]:
        lines = there.kept().config.preview.preview_prompts
        turn = {parted(line)[0]: place for place, line in reversed(list(enumerate(lines)))}

        def order(item: tuple[str, _Column]) -> tuple[int, int]:
            place = turn.get(str(item[1].shared["prompt"]).strip(), len(turn))
            return place, -item[1].time

        return sorted(columns.items(), key=order)


def in_order(checkpoints: Sequence[Checkpoint]) -> list[Checkpoint]:
    """Oldest first by run and step; behind them those that no run's log names, oldest first."""
    return [one for one in reversed(checkpoints) if one.run] + [one for one in reversed(checkpoints) if not one.run]


class _Places:
    """Numbers of checkpoints by what a picture tells; trainings of the older extension share names of files."""

    def __init__(self, checkpoints: Sequence[Checkpoint]) -> None:
        self._own: dict[str, int] = {}
        self._older: dict[tuple[str, str], int] = {}
        for place, one in enumerate(checkpoints):
            self._own.setdefault(one.path.stem, place)
            self._older[one.path.parent.name, one.path.stem] = place

    def of(self, picture: Picture) -> int | None:
        """None for the base model's, and where the checkpoint is gone."""
        told = picture.told
        if not told.weight or not told.checkpoint:
            return None
        if picture.training:
            return self._older.get((picture.training, told.checkpoint))
        return self._own.get(told.checkpoint)


def _put(column: _Column, picture: Picture, place: int | None) -> None:
    column.time = max(column.time, picture.time)
    if place is None:
        column.base = picture.path
    else:
        column.cells.setdefault((picture.told.weight, picture.told.blocks), {})[place] = picture.path


def _column_json(
    key: str, column: _Column, variants: Sequence[Variant], count: int, numbers: Numbers
) -> dict[str, Any]:
    rows = [
        {"variant": place, "cells": [numbers.of(column.cells[variant].get(one, "")) for one in range(count)]}
        for place, variant in enumerate(variants)
        if variant in column.cells
    ]
    return {"id": id_of(key), "request": dict(column.shared), "base": numbers.of(column.base), "rows": rows}


def id_of(column: str) -> str:
    """Twelve hexadecimal digits by which a column is named. Args: column: see ``Told.column``."""
    return sha256(column.encode()).hexdigest()[:12]
