import argparse

import pytest

from lib_train.cli import usage
from lib_train.cli.usage import argparse_in_language


def test_words_of_argparse_are_translated_while_entered_and_its_own_afterwards(monkeypatch):
    monkeypatch.setattr(usage, "here", lambda text: f"<{text}>")
    before = argparse._  # type: ignore[attr-defined]
    with pytest.raises(ZeroDivisionError), argparse_in_language():
        shown = argparse.ArgumentParser(prog="a").format_help()
        raise ZeroDivisionError
    assert shown.startswith("<usage:> a [-h]")
    assert "<show this help message and exit>" in shown
    assert argparse._ is before  # type: ignore[attr-defined]


def test_words_that_are_not_known_stay_as_they_are(monkeypatch):
    monkeypatch.setattr(usage, "here", lambda text: f"<{text}>")
    assert usage._translated("usage: ") == "<usage:> "
    assert usage._translated("something new: ") == "something new: "
