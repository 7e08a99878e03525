from pathlib import Path

import pytest

from lib_train.app.tokens import marks_in
from lib_train.config.dataset import DatasetConfig
from tests.fakes import FakeHost

WORDS = [f"word{number} " for number in range(160)]


def marks(parts, **settings):
    return marks_in(parts, DatasetConfig(**settings), FakeHost(Path("a.safetensors")))


@pytest.mark.parametrize(
    ("parts", "settings", "found"),
    [
        ([], {}, (0, [])),
        (WORDS[:75], {}, (75, [])),
        (WORDS[:76], {}, (76, [(75, 75)])),
        (WORDS, {}, (160, [(75, 75), (150, 150)])),
        (["a, ", "b " * 80, "c"], {}, (83, [(75, 1)])),
        (WORDS[:75], {"caption_prefix": "mochi"}, (77, [(75, 73)])),
        (WORDS[:75], {"caption_suffix": "mochi"}, (77, [(75, 75)])),
        (["a, ", "hat, " * 90, "b"], {"drop_tags": ("hat",)}, (3, [])),
        (WORDS[:80], {"caption_dropout_rate": 1.0}, (80, [(75, 75)])),
    ],
)
def test_tokens_are_those_that_are_trained_and_each_mark_is_the_part_that_passes_it(parts, settings, found):
    assert marks(parts, **settings) == found
