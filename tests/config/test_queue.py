import pytest

from lib_train.config.queue import QueueConfig
from lib_train.errors import ConfigError


@pytest.mark.parametrize("time", ["", "0:00", "01:00", "9:05", "23:59"])
def test_a_time_of_day_may_be_given_or_left_out(time):
    assert QueueConfig(start_at=time).start_at == time


@pytest.mark.parametrize("time", ["24:00", "1", "01:60", "one", "01:00:00", "-1:00", "1:0"])
def test_what_is_no_time_of_day_is_refused_with_an_example(time):
    with pytest.raises(ConfigError, match=r"start_at = .* such as 01:00"):
        QueueConfig(start_at=time)


def test_minutes_are_at_most_a_day():
    with pytest.raises(ConfigError, match="idle_minutes = 1441"):
        QueueConfig(idle_minutes=1441)
