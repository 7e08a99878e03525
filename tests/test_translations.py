"""Every sentence of the program has its translations, with the same values in them."""

import ast
import json
import re
from unicodedata import east_asian_width

import pytest

from lib_train import errors
from lib_train.languages import FOLDER, PREFIX
from tests.sentences import calls, has_words, places, plain, raw, template_of, templates

LANGUAGES = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.json")}


def test_template_is_read_without_its_formats():
    assert plain("{rate:g} of {name!r}: {why}") == "{rate} of {name}: {why}"
    assert places("{why} of {name!r:.80}") == ["name", "why"]
    assert not has_words("{setting} = {value}: {remedy}")


def test_every_sentence_is_a_literal_with_a_value_for_each_place():
    wrong = []
    for place, call in calls()["say"]:
        template = template_of(call)
        given = sorted(str(keyword.arg) for keyword in call.keywords)
        if template is None or "{{" in template or places(template) != given:
            wrong.append(f"{place}: {template!r} is given {given}")
    assert wrong == []


def test_no_text_of_the_program_is_left_out_of_the_sentences():
    assert raw() == []


def test_each_problem_and_error_is_given_a_sentence():
    kinds = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)}
    kinds -= {"ConfigError", "RunChanged"}  # these make a sentence of what they are given
    taking = {**dict.fromkeys(kinds, 0), "Problem": 2, "PictureError": 1, "MissingPackage": 1}
    wrong = [
        f"{place}: {ast.unparse(call)[:80]}"
        for name, index in taking.items()
        for place, call in calls()[name]
        if len(call.args) > index and isinstance(call.args[index], ast.Constant | ast.JoinedStr)
    ]
    assert wrong == []


def test_there_are_many_sentences():
    assert len(templates()) > 600


@pytest.mark.parametrize("language", ["zh_CN", "ja_JP"])
def test_every_sentence_is_translated(language):
    assert sorted(template for template in templates() if PREFIX + template not in LANGUAGES[language]) == []


@pytest.mark.parametrize("language", ["zh_CN", "ja_JP"])
def test_translations_have_the_same_places_when_they_have_any(language):
    known = LANGUAGES[language]
    wrong = [
        f"{template} -> {known[PREFIX + template]}"
        for template in templates()
        if places(template) != places(known.get(PREFIX + template, template))
    ]
    assert wrong == []


def _columns(text):
    return [2 if east_asian_width(letter) in "WF" else 1 for letter in text]


@pytest.mark.parametrize("language", ["zh_CN", "ja_JP"])
def test_rows_of_a_table_of_text_begin_in_the_column_of_the_english_ones(language):
    rows = {one: match.end() for one in templates() if (match := re.match(r"\w+ {2,}(?=\{)", one))}
    assert len(rows) > 12
    begins = {one: re.match(r".*? {2,}|[^{]* ", LANGUAGES[language][PREFIX + one]) for one in rows}
    assert [one for one, found in begins.items() if not found or sum(_columns(found[0])) != rows[one]] == []


@pytest.mark.parametrize("language", ["zh_CN", "ja_JP"])
def test_file_of_a_language_stays_small_when_the_webui_writes_it_into_each_page(language):
    """The WebUI compresses it for each page that is opened, and the browser parses it there.

    A file of 306 kB costs 80 kB on the wire, 12 ms of the server and 1 ms of the browser; the limit a half more.
    """
    assert (FOLDER / f"{language}.json").stat().st_size < 450_000
