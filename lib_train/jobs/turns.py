"""What a waiting job waits for, beside those before it. Knows no clock and no host of its own."""

import time
from collections.abc import Callable

from lib_train.store.queue import Jobs
from lib_train.texts import say

Idle = Callable[[], float | None]
"""Seconds since somebody generated a picture; None where nobody does."""


def next_time(time_of_day: str, now: float) -> float:
    """When it is this local time next, such as "01:00", in seconds since 1970."""
    hour, minute = map(int, time_of_day.split(":"))
    year, month, day, *_ = time.localtime(now)
    days = (time.mktime((year, month, day + more, hour, minute, 0, 0, 0, -1)) for more in (0, 1))
    return next(at for at in days if at > now)


def in_use(jobs: Jobs, idle: Idle) -> bool:
    """Whether somebody has generated a picture in the minutes of the settings."""
    minutes = jobs.config.idle_minutes
    seconds = idle() if minutes else None
    return seconds is not None and seconds < 60 * minutes


def why_not_yet(jobs: Jobs, now: float, idle: Idle) -> str:
    """Why no job begins now, as a sentence; empty where one may."""
    if jobs.held:
        return jobs.held
    if jobs.config.paused:
        return say("it is paused")
    if jobs.opens > now:
        return say("it begins at {time}", time=time.strftime("%H:%M", time.localtime(jobs.opens)))
    if in_use(jobs, idle):
        minutes = jobs.config.idle_minutes
        return say("it begins when nobody has generated a picture for {minutes} min", minutes=minutes)
    return ""
