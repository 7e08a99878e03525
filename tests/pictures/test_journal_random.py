import os
from random import Random

import pytest

from lib_train.pictures.journal import Change, Journal, Made, Move, Step
from lib_train.pictures.places import Places
from tests.pictures.trees import content_below, made_tree


def random_steps(rng, tmp_path, folder):
    """One to six steps of any kind on different files."""
    steps: list[Step] = []
    there = sorted(folder.iterdir())
    for path in rng.sample(there, min(len(there), rng.randint(1, 6))):
        kind = rng.choice(("change", "change", "move", "make", "make", "remove"))
        fresh = folder / f"{rng.randrange(10**9)}{path.suffix}"
        if kind == "make":
            part = folder.parent / f".{fresh.name}"
            part.write_bytes(rng.randbytes(20))
            steps.append(Made(fresh, part))
        elif path.suffix == ".png":
            out = tmp_path / "dataset" / "left_out" / "10_mochi" / fresh.name
            steps.append(Move(path, rng.choice((fresh, fresh, out))))
        elif kind == "move":
            steps.append(Move(path, fresh))
        else:
            after = None if kind == "remove" else rng.randbytes(rng.randrange(40))
            steps.append(Change(path, path.read_bytes(), after))
    return steps


@pytest.mark.parametrize("seed", [1, 2])
def test_random_sequences_of_200_edits_are_undone_to_the_bytes_of_the_start(tmp_path, seed, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda handle: None)  # no power cut here
    folder = made_tree(tmp_path)
    edits = Journal(Places.of_version(tmp_path))
    rng, states = Random(seed), {0: content_below(tmp_path)}
    for number in range(1, 201):
        edits.apply(f"edit {number}", random_steps(rng, tmp_path, folder))
        if number % 10 == 0:
            states[number] = content_below(tmp_path)
            edits.undo()
            assert content_below(tmp_path) != states[number]
            edits.redo()
            assert content_below(tmp_path) == states[number]
    for number in range(199, -1, -1):
        assert edits.undo().left == ()
        assert number % 10 or content_below(tmp_path) == states[number]
    for number in range(1, 201):
        assert edits.redo().left == ()
        assert number % 10 or content_below(tmp_path) == states[number]
