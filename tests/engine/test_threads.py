"""The number of threads: environment first, then what the machine grants."""

import os

import pytest

from ketwise.engine import threads


@pytest.fixture(autouse=True)
def clean(monkeypatch):
    monkeypatch.delenv("KETWISE_NUM_THREADS", raising=False)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)


def test_our_variable_comes_before_openmp_s(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3,2")
    assert threads.n_threads() == 3
    monkeypatch.setenv("KETWISE_NUM_THREADS", "5")
    assert threads.n_threads() == 5


@pytest.mark.parametrize("text", ["0", "-1", "two", "1.5"])
def test_nonsense_is_refused_by_name(monkeypatch, text):
    monkeypatch.setenv("KETWISE_NUM_THREADS", text)
    with pytest.raises(ValueError, match="KETWISE_NUM_THREADS must be a whole number of at least 1, got"):
        threads.n_threads()


def test_the_machine_s_grant_is_the_default(monkeypatch):
    granted = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert 1 <= threads.n_threads() <= granted
    monkeypatch.setattr(threads, "_cgroup_quota", lambda: 1)
    assert threads.n_threads() == 1
