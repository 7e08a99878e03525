"""``make gpu`` without a graphics card: its parts, its clock, its JSON, and what a CPU can measure."""

import json
import re
import sys
import time
from pathlib import Path

import pytest
import torch

from benchmarks.gpu import __main__ as command
from benchmarks.gpu import environment, full_size, parts, tests
from benchmarks.gpu.cards import peak_tflops
from benchmarks.gpu.environment import LIST, MissingWheels, python_for
from benchmarks.gpu.parts import PARTS, Outcome, Part, run

ROOT = Path(__file__).parents[2]


def script(name, code, limit=20.0, **more):
    return Part(name, ("-c", code), limit, **more)


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ('print("noise"); print(\'{"it_s": 2.5}\')', Outcome({"it_s": 2.5})),
        ('print("no figures")', Outcome(fault="exit code 0; its last words: no figures")),
        ('print(\'{"error": "out of memory"}\')', Outcome({"error": "out of memory"}, "out of memory")),
        ("print('{\"a\": 1}'); raise SystemExit(3)", Outcome({"a": 1}, "exit code 3")),
        ('raise ValueError("odd")', Outcome(fault="exit code 1; its last words: ValueError: odd")),
    ],
    ids=["told", "silent", "error", "exit", "raised"],
)
def test_last_line_of_a_part_is_its_figures(code, outcome, tmp_path):
    assert run(script("part", code), sys.executable, tmp_path, 20) == outcome


def test_part_that_takes_too_long_is_ended_and_says_so(tmp_path):
    begun = time.monotonic()
    found = run(
        script("slow", "import time; print('begun', flush=True); time.sleep(60)", 30), sys.executable, tmp_path, 1
    )
    assert found == Outcome(fault="ended after 1 s; its last words: begun")
    assert time.monotonic() - begun < 20


@pytest.fixture
def machine(monkeypatch):
    """Sets what the machine says of itself, without asking it; other parts run."""

    def say(**told):
        real = parts.run

        def answered(part, *where):
            return Outcome(told) if part.name == "machine" else real(part, *where)

        monkeypatch.setattr(command, "run", answered)

    return say


GIVES = "print('{\"n\": 1}')"


def test_parts_for_which_no_time_is_left_are_left_out_and_named(machine):
    machine(cuda=True)
    some = [script("first", GIVES, least=5), script("second", GIVES, least=500), script("third", GIVES, least=5)]
    found = command.run_parts(some, sys.executable, 300, time.monotonic())
    assert (found["first"], found["third"]) == ({"n": 1}, {"n": 1})
    assert re.fullmatch(r"no time: (300|2\d\d) of 300 s were left, it needs 500", found["left_out"]["second"])  # type: ignore[index]
    assert (found["failed"], "second" in found) == ({}, False)


def test_a_part_that_failed_is_named_and_the_others_run(machine):
    machine(cuda=True)
    found = command.run_parts(
        [script("bad", "raise SystemExit(3)"), script("good", GIVES)], sys.executable, 60, time.monotonic()
    )
    assert list(found["failed"]) == ["bad"]  # type: ignore[call-overload]
    assert found["good"] == {"n": 1}


@pytest.mark.parametrize(("cuda", "runs"), [(True, "card"), (False, "processor")])
def test_each_machine_runs_what_it_can_and_names_the_rest(machine, cuda, runs):
    machine(cuda=cuda)
    some = [script("card", GIVES, cuda=True), script("processor", GIVES, cuda=False)]
    found = command.run_parts(some, sys.executable, 60, time.monotonic())
    assert [name for name in ("card", "processor") if name in found] == [runs]
    assert len(found["left_out"]) == 1  # type: ignore[arg-type]
    assert ("CUDA" in str(found["left_out"])) is not cuda


def test_parts_of_a_card_fit_into_the_budget_by_their_least_times():
    needed = sum(part.least for part in PARTS if part.cuda)
    assert needed < command._BUDGET_SECONDS < 480
    assert {part.arguments[1] for part in PARTS} <= {f"benchmarks.gpu.{n}" for n in ("tests", "full_size", "demo")}
    assert {part.arguments[2] for part in PARTS if "full_size" in part.arguments[1]} == full_size.CASES.keys()


