import gc
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib_train.models.quiet import quiet

os.environ["LC_ALL"] = "C.UTF-8"  # what the command line says is English
os.environ["OMP_NUM_THREADS"] = "1"  # two threads wait hundreds of times longer for each other on a busy machine
quiet()  # nothing is read from or written to the person's own cache of models

import torch  # noqa: E402
from PIL import Image  # noqa: E402
from xdist.remote import Producer  # noqa: E402
from xdist.scheduler import LoadFileScheduling  # noqa: E402

from tests.forks import Forks  # noqa: E402
from tests.tiny import tiny_sd1, tiny_sd2, tiny_sdxl  # noqa: E402

torch.set_num_threads(1)


_LOOKING = ("axe", "keyboard", "languages", "widths")
"""Files of ``tests/ui`` that look at the same walk through the tab."""
_FORM = ("browser", "browser_first", "browser_panel", "browser_plan", "browser_presets", "browser_records",
         "browser_runs", "browser_settings", "two_windows")  # fmt: skip
"""Files of ``tests/ui`` that take half of the time of the others."""


def _group_of(nodeid: str) -> str:
    """What one process does at once: a file, or those that share a browser."""
    file = nodeid.partition("::")[0]
    if not file.startswith("tests/ui/"):
        return file
    name = file.removeprefix("tests/ui/test_").removesuffix(".py")
    return f"tests/ui {'looking' if name in _LOOKING else 'form' if name in _FORM else 'pictures'}"


class ThreeBrowsers(LoadFileScheduling):
    """Whole groups, one after another, for each process."""

    def _split_scope(self, nodeid: str) -> str:
        return _group_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ThreeBrowsers:
    config.option.loadscopereorder = False  # by number of tests, where the longest groups would come late
    return ThreeBrowsers(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        _longest_first(items)
    if not torch.cuda.is_available():
        for item in items:
            if item.get_closest_marker("gpu"):
                item.add_marker(pytest.mark.skip(reason="torch finds no CUDA device"))


def _longest_first(items: list[pytest.Item]) -> None:
    """Groups with slow tests, then those of many tests: small ones are left for the end, which all processes share."""
    slow = {_group_of(item.nodeid) for item in items if item.get_closest_marker("slow")}
    sizes = Counter(_group_of(item.nodeid) for item in items)
    groups = {group: (group not in slow, -size, group) for group, size in sizes.items()}
    items.sort(key=lambda item: groups[_group_of(item.nodeid)])


def pytest_collection_finish() -> None:
    """What is imported stays until the end: looking through all of it for garbage took a twelfth of the tests' time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A tiny checkpoint of each family, by "sd1", "sd2" and "sdxl"."""
    folder = tmp_path_factory.mktemp("checkpoints")
    makers = {"sd1": tiny_sd1, "sd2": tiny_sd2, "sdxl": tiny_sdxl}
    return {family: make(folder / f"tiny_{family}.safetensors") for family, make in makers.items()}


@pytest.fixture(scope="session")
def all_forks() -> Iterator[list[Forks]]:
    """The last one serves all tests; one that a test has left with a child is not asked again."""
    made: list[Forks] = []
    yield made
    for one in made:
        one.close()


@pytest.fixture
def forks(tmp_path: Path, all_forks: list[Forks]) -> Forks:
    """Commands in processes of their own, on the base model ``base.safetensors`` of the test's folder."""
    if not hasattr(os, "fork"):
        pytest.skip("this system has no fork")
    if not all_forks or all_forks[-1].child:
        all_forks.append(Forks())
    all_forks[-1].loaded = tmp_path / "base.safetensors"
    all_forks[-1].loaded.write_bytes(b"base")
    return all_forks[-1]


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A train_data_dir with three pictures of two shapes, each counted twice."""
    inner = tmp_path / "data" / "2_mochi"
    inner.mkdir(parents=True)
    for index, size in enumerate([(64, 64), (64, 64), (192, 64)]):
        Image.new("RGB", size, (80 * index, 120, 200 - 60 * index)).save(inner / f"{index}.png")
        (inner / f"{index}.txt").write_text(f"mochi, number {index}, blue", encoding="utf-8")
    return inner.parent
