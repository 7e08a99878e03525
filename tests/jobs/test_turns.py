import time

import pytest

from lib_train.jobs.turns import next_time


def at(day, hour, minute=0):
    return time.mktime((2026, 3, day, hour, minute, 0, 0, 0, -1))


@pytest.mark.parametrize(
    ("clock", "now", "then"),
    [("01:00", at(4, 12), at(5, 1)), ("13:30", at(4, 12), at(4, 13, 30)), ("12:00", at(4, 12), at(5, 12)),
     ("00:00", at(31, 23, 59), time.mktime((2026, 4, 1, 0, 0, 0, 0, 0, -1)))],
)  # fmt: skip
def test_a_time_of_day_is_the_next_one_after_now(clock, now, then):
    assert next_time(clock, now) == then


def test_a_time_of_day_stays_one_where_clocks_are_changed(monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        before = time.mktime((2026, 3, 28, 12, 0, 0, 0, 0, -1))
        assert next_time("11:00", before) - before == 22 * 3600  # the night has an hour less
    finally:
        monkeypatch.undo()
        time.tzset()