def test_command_ends_with_one_line_of_json_also_where_everything_fails(monkeypatch, capsys):
    monkeypatch.setattr(command, "python_for", lambda wheels, folder: sys.executable)
    monkeypatch.setattr(command, "run", lambda *part: Outcome(fault="exit code 1"))
    assert command.main(["--only", "tests", "tiny_sd1"]) == 1
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found["failed"] == {"machine": "exit code 1"}
    assert found["left_out"].keys() == {"tests", "tiny_sd1"}


def test_machine_without_packages_and_without_wheels_is_told_what_to_do(monkeypatch, tmp_path):
    there = environment.importlib.util.find_spec  # type: ignore[attr-defined]
    monkeypatch.setattr(
        environment.importlib.util,  # type: ignore[attr-defined]
        "find_spec",
        lambda name: None if name == "diffusers" else there(name),  # type: ignore[attr-defined]
    )
    with pytest.raises(MissingWheels, match=r"has no diffusers, and there is no folder .*make gpu-wheels"):
        python_for(tmp_path / "wheels", tmp_path / "env")
    monkeypatch.setattr(environment.importlib.util, "find_spec", lambda name: None if name == "torch" else there(name))  # type: ignore[attr-defined]
    with pytest.raises(MissingWheels, match="has no torch: name one that has, PYTHON="):
        python_for(tmp_path / "wheels", tmp_path / "env")
    (tmp_path / "wheels").mkdir()
    monkeypatch.undo()
    with pytest.raises(MissingWheels, match="holds no pip: run `make gpu-wheels` again"):
        python_for(tmp_path / "wheels", tmp_path / "env")


def test_versions_of_the_wheels_are_those_that_were_tried_together():
    def pins(file):
        lines = [line.partition("==") for line in file.read_text().splitlines() if not line.startswith("#")]
        return {name.lower(): version for name, _, version in lines if version}

    tried, wheels = pins(ROOT / "constraints.txt"), pins(LIST)
    assert {name: tried[name] for name in wheels.keys() & tried.keys() - {"pillow"}}.items() <= wheels.items()
    assert {"diffusers", "transformers", "pytest"} <= wheels.keys()


@pytest.mark.parametrize(
    ("name", "peak"),
    [("NVIDIA H100 80GB HBM3", 989), ("NVIDIA H100 PCIe", 756), ("NVIDIA GeForce RTX 3090 Ti", 80), ("Tesla T4", 65),
     ("NVIDIA L40S", 362), ("NVIDIA L4", 121), ("a card of tomorrow", None)],
)  # fmt: skip
def test_peak_of_a_card_is_that_of_its_own_kind(name, peak):
    assert peak_tflops(name) == peak


@pytest.mark.filterwarnings("ignore::FutureWarning")  # diffusers of its own parts
def test_benchmark_trains_and_counts_on_a_cpu(monkeypatch):
    monkeypatch.setattr(full_size, "_WARM_UP", 1)
    case = full_size.CASES["tiny_sdxl"]
    found = full_size.measure(case, "bf16", torch.device("cpu"), 0.01)
    assert found.keys() == {"it_s", "pictures_s", "step_ms", "encoded_pictures_s", "peak_gb"}
    assert found["pictures_s"] == pytest.approx(found["it_s"] * case.batch)
    assert all(float(value) > 0 for value in found.values())


def test_benchmark_tells_that_memory_ran_out(monkeypatch):
    def greedy(*args, **more):
        raise torch.cuda.OutOfMemoryError("CUDA out of memory.\nMore of it")

    monkeypatch.setattr(full_size, "random_model", greedy)
    found = full_size.measure(full_size.CASES["sdxl_1024_b1"], "bf16", torch.device("cpu"), 1)
    assert found == {"error": "CUDA out of memory."}


def test_tests_are_counted_by_outcome_and_named_when_they_fail(monkeypatch):
    def outcomes(arguments, plugins):
        report = type("Report", (), {"nodeid": "a::b", "when": "call", "failed": False, "passed": False})
        for outcome in ("passed", "passed", "skipped", "failed"):
            one = report()
            one.outcome, one.passed, one.failed = outcome, outcome == "passed", outcome == "failed"
            plugins[0].pytest_runtest_logreport(one)
        return 1

    monkeypatch.setattr(tests.pytest, "main", outcomes)  # type: ignore[attr-defined]
    assert tests.counted("gpu") == {"passed": 2, "skipped": 1, "failed": ["a::b"], "error": "1 tests failed"}
