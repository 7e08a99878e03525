"""Each declared setting is everywhere that people meet settings."""

import argparse
import json
import re
from pathlib import Path

import pytest

from lib_train.app.settings import declared_settings
from lib_train.cli.program import parser
from lib_train.config.codec import settings_in, to_json
from lib_train.config.fields import options_of
from lib_train.config.run import SECTIONS, RunConfig
from lib_train.config.table import BEGIN, END
from tests.effects.every import EFFECTS

HERE = Path(__file__).parents[1]
SETTINGS = [option for kind in SECTIONS.values() for option in options_of(kind)]
NAMES = [option.name for option in SETTINGS]


def flags_of(command):
    subcommands = next(one for one in parser()._actions if isinstance(one, argparse._SubParsersAction))
    return {flag for action in subcommands.choices[command]._actions for flag in action.option_strings}


@pytest.mark.parametrize("command", ["train", "plan"])
def test_command_line_has_a_flag_for_each_setting_in_both_spellings(command):
    flags = flags_of(command)
    spellings = {f"--{name}" for name in NAMES} | {f"--{name.replace('_', '-')}" for name in NAMES}
    assert sorted(spellings - flags) == []


def test_api_describes_each_setting_and_says_where_it_stands_on_the_page():
    described = {one["name"]: one for one in declared_settings()}
    assert list(described) == NAMES
    assert [name for name, one in described.items() if not one["help"] or not one["heading"]] == []


def test_file_has_each_setting():
    kept = settings_in(to_json(RunConfig()))
    assert [name for name in NAMES if name not in kept] == []


def test_readme_explains_each_setting():
    text = (HERE / "README.md").read_text(encoding="utf-8")
    table = text[text.index(BEGIN) : text.index(END)]
    assert [name for name in NAMES if f"| `{name}` |" not in table] == []


def test_each_setting_has_a_key_or_one_reason_to_have_none():
    for one in SETTINGS:
        assert [bool(one.key), bool(one.told_in), bool(one.no_key)].count(True) == 1, one.name
        assert not one.told_in or re.fullmatch(r"(ss|modelspec)[._]\w+", one.told_in), one.name
        assert not one.no_key or len(one.no_key.split()) > 4, one.name


def test_each_setting_has_an_effect_that_is_looked_at():
    """By ``tests/effects``: with the setting alone changed, and where it depends on others, without them."""
    assert sorted(EFFECTS) == sorted(NAMES)
    assert [one.name for one in SETTINGS if one.used_when and not EFFECTS[one.name].idle] == []


@pytest.mark.parametrize("language", ["zh_CN", "ja_JP"])
def test_each_setting_speaks_every_language(language):
    words = json.loads((HERE / "localizations" / f"{language}.json").read_text(encoding="utf-8"))
    for option in SETTINGS:
        label = option.label or option.name.replace("_", " ")
        for sentence in (label[0].upper() + label[1:], option.help.replace("`", "")):
            assert re.search(r"[^\x00-\x7f]|^[A-Z]", words[f"Train Tools: {sentence}"]), sentence
