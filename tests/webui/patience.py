"""How long the tests wait for the WebUI: seconds of an idle, quick machine, which are longer on a slow or busy one."""

import time

_WORK = 300_000  # turns of the loop below
_UNHURRIED = 0.02  # seconds that they take where nothing else goes on
_REMEMBERED = 2.0  # seconds for which a measurement counts
_measured = [0.0, 1.0]  # when, and how much longer than unhurried


def slowness():
    """How much longer a fixed piece of work takes here and now than on the machine that limits are meant for."""
    if time.monotonic() - _measured[0] > _REMEMBERED:
        begun = time.monotonic()
        sum(number * number for number in range(_WORK))
        _measured[:] = time.monotonic(), max(1.0, (time.monotonic() - begun) / _UNHURRIED)
    return _measured[1]


def until(met, seconds=60, pause=0.1):
    """Ask until the answer is true, and give it. The seconds go by more slowly while the machine is busy.

    Raises:
        AssertionError: they are over.
    """
    left = float(seconds)
    while not (found := met()):
        assert left > 0, "waited in vain"
        begun = time.monotonic()
        time.sleep(pause)
        left -= (time.monotonic() - begun) / slowness()
    return found
