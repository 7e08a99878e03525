"""The whole tab in Chinese and Japanese: whatever it shows or says, and in whatever state."""

import re

import pytest

from lib_train.app.settings import declared_settings
from tests.browsing import HAS_CHROMIUM

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]
LANGUAGES = ["zh-CN", "ja-JP"]
TERMS = "Train Tools|Page (?:Up|Down)|Clip skip|CFG Scale|conv dim|mochi, smile|SDXL|kohya sd-scripts|JSON|TOML|PNG|CSV"
"""Names that are the same in every language, and an example of tags."""
SETTINGS = {setting["name"] for setting in declared_settings()}
NAME = re.compile(r"[A-Za-z0-9_-]*(?:[./\\_-][A-Za-z0-9_]|\d)[A-Za-z0-9_./\\-]*")
"""A file, a folder, a setting, a number with its unit."""
OWN = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


def english(words):
    """Words of a text that are English and should not be; empty where there are none."""
    if words in SETTINGS:
        return ""
    rest = NAME.sub(" 0 ", re.sub(TERMS, " 0 ", words))
    phrase = re.search(r"[A-Za-z][a-z']+(?:[ ,]+[A-Za-z][a-z']*)+", rest)
    alone = None if OWN.search(words) else re.search(r"[A-Za-z]{3,}", rest)
    return (phrase or alone or [""])[0]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("No such setting.", "No such setting"), ("設定：must be a number", "must be a number"), ("Notes", "Notes"),
        ("mochi_00.png", ""), ("resolution", ""),
        ("保存 18.0 MB", ""), ("network_alpha / network_dim", ""), ("Clip skip（層の指定）", ""),
        ("U-Net の学習率", ""), ("12 it/s", ""), ("再開 r002", ""),
    ],
)  # fmt: skip
def test_english_is_found_and_names_are_none(words, found):
    assert english(words) == found


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_english_in_any_state(seen, language):
    states = seen(language)
    assert len(states) > 20
    assert {state: found for state, look in states.items() if (found := [*filter(english, look.words)])} == {}


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_tab_says_which_language_it_has(seen, language):
    assert {look.language for look in seen(language).values()} == {language}
