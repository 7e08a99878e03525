"""Published recipes, followed from pictures to the file on the embedded model: trainings of eight minutes each.

``make recipes`` runs them; other calls of pytest leave them out.
"""

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
