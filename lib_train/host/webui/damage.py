"""What the WebUI's own loading raises for files that are damaged, cut short, or not what their name says."""

import pickle
import zipfile

DAMAGE = (AssertionError, AttributeError, EOFError, ImportError, LookupError, OSError, RuntimeError, TypeError,
          ValueError, pickle.PickleError, zipfile.BadZipFile)  # fmt: skip
"""Its reader of pickles gives None for one that it refuses, and what comes next fails in any way."""
