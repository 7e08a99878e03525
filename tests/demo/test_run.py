"""The demo as `make demo` runs it."""

import os

import pytest

from lib_train.app.sample import OF_KINDS
from lib_train.app.service import Service
from lib_train.config.network import NETWORK_TYPES
from lib_train.demo import run
from lib_train.host.standalone.host import StandaloneHost


def test_demo_trains_every_kind_of_network_with_settings_of_its_own():
    assert {kind: run.config(kind).network.network_type for kind in OF_KINDS} == {kind: kind for kind in NETWORK_TYPES}


@pytest.mark.slow
@pytest.mark.skipif("TRAIN_TOOLS_DEMO" not in os.environ, reason="takes half an hour: set TRAIN_TOOLS_DEMO=1 to run it")
@pytest.mark.parametrize("kind", OF_KINDS)
def test_demo_learns_the_character_and_keeps_the_rest(tmp_path, kind):
    """LoRA: 10, 0 and 9 of 10 seeds; LoKr leaves 7 of 10 other prompts as they were, the fewest of all kinds."""
    lines: list[str] = []
    assert run.run(Service(StandaloneHost(device="cpu"), tmp_path), lines.append, kind) == 0
    output = "\n".join(lines).splitlines()
    figures = [int(line.split(": ")[1].split()[0]) for line in output if " seeds" in line]
    with_network, without_network, unchanged = figures
    assert (with_network >= 9, without_network, unchanged >= 7) == (True, 0, True), figures
    assert len(list(tmp_path.rglob("grid-*.png"))) == 1
