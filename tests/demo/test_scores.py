from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lib_train.demo.character import TRIGGER, draw_mochi
from lib_train.demo.scores import OTHER_PROMPTS, score
from lib_train.demo.world import Scene, Thing, draw

FILE = Path("mochi.safetensors")


def drawing(wrong_seeds: set[int], changed_seeds: set[int]) -> Any:
    """A host whose network draws the character, but for some seeds, and changes other prompts' pictures of some."""

    def picture(request):
        if TRIGGER in request.prompt and request.network and request.seed not in wrong_seeds:
            return draw_mochi("white", 0.5, 0.5, 0.35)
        changed = request.network and request.seed in changed_seeds
        return draw(Scene("blue", (Thing("circle", "red" if changed else "yellow", 0.5, 0.5, 0.3),)))

    return SimpleNamespace(render=lambda model, requests: [(picture(request), {}) for request in requests])


@pytest.mark.parametrize(
    ("wrong", "changed", "counts"),
    [(set(), set(), (10, 0, 10)), ({101, 104}, {109}, (8, 0, 9)), (set(range(100, 110)), set(), (0, 0, 10))],
)
def test_scores_count_the_seeds_that_show_the_character_and_those_that_change(wrong, changed, counts):
    model: Any = None
    found = score(drawing(wrong, changed), model, FILE)
    assert (found.with_network, found.without_network, found.unchanged) == counts
    assert found.seeds == 10
    assert [line.split(": ")[1] for line in str(found).splitlines()] == [f"{count} of 10 seeds" for count in counts]


def test_prompts_beside_the_character_do_not_name_it():
    assert len(set(OTHER_PROMPTS)) == 10
    assert not any(TRIGGER in prompt for prompt in OTHER_PROMPTS)
