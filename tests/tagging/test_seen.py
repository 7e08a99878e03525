import numpy
import pytest

from lib_train.config.tagging import TaggingConfig
from lib_train.tagging.scores import tags_in
from lib_train.tagging.seen import Seeing, Seen, least_of
from lib_train.tagging.tagger import Label

KINDS = ("general", "character", "rating", "quality")
LABELS = [Label(f"{kind}_{place}", kind) for place in range(50) for kind in KINDS]


@pytest.mark.parametrize("power", [1, 6, 40])
@pytest.mark.parametrize(
    "settings", [{}, {"general_threshold": 0.02}, {"mcut": True}, {"character_threshold": 0.5, "mcut": False}]
)
def test_tags_are_those_of_all_scores_whatever_the_thresholds(power, settings):
    kinds = (*KINDS[:2], "quality")
    config, rng = TaggingConfig(tag_categories=kinds, keep_rating=True, **settings), numpy.random.default_rng(power)
    seeing = Seeing(LABELS, 0.35)
    for _ in range(10):
        scores = (rng.random(len(LABELS)) ** power).astype(numpy.float32)
        assert seeing(scores).tags(config) == tags_in(scores, LABELS, config, 0.35)


def test_little_is_kept_of_many_scores():
    scores = numpy.zeros(len(LABELS), numpy.float32)
    scores[5] = 0.9
    assert len(Seeing(LABELS, 0.35)(scores).labels) == 1 + len(KINDS)


@pytest.mark.parametrize("settings", [{"general_threshold": 0.001}, {"character_threshold": 0.001}])
def test_lower_threshold_keeps_more(settings):
    config = TaggingConfig(**settings)
    scores = numpy.full(len(LABELS), 0.002, numpy.float32)
    assert Seeing(LABELS, 0.35, least_of(config))(scores).tags(config) == tags_in(scores, LABELS, config, 0.35)
    assert least_of(TaggingConfig()) == 0.01


def test_sentence_is_one_tag():
    assert Seen(sentence="a cat, asleep").tags(TaggingConfig()) == ["a cat, asleep"]
