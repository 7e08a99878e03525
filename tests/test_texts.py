import copy
import json
import pickle

import pytest

from lib_train.errors import ConfigError, Problem, TrainToolsError
from lib_train.texts import Text, changed, joined, say, text_json, with_texts, worded

LIMITS = say("must be between {low} and {high:g}", low=1, high=4.0)
GERMAN = {
    "must be between {low} and {high}": "muss zwischen {low} und {high} liegen",
    "{name} is empty": "{name} ist leer",
    "is broken: {why}": "ist kaputt: {why}",
}


def german(template):
    return GERMAN.get(template, template)


def test_sentence_is_its_english_text():
    assert LIMITS == "must be between 1 and 4"
    assert json.dumps(LIMITS) == '"must be between 1 and 4"'
    numbers: dict[str, int] = {LIMITS: 1}
    assert numbers["must be between 1 and 4"] == 1


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda text: pickle.loads(pickle.dumps(text)), str])
def test_sentence_keeps_template_and_values_when_copied(copied):
    again = copied(LIMITS)
    assert again == LIMITS
    assert (again.template, again.values) == (LIMITS.template, {"low": "1", "high": "4"})


def test_sentence_is_worded_with_values_that_are_sentences_when_translated():
    nested = say("is broken: {why}", why=say("{name} is empty", name="a.txt"))
    assert worded(nested, german) == "ist kaputt: a.txt ist leer"
    assert worded(joined("; ", [LIMITS, nested, 7]), german) == (
        "muss zwischen 1 und 4 liegen; ist kaputt: a.txt ist leer; 7"
    )


def test_value_that_looks_like_a_place_stays_as_it_is():
    text = say("{name} is empty", name="{low}")
    assert text == "{low} is empty"
    assert worded(text, german) == "{low} ist leer"


def test_text_that_is_no_sentence_stays_as_it_is_when_worded():
    assert worded("must be between {low} and {high}", german) == "must be between {low} and {high}"
    assert text_json("plain") is None


def test_error_keeps_its_sentence():
    text = str(TrainToolsError(LIMITS))
    assert isinstance(text, Text)
    assert worded(text, german) == "muss zwischen 1 und 4 liegen"


def test_error_of_several_settings_words_each_remedy():
    error = ConfigError([Problem("dim", 9, LIMITS), Problem("alpha", "", LIMITS)])
    assert str(error) == (
        "2 settings cannot be used:\n  dim = 9: must be between 1 and 4\n  alpha = '': must be between 1 and 4"
    )
    assert worded(str(error), german).splitlines()[1:] == [
        "  dim = 9: muss zwischen 1 und 4 liegen", "  alpha = '': muss zwischen 1 und 4 liegen"
    ]  # fmt: skip


def test_template_stands_beside_each_sentence_of_json_values():
    found = with_texts({"remedy": LIMITS, "setting": "dim", "notes": ["plain", LIMITS], "names": ["a"], "count": 3})
    beside = {"template": "must be between {low} and {high}", "values": {"low": "1", "high": "4"}}
    assert found["remedy_text"] == beside
    assert found["notes_text"] == [None, beside]
    assert set(found) == {"remedy", "remedy_text", "setting", "notes", "notes_text", "names", "count"}


def test_values_inside_of_values_are_changed_with_a_sentence():
    text = say("is broken: {why}", why=say("{name} is empty", name="/secret/a.txt"))
    hidden = changed(text, lambda part: part.replace("/secret/", ""))
    assert hidden == "is broken: a.txt is empty"
    assert worded(hidden, german) == "ist kaputt: a.txt ist leer"
    assert "secret" not in str(text_json(hidden))


def test_sentence_that_changes_across_its_values_becomes_plain_text():
    text = joined("/", ["/secret", "a.txt"])
    hidden = changed(text, lambda part: part.replace("/secret/", ""))
    assert hidden == "a.txt"
    assert not isinstance(hidden, Text)
