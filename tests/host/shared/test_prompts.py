import pytest

from lib_train.host.shared.prompts import chunks_of, weighted_parts


@pytest.mark.parametrize(
    ("prompt", "parts"),
    [
        ("a cat", [("a cat", 1.0)]),
        ("a (cat)", [("a ", 1.0), ("cat", 1.1)]),
        ("((cat))", [("cat", 1.21)]),
        ("[cat]", [("cat", 1 / 1.1)]),
        ("(cat:1.5) b", [("cat", 1.5), (" b", 1.0)]),
        ("(a (b:2) c:0.5)", [("a ", 0.5), ("b", 1.0), (" c", 0.5)]),
        (r"\(cat\)", [("(cat)", 1.0)]),
        ("(unclosed", [("unclosed", 1.1)]),
        ("a: b", [("a: b", 1.0)]),
        ("", [("", 1.0)]),
    ],
)
def test_weights_follow_the_webuis_syntax(prompt, parts):
    found = weighted_parts(prompt)
    assert [text for text, _ in found] == [text for text, _ in parts]
    assert [weight for _, weight in found] == pytest.approx([weight for _, weight in parts])


def numbers(text):
    """One id for each word, 0 for a comma."""
    return [0 if word == "," else 7 for word in text.replace(",", " , ").split()]


def test_break_begins_a_chunk_and_long_prompts_fill_several():
    assert [len(chunk) for chunk in chunks_of("a b BREAK c", numbers, 0)] == [2, 1]
    assert [len(chunk) for chunk in chunks_of("w " * 160, numbers, 0)] == [75, 75, 10]
    assert chunks_of("", numbers, 0) == [[]]


def test_chunk_ends_at_a_comma_that_is_near():
    prompt = "w " * 65 + ", " + "w " * 30
    assert [len(chunk) for chunk in chunks_of(prompt, numbers, 0)] == [66, 30]
