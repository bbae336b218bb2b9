"""Where the public data sets lie that some tests compare with; they are no part of the package."""

import os
from pathlib import Path

SHARED_DATA = Path(os.environ.get("KETWISE_DATA", Path(__file__).parents[2] / "shared" / "data"))
