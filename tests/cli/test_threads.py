import argparse
import os

import pytest
import torch

from lib_train.cli import threads
from lib_train.cli.threads import add_threads, free_cores, physical_cores, use_threads


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Eight CPUs, two on each of four cores, no quota, and nobody at work; returns where its files are."""
    for cpu in range(8):
        folder = tmp_path / f"cpu{cpu}" / "topology"
        folder.mkdir(parents=True)
        (folder / "thread_siblings_list").write_text(f"{cpu % 4},{cpu % 4 + 4}\n")
    monkeypatch.setattr(threads, "_CPUS", tmp_path)
    monkeypatch.setattr(threads, "_QUOTAS", (tmp_path / "cpu.max", tmp_path / "quota"))
    monkeypatch.setattr(threads, "_allowed", lambda: set(range(8)))
    monkeypatch.setattr(threads, "_busy_cores", lambda: 0.0)
    return tmp_path


@pytest.fixture
def computing(monkeypatch):
    """How many threads torch was told to compute with; nobody has set it by a variable."""
    numbers: list[int] = []
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(torch, "get_num_threads", lambda: numbers[-1] if numbers else 8)
    monkeypatch.setattr(torch, "set_num_threads", numbers.append)
    return numbers


def test_threads_of_one_core_count_once(machine):
    assert physical_cores() == 4


def test_affinity_leaves_cores_out(machine, monkeypatch):
    monkeypatch.setattr(threads, "_allowed", lambda: {1, 5, 2})
    assert physical_cores() == 2


@pytest.mark.parametrize(
    ("file", "text", "cores"),
    [("cpu.max", "max 100000", 4), ("cpu.max", "250000 100000", 3), ("cpu.max", "50000 100000", 1),
     ("quota", "200000", 2), ("quota", "-1", 4), ("cpu.max", "", 4)],
)  # fmt: skip
def test_quota_of_a_container_is_kept(machine, file, text, cores):
    (machine / file).write_text(text)
    assert physical_cores() == cores


@pytest.mark.parametrize(("busy", "free"), [(0.3, 4), (1.0, 3), (2.6, 1), (8.0, 1)])
def test_cores_that_others_use_are_left_to_them(machine, monkeypatch, busy, free):
    monkeypatch.setattr(threads, "_busy_cores", lambda: busy)
    assert free_cores() == free
    assert free_cores(watch=False) == 4


def test_torch_computes_on_the_free_cores_and_says_what_it_leaves(machine, computing, monkeypatch, capsys):
    monkeypatch.setattr(threads, "_busy_cores", lambda: 3.0)
    use_threads(None)
    assert computing == [1]
    assert (
        capsys.readouterr().out == "note: other programs compute here: 1 of 4 cores are used; --threads N takes more\n"
    )


def test_torch_takes_no_more_threads_than_it_has(machine, computing, monkeypatch):
    computing.append(2)
    use_threads(None)
    assert computing[-1] == 2


def test_what_a_person_says_is_done(machine, computing, capsys):
    use_threads(7)
    assert computing == [7]
    assert capsys.readouterr().out == ""


def test_variable_of_openmp_is_followed(machine, computing, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    use_threads(None)
    assert computing == []
    use_threads(2)
    assert computing == [2]


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "two", "1025", "9" * 5000, ""])
def test_number_of_threads_that_cannot_be_is_refused(text, capsys):
    parser = argparse.ArgumentParser()
    add_threads(parser)
    with pytest.raises(SystemExit):
        parser.parse_args([f"--threads={text}"])
    assert "give a number from 1 to 1024" in capsys.readouterr().err


@pytest.mark.skipif(not os.path.exists("/proc/stat"), reason="nothing tells what is busy here")
def test_busy_cores_are_read_from_the_system(monkeypatch):
    counts = iter([{0: (10, 100), 1: (0, 100)}, {0: (20, 110), 1: (5, 110)}])
    assert set(threads._ticks()) == threads._allowed()
    monkeypatch.setattr(threads, "_WATCHED_SECONDS", 0)
    monkeypatch.setattr(threads, "_ticks", lambda: next(counts))
    assert threads._busy_cores() == 1.5
