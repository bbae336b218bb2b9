"""The quick models of the verdict's own tests serve the command line's too."""

from tests.evidence.conftest import quick

__all__ = ["quick"]
