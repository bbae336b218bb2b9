"""The table of deliberate faults: each must make a quick test fail, or the tests of the kernels have a hole.

A row names a file of ``native/``, a piece of text that stands there exactly once, what it becomes, and what that
breaks. A change in the source that moves such a text changes its row here. Changes that only cost time or memory, or
that change nothing, are no faults: another order of the passes, another size of a block.
"""

from __future__ import annotations

from tests.native.faults import (
    engine,
    fixed,
    flips,
    gates,
    gram,
    grouping,
    lanes,
    outputs,
    phases,
    plan,
    polynomial,
    prepared,
    reverse,
    rotations,
    tables,
    tile,
    trigonometry,
    walk,
)
from tests.native.faults.fault import Fault

FAULTS: tuple[Fault, ...] = (
    *(*lanes.FAULTS, *walk.FAULTS, *grouping.FAULTS, *rotations.FAULTS, *flips.FAULTS, *phases.FAULTS),
    *(*prepared.FAULTS, *tile.FAULTS, *reverse.FAULTS, *engine.FAULTS, *trigonometry.FAULTS, *fixed.FAULTS),
    *(*polynomial.FAULTS, *plan.FAULTS, *gates.FAULTS, *outputs.FAULTS),
    *(*tables.FAULTS, *gram.FAULTS),
)
