import pytest

from lib_train.errors import ConfigError
from lib_train.pictures.caption_steps import Add, Dedupe, Sort
from lib_train.pictures.caption_wording import Replace
from lib_train.pictures.step_kinds import KINDS, step_of


@pytest.mark.parametrize(
    ("facts", "step"),
    [
        ({"do": "add", "tags": ["a", "b"], "last": True}, Add(("a", "b"), last=True)),
        ({"do": "dedupe"}, Dedupe()),
        ({"do": "sort", "by": "name"}, Sort("name")),
        ({"do": "replace", "find": "a", "regex": True}, Replace("a", "", regex=True)),
    ],
)
def test_step_is_made_of_what_a_request_tells(facts, step):
    assert step_of(facts) == step


@pytest.mark.parametrize("facts", [{}, {"do": None}, {"do": ["add"]}, {"do": "x"}, {"do": "__init__"}])
def test_unknown_step_is_named_with_those_that_there_are(facts):
    with pytest.raises(ConfigError, match="do (= .*|is not given): choose an edit: add or remove or .* or separators"):
        step_of(facts)


@pytest.mark.parametrize("value", [5, "a", [5], {"a": 1}, None, True, [None]])
def test_value_of_another_kind_is_named(value):
    for facts, key in (({"do": "add"}, "tags"), ({"do": "replace", "find": "x"}, "regex")):
        if not (key == "regex" and value is True):
            with pytest.raises(ConfigError, match=f"{key} (= |is not given: )"):
                step_of({**facts, key: value})


def test_everything_that_is_wrong_is_told_at_once():
    with pytest.raises(ConfigError) as caught:
        step_of({"do": "replace", "to": 5, "colour": "x"})
    assert [problem.setting for problem in caught.value.problems] == ["to", "colour", "find"]


def test_every_kind_says_in_words_what_it_did():
    given: dict[str, dict[str, object]] = {
        "add": {"tags": ["x"]},
        "remove": {"tags": ["x"]},
        "front": {"tags": ["x"]},
        "replace": {"find": "x"},
    }
    said = {step_of({"do": name, **given.get(name, {})}).said() for name in KINDS}
    assert len(said) == len(KINDS)
