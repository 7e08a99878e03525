import pytest

from lib_train.pictures.readings import has_escapes, has_weights, is_blank, is_json, other_reading, plain


@pytest.mark.parametrize("caption", ["", " ", ",", ", , ,", "\uff0c\u3001", " ;|, \t", "\u3000", ",\u00a0,",
                                     "\ufeff,\u200b", "\u2060 ,\u00ad", "\x0b"])  # fmt: skip
def test_caption_of_separators_alone_says_nothing(caption):
    assert is_blank(caption)


@pytest.mark.parametrize("caption", ["a", "1", ":)", "\u5e74\u7cd5", "\U0001f431", "a, ,", "."])
def test_caption_of_any_sign_says_something(caption):
    assert not is_blank(caption)


def test_own_separator_says_nothing_either():
    assert is_blank("- - -", "-")
    assert not is_blank("- - -")


@pytest.mark.parametrize(
    ("written", "trained"),
    [(r"saber \(fate\)", "saber (fate)"), (r"\[a\]", "[a]"), ("saber (fate)", "saber (fate)"), (r"c:\x", r"c:\x"),
     (r"\\(", r"\("), ("\\", "\\")],
)  # fmt: skip
def test_escaped_brackets_are_brackets_as_in_a_prompt(written, trained):
    assert plain(written) == trained
    assert has_escapes(written) == (written != trained)


@pytest.mark.parametrize("caption", ["(hat:1.3)", "a, (red hat: 0.8 ), b", "(a:1)", "((a:.5))", "(a:-1)", "<lora:x:1>"])
def test_weights_of_a_prompt_are_seen(caption):
    assert has_weights(caption)


@pytest.mark.parametrize(
    "caption", ["saber (fate)", "(a)", "((a))", "10:30", "re:zero (anime)", r"a \(b:1\)", "(a:b)", "a < b: c > d", "<3"]
)
def test_plain_brackets_and_numbers_are_no_weights(caption):
    assert not has_weights(caption)


@pytest.mark.parametrize("caption", ['{"caption": "a"}', '["a", "b"]', "{", "[", '{"tags": [', "[]"])
def test_json_is_seen_whole_or_cut_at_its_first_line(caption):
    assert is_json(caption)


@pytest.mark.parametrize("caption", ["a", "[a]", "{a}", "1", '"a"', "", "[a, b] c", "{smile|laugh}, hat"])
def test_brackets_around_words_are_no_json(caption):
    assert not is_json(caption)


@pytest.mark.parametrize("text", ["\u786e", "\u4e5f\u4e60", "a, \u786e, b"])
def test_gbk_that_is_utf_8_by_chance_is_told_as_it_reads(text):
    assert other_reading(text.encode("gb2312").decode()) == f"{text!r} in GBK"


@pytest.mark.parametrize("text", ["caf\u00e9", "\u5e74\u7cd5", "\u20ac 5 \u2013 na\u00efve"])
def test_text_that_was_made_utf_8_twice_is_told_as_it_reads(text):
    assert other_reading(text.encode().decode("cp1252")) == f"{text!r} in UTF-8"


@pytest.mark.parametrize(
    "caption",
    ["", "plain", "caf\u00e9", "Gr\u00fc\u00dfe",
     "\u041a\u043e\u043d\u044c \u043d\u0430 \u0441\u043d\u0435\u0433\u0443",
     "\u03b3\u03ac\u03c4\u03b1", "\u05d7\u05ea\u05d5\u05dc", "\u0642\u0637\u0629", "\u5e74\u7cd5", "\u3082\u3061",
     "\ud55c\uad6d", "\U0001f431", "na\u00efve \u043a\u043e\u0442", "\u017bubr", "a \u00d7 b"],
)  # fmt: skip
def test_text_of_the_worlds_alphabets_is_what_it_seems(caption):
    assert other_reading(caption) is None
