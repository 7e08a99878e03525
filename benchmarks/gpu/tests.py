"""``python -m benchmarks.gpu.tests gpu``: the tests with this marker expression, counted. Ends with JSON."""

import json
import sys
from collections import Counter

import pytest


class Counts:
    """A plugin of pytest that counts outcomes and keeps the names of what failed."""

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()
        self.failed: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.append(report.nodeid)
        if report.when == "call" or not report.passed:
            self.outcomes[report.outcome] += 1

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.failed.append(report.nodeid)


def counted(marker: str, *arguments: str) -> dict[str, object]:
    """How many of the tests in tests/gpu passed and were skipped, and which failed."""
    counts = Counts()
    usual = [
        "-m",
        marker,
        "-p",
        "no:cacheprovider",
        "-W",
        "default",
    ]  # this machine's packages may warn of other things
    code = pytest.main([*usual, *(arguments or ["tests/gpu"])], plugins=[counts])
    found: dict[str, object] = {"passed": counts.outcomes["passed"], "skipped": counts.outcomes["skipped"]}
    if counts.failed or code:
        found["failed"] = list(dict.fromkeys(counts.failed))
        found["error"] = f"{len(counts.failed)} tests failed" if counts.failed else f"pytest ended with {int(code)}"
    return found


if __name__ == "__main__":
    sys.stdout.write("\n" + json.dumps(counted(*sys.argv[1:])) + "\n")
