"""``python -m lib_train`` is ``train-tools``."""

import sys

from lib_train.cli import main

if __name__ == "__main__":
    sys.exit(main())
