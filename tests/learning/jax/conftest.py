"""Fixtures of this folder."""

from tests.learning.torch.counted import forward_runs, runs, wanted

__all__ = ["forward_runs", "runs", "wanted"]
