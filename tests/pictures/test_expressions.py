import sys
import threading
import time

import pytest

from lib_train.errors import ConfigError, MissingPackage
from lib_train.pictures.expressions import substitution

ENDLESS = r"(a|aa)+$"
VICTIM = "a" * 80 + "b"


def test_expression_that_never_ends_is_stopped_and_named_while_others_go_on():
    ticks, over = [], threading.Event()

    def tick():
        while not over.wait(0.01):
            ticks.append(time.monotonic())

    thread = threading.Thread(target=tick)
    thread.start()
    start = time.monotonic()
    with pytest.raises(ConfigError, match="takes too long on these captions"):
        substitution(ENDLESS, "x", seconds=0.3)(VICTIM)
    over.set()
    thread.join()
    assert time.monotonic() - start < 5
    assert len(ticks) > 5


def test_time_is_counted_for_all_captions_together():
    change = substitution(ENDLESS, "x", seconds=0.2)
    start = time.monotonic()
    for _ in range(20):
        with pytest.raises(ConfigError):
            change(VICTIM)
    assert time.monotonic() - start < 5


@pytest.mark.parametrize("find", ["(", "[", "*", "a{2,1}", "\\", "(?P<a", "(?i", r"\p{foo}", "(" * 900 + ")" * 90])
def test_expression_that_cannot_be_read_is_named(find):
    with pytest.raises(ConfigError, match="find = .*: is no regular expression"):
        substitution(find, "x")


@pytest.mark.parametrize("to", [r"\9", r"\g<x>", r"\g<", "\\"])
def test_replacement_that_cannot_be_read_is_named(to):
    with pytest.raises(ConfigError, match="to = .*: is no regular expression"):
        substitution("(a)", to)("a")


def test_long_expressions_and_captions_are_refused():
    with pytest.raises(ConfigError, match="to = .*: has more than 1000 signs"):
        substitution("a", "x" * 1001)
    with pytest.raises(ConfigError, match="a caption is too long for expressions"):
        substitution("a", "x")("a" * 2**17)


def test_package_that_is_missing_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "regex", None)
    with pytest.raises(MissingPackage, match="pip install regex"):
        substitution("a", "b")
