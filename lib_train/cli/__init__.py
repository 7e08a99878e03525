"""The command line. Settings become flags here; everything else is done by ``app``. Help needs no torch."""

from lib_train.cli.program import main

__all__ = ["main"]
