"""What a deliberate fault is. The tables beside this file hold them, by what they break."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One deliberate fault.

    Parameters
    ----------
    breaks : str
        What goes wrong, in words; unique.
    file, before, after : str
        A file of ``native/``, the text there, and the text in its place.
    isa : str
        Instruction set on which it shows: the best of the machine, unless the fault is one of narrower vectors.
    optimise : str
        Level of optimisation that it needs: one that compiles fast, unless the fault is one that the optimiser makes.
    """

    breaks: str
    file: str
    before: str
    after: str
    isa: str = "best"
    optimise: str = "-O1"
