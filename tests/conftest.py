"""Settings for every test: no windows, and property tests that do not depend on how busy the machine is."""

import os

from hypothesis import settings

os.environ.setdefault("MPLBACKEND", "Agg")

settings.register_profile("ketwise", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ketwise")
