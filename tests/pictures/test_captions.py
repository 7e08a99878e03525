from random import Random

import pytest

from lib_train.config.dataset import DatasetConfig
from lib_train.pictures.captions import compose, steady, varies


def composed(caption, seed=0, epoch=1, **settings):
    return compose(caption, DatasetConfig(**settings), Random(seed), epoch)


def test_caption_without_options_stays_as_written():
    assert composed("a ,b,  c ,,") == "a ,b,  c ,,"


@pytest.mark.parametrize(("prefix", "suffix"), [("mochi", "best"), ("mochi,", ", best"), (" mochi , ", "best")])
def test_trigger_word_stands_before_and_suffix_after(prefix, suffix):
    assert composed("a, b", caption_prefix=prefix, caption_suffix=suffix) == "mochi, a, b, best"
    assert composed("", caption_prefix=prefix) == "mochi"


def test_shuffling_keeps_the_first_tags_and_the_trigger_word():
    caption = ", ".join("abcdefgh")
    found = {composed(caption, seed, shuffle_caption=True, keep_tokens=2) for seed in range(20)}
    assert len(found) > 15
    assert all(text.startswith("a, b, ") and sorted(text.split(", ")) == list("abcdefgh") for text in found)
    assert composed(caption, 3, shuffle_caption=True, caption_prefix="mochi").startswith("mochi, ")


def test_separator_of_fixed_tags_takes_the_place_of_keep_tokens():
    found = {composed("x, y ||| a, b, c", s, shuffle_caption=True, keep_tokens_separator="|||") for s in range(20)}
    assert all(text.startswith("x, y, ") for text in found)
    assert len(found) == 6


@pytest.mark.parametrize(
    "caption", ["a, b ||| c, d", "a, b|||c, d", "a, b, ||| , c, d,", "a, b ||| c ||| d", "||| a, b, c, d"]
)
@pytest.mark.parametrize("settings", [{}, {"drop_tags": ("x",)}])
def test_separator_of_fixed_tags_leaves_no_trace_and_glues_no_tags(caption, settings):
    assert composed(caption, keep_tokens_separator="|||", **settings) == "a, b, c, d"


def test_tags_behind_a_second_separator_stay_last():
    """As sd-scripts: keep_tokens_separator may stand twice."""
    caption = "x ||| a, b, c ||| y, z"
    found = {composed(caption, s, shuffle_caption=True, keep_tokens_separator="|||") for s in range(40)}
    assert len(found) == 6
    assert all(text.startswith("x, ") and text.endswith(", y, z") for text in found)


def test_third_mark_is_a_separator_among_the_last_tags():
    for caption in ("x ||| a, b ||| y ||| z", "x|||b, a|||y|||z"):
        found = {composed(caption, s, shuffle_caption=True, keep_tokens_separator="|||") for s in range(20)}
        assert found == {"x, a, b, y, z", "x, b, a, y, z"}


def test_another_separator_parts_tags_prefix_and_fixed_tags():
    """Commas are part of a tag then."""
    settings = {"caption_separator": ";", "shuffle_caption": True}
    by_prefix = {composed("a, b; c; d", s, caption_prefix="mochi; x, y", **settings) for s in range(40)}
    assert len(by_prefix) == 6
    assert all(text.startswith("mochi; x, y; ") for text in by_prefix)
    assert {tuple(sorted(text.split("; "))) for text in by_prefix} == {("a, b", "c", "d", "mochi", "x, y")}
    one_prefix = {composed("a; b", s, caption_prefix="x, y", **settings) for s in range(20)}
    assert one_prefix == {"x, y; a; b", "x, y; b; a"}
    marked = {composed("x, y ||| a; b, c ||| z", s, keep_tokens_separator="|||", **settings) for s in range(20)}
    assert marked == {"x, y; a; b, c; z", "x, y; b, c; a; z"}


def test_separators_around_a_caption_are_not_doubled_by_prefix_and_suffix():
    assert composed(", a, b,", caption_prefix="mochi", caption_suffix="best") == "mochi, a, b, best"
    assert composed(", ,", caption_prefix="mochi", caption_suffix="best") == "mochi, best"


