"""OpenQASM 2 and 3: circuits from text, and text from circuits."""

from ketwise.words.qasm.loading import loads
from ketwise.words.qasm.writer import dumps

__all__ = ["dumps", "loads"]
