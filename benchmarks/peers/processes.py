"""For libraries that take sample after sample on one core: a process a core, each with its part of the samples."""

import multiprocessing
import os
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from multiprocessing.connection import Connection

import numpy as np
from numpy.typing import NDArray
from problems import Problem

Gradient = Callable[[], NDArray[np.float64]]
Make = Callable[[Problem], Gradient]


def shared_out(problem: Problem, make: Make) -> Gradient:
    """The gradient of the whole problem, from processes that were started beforehand."""
    context = multiprocessing.get_context("fork")
    count = int(os.environ["CONTEST_CORES"])
    edges = np.linspace(0, len(problem.features), count + 1).astype(int).tolist()
    ends = []
    for first, last in pairwise(edges):
        part = replace(problem, features=problem.features[first:last], cotangent=problem.cotangent[first:last])
        mine, theirs = context.Pipe()
        context.Process(target=_work, args=(make, part, theirs), daemon=True).start()
        ends.append(mine)

    def gradient() -> NDArray[np.float64]:
        for end in ends:
            end.send("run")
        return np.sum([end.recv() for end in ends], axis=0)

    return gradient


def _work(make: Make, part: Problem, end: Connection) -> None:
    gradient = make(part)
    while end.recv() == "run":
        end.send(gradient())