def test_same_chance_gives_the_same_caption():
    settings = {"shuffle_caption": True, "caption_tag_dropout_rate": 0.5}
    caption = ", ".join("abcdefgh")
    assert composed(caption, 5, **settings) == composed(caption, 5, **settings)


def test_tags_are_dropped_at_their_rate_but_never_the_fixed_ones():
    caption = ", ".join("abcdefghij")
    counts = [len(composed(caption, s, caption_tag_dropout_rate=0.5, keep_tokens=1).split(", ")) for s in range(300)]
    assert 5 < sum(counts) / 300 < 6
    assert all(composed(caption, s, caption_tag_dropout_rate=0.9, keep_tokens=1).startswith("a") for s in range(50))


def test_whole_captions_are_dropped_at_their_rate_and_in_every_nth_epoch():
    dropped = sum(composed("a", seed, caption_dropout_rate=0.3) == "" for seed in range(500))
    assert 110 < dropped < 190
    assert [composed("a", epoch=e, caption_dropout_every_n_epochs=2) for e in (1, 2, 3, 4)] == ["a", "", "a", ""]


def test_lists_of_tags_filter_without_touching_the_fixed_ones():
    assert composed("1girl, hat, sky", keep_tags=("1girl", "sky")) == "1girl, sky"
    assert composed("mi_cv, hat, sky", keep_tags=("sky",), keep_tokens=1) == "mi_cv, sky"
    assert composed("a, blue eyes, b", drop_tags="blue eyes") == "a, b"


@pytest.mark.parametrize(
    ("settings", "result"),
    [({}, False), ({"caption_prefix": "x", "drop_tags": ("a",)}, False), ({"shuffle_caption": True}, True),
     ({"caption_dropout_rate": 0.1}, True), ({"caption_dropout_every_n_epochs": 2}, True)],
)  # fmt: skip
def test_captions_vary_only_by_chance_and_epoch(settings, result):
    assert varies(DatasetConfig(**settings)) is result


@pytest.mark.parametrize(
    ("caption", "wanted"),
    [("mochi ||| hat, red", "mochi, hat, red"), ("mochi,||| hat", "mochi, hat"), ("a|||b|||c", "a, b, c"),
     ("|||a", "a"), ("a, b", "a, b"), ("|||", "")],
)  # fmt: skip
def test_mark_of_fixed_tags_leaves_tags_apart_where_it_goes(caption, wanted):
    assert compose(caption, DatasetConfig(keep_tokens_separator="|||"), Random(0), 1) == wanted


def test_escaped_brackets_train_what_a_prompt_means():
    config = DatasetConfig()
    assert compose(r"saber \(fate\), hat", config, Random(0), 1) == "saber (fate), hat"
    shuffled = DatasetConfig(shuffle_caption=True, keep_tokens=2)
    assert compose(r"saber \(fate\), hat", shuffled, Random(0), 1) == "saber (fate), hat"


@pytest.mark.parametrize("tag", [r"saber \(fate\)", "saber (fate)"])
def test_tags_are_kept_and_dropped_with_brackets_escaped_or_not(tag):
    for written in (r"saber \(fate\), hat", "saber (fate), hat"):
        assert compose(written, DatasetConfig(drop_tags=(tag,)), Random(0), 1) == "hat"
        assert compose(written, DatasetConfig(keep_tags=(tag,)), Random(0), 1) == "saber (fate)"


def test_caption_of_separators_alone_is_trained_as_empty():
    assert compose(", , ,", DatasetConfig(), Random(0), 1) == ""
    assert compose(", , ,", DatasetConfig(caption_prefix="mochi"), Random(0), 1) == "mochi"


def test_steady_settings_have_every_tag_in_every_use():
    config = DatasetConfig(shuffle_caption=True, caption_dropout_rate=1, caption_tag_dropout_rate=1,
                           caption_dropout_every_n_epochs=1, caption_prefix="x", drop_tags=("b",))  # fmt: skip
    assert compose("a, b, c", steady(config), Random(0), 1) == "x, a, c"
    assert steady(DatasetConfig()) == DatasetConfig()
    found = {compose("a, b, c, d", steady(DatasetConfig(shuffle_caption=True)), Random(seed), 1) for seed in range(9)}
    assert found == {"a, b, c, d"}
