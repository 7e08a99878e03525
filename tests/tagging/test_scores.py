import numpy
import pytest

from lib_train.config.tagging import TaggingConfig
from lib_train.errors import ConfigError
from lib_train.pictures.emoticons import EMOTICONS
from lib_train.tagging.scores import mcut, tags_in
from lib_train.tagging.tagger import Label

LABELS = [
    Label("explicit", "rating"), Label("1girl", "general"), Label("saber_(fate)", "character"), Label("^_^", "general"),
    Label("general", "rating"), Label("blue_hair", "general"), Label("fate", "copyright"),
    Label("worst_quality", "quality"), Label("best_quality", "quality"),
]  # fmt: skip
SCORES = numpy.array([0.2, 0.9, 0.86, 0.35, 0.7, 0.6, 0.99, 0.3, 0.4], dtype=numpy.float32)


def tags(**settings):
    return tags_in(SCORES, LABELS, TaggingConfig(**settings), 0.35)


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({}, ["1girl", "saber (fate)", "blue hair", "^_^"]),
        ({"general_threshold": 0.6}, ["1girl", "saber (fate)", "blue hair"]),
        ({"general_threshold": 0}, ["1girl", "saber (fate)", "blue hair", "^_^"]),
        ({"character_threshold": 0.87}, ["1girl", "blue hair", "^_^"]),
        ({"keep_underscores": True}, ["1girl", "saber_(fate)", "blue_hair", "^_^"]),
        ({"keep_rating": True}, ["1girl", "saber (fate)", "blue hair", "^_^", "general"]),
        ({"exclude_tags": "Blue Hair, saber_(fate)"}, ["1girl", "^_^"]),
        ({"exclude_tags": "general", "keep_rating": True}, ["1girl", "saber (fate)", "blue hair", "^_^"]),
        ({"tag_categories": "copyright, general"}, ["fate", "1girl", "blue hair", "^_^"]),
        ({"tag_categories": "quality"}, ["best quality"]),
        ({"tag_categories": ""}, []),
    ],
)
def test_tags_follow_the_settings(settings, found):
    assert tags(**settings) == found


def test_usual_threshold_counts_where_the_settings_have_none():
    assert tags_in(SCORES, LABELS, TaggingConfig(), 0.65) == ["1girl", "saber (fate)"]


def test_score_on_the_threshold_counts():
    assert "^ ^" not in tags()
    assert "^_^" in tags(general_threshold=0.35)
    assert "^_^" not in tags(general_threshold=0.3501)


@pytest.mark.parametrize("name", sorted(EMOTICONS))
def test_emoticons_keep_their_mouth(name):
    assert tags_in(numpy.ones(1, numpy.float32), [Label(name, "general")], TaggingConfig(), 0.5) == [name]


def test_tag_never_holds_the_separator():
    labels = [Label("a,_b", "general"), Label("c;d", "general")]
    scores = numpy.array([0.9, 0.8], numpy.float32)
    assert tags_in(scores, labels, TaggingConfig(), 0.5) == ["a b", "c;d"]
    assert tags_in(scores, labels, TaggingConfig(), 0.5, ";") == ["a, b", "c d"]


def test_equal_scores_keep_the_tagger_s_order():
    labels = [Label(name, "general") for name in "cab"]
    assert tags_in(numpy.ones(3, numpy.float32), labels, TaggingConfig(), 0.5) == ["c", "a", "b"]


@pytest.mark.parametrize(
    ("scores", "cut"), [([0.9, 0.8, 0.2, 0.1], 0.5), ([0.1, 0.9], 0.5), ([0.5], 1.0), ([], 1.0), ([0.3, 0.3], 0.3)]
)
def test_mcut_is_the_middle_of_the_largest_gap(scores, cut):
    assert mcut(numpy.array(scores, numpy.float32)) == pytest.approx(cut)


def test_mcut_is_taken_for_each_kind_and_names_need_at_least_015():
    labels = [Label(f"g{place}", "general") for place in range(3)] + [
        Label(f"c{place}", "character") for place in range(2)
    ]
    scores = numpy.array([0.3, 0.28, 0.02, 0.14, 0.01], numpy.float32)
    assert tags_in(scores, labels, TaggingConfig(mcut=True), 0.35) == ["g0", "g1"]


def test_setting_that_cannot_be_used_is_named():
    with pytest.raises(ConfigError, match="tag_categories = 'weather': choose of general, character"):
        TaggingConfig(tag_categories=("general", "weather"))
    with pytest.raises(ConfigError, match="general_threshold = 1.5: must be at most 1"):
        TaggingConfig(general_threshold=1.5)
    with pytest.raises(ConfigError, match="mode = 'replace': choose one of missing, overwrite, append, prepend"):
        TaggingConfig(mode="replace")
