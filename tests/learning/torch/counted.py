"""What a host asks of programs, noted while a test runs."""

import pytest

from ketwise.program.program import Program


@pytest.fixture
def runs(monkeypatch):
    """Names of the calls, in order."""
    return _noted(monkeypatch, ("__call__", "forward", "backward", "vjp"), lambda name, *_, **__: name)


@pytest.fixture
def forward_runs(monkeypatch):
    """Number of samples of every run forward."""
    return _noted(monkeypatch, ("__call__", "forward", "vjp"), lambda _, *inputs, **__: _samples(*inputs[:2]))


@pytest.fixture
def wanted(monkeypatch):
    """What every call of ``backward`` was asked for."""
    return _noted(monkeypatch, ("backward",), lambda *_, wanted: wanted)


def _noted(monkeypatch, names, of_call):
    seen = []
    for name in names:
        monkeypatch.setattr(Program, name, _noting(getattr(Program, name), name, of_call, seen))
    return seen


def _noting(own, name, of_call, seen):
    def call(self, *arguments, **options):
        seen.append(of_call(name, *arguments, **options))
        return own(self, *arguments, **options)

    return call


def _samples(params, features):
    return max(len(each) if each.ndim == 2 else 1 for each in (params, features))
