"""Seeds that depend on a position in a run alone, never on what ran before."""

import hashlib


def seed_of(*position: int | str, bits: int = 56) -> int:
    """A seed for a position, such as (seed, "dropout", step, micro-step); the same on every machine.

    Args:
        bits: size of the result, 64 at most.

    >>> seed_of(1, "noise") == seed_of("1/noise"), seed_of(1, "noise", bits=64) >> 8 == seed_of(1, "noise")
    (True, True)
    """
    digest = hashlib.sha256("/".join(map(str, position)).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> (64 - bits)
