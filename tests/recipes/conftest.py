"""Published recipes, followed from pictures to the file on the embedded model: trainings of eight minutes each.

``make recipes`` runs them; other calls of pytest leave them out.
"""

import os
import re
import socket
import subprocess
import sys

import pytest

from tests.recipes.commands import followed
from tests.recipes.following import ADDED, CHANGED

_HOURS = 3600  # seconds for a test: it trains for minutes, on slow machines for long


def pytest_collection_modifyitems(config, items):
    asked = "recipes" in config.option.markexpr
    for item in items:
        if item.get_closest_marker("recipes"):
            item.add_marker(pytest.mark.timeout(_HOURS))
            if not asked:
                item.add_marker(pytest.mark.skip(reason="trains for a quarter of an hour: run make recipes"))


@pytest.fixture(scope="session")
def by_command(tmp_path_factory):
    """The character's LoRA, trained and made small on the command line."""
    return followed(tmp_path_factory.mktemp("command"), "CharFramework", {**CHANGED, **ADDED})


@pytest.fixture
def tab(tmp_path):
    """Where ``train-tools ui`` answers, in a process of its own, with its projects in ``out``."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    words = ["ui", "--port", port, "--output", tmp_path / "out", "--loras", tmp_path / "loras", "--device", "cpu"]
    asked = [sys.executable, "-m", "lib_train", *map(str, words)]
    with subprocess.Popen(asked, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}) as one:
        assert one.stdout is not None
        try:
            address = one.stdout.readline().strip()
            assert re.fullmatch(rf"http://127\.0\.0\.1:{port}", address)
            yield address
        finally:
            one.terminate()


@pytest.fixture
def page():
    """A page of a headless browser; faults of its scripts fail the test."""
    from tests.browsing import CHROMIUM, FLAGS, PATIENCE, sync

    faults: list[str] = []
    with sync.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        opened = browser.new_page(viewport={"width": 1500, "height": 1000})
        opened.set_default_timeout(1000 * PATIENCE)
        opened.on("pageerror", lambda fault: faults.append(str(fault)))
        yield opened
        browser.close()
    assert not faults
