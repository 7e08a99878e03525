from types import SimpleNamespace

extensions: list[SimpleNamespace] = []


def active() -> list[SimpleNamespace]:
    return [one for one in extensions if one.enabled]
