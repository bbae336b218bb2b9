"""The quantum methods of an associative memory that make a pattern, stored or not: settings, answers, costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.ansatz import sim
from ketwise.blocks.memory.hopfield_inversion import hopfield_recall
from ketwise.blocks.memory.open_trajectories import open_hopfield, product_trajectories
from ketwise.learning.memory.answers import Answer, Completed
from ketwise.learning.memory.method import Cost, Method
from ketwise.learning.memory.variational import train_variational_memory

Array = NDArray[np.float64]


@dataclass(frozen=True)
class HopfieldInversion(Method):
    """A Hopfield network completed by solving a linear system: known bits are held, flipped ones it cannot mend.

    Parameters
    ----------
    gamma : float
        Keeps the spins small; see ``kw.memory.hopfield_system``.
    cutoff : float, optional
        Eigenvalues of smaller size are left out.

    Notes
    -----
    Rebentrost et al., PRA 98, 042308 (2018). A device with a clock fine enough prepares the solution as amplitudes.
    """

    gamma: float = 1.0
    cutoff: float | None = None

    quantum: ClassVar[bool] = True
    weighs: ClassVar[bool] = False
    reduces: ClassVar[bool] = True

    @property
    def mends(self) -> bool:
        """The known bits are held."""
        return False

    def answer(self, held: Any, probes: Array, seed: int) -> Answer:
        """Solve the system of each probe."""
        found = [hopfield_recall(held, probe, gamma=self.gamma, cutoff=self.cutoff) for probe in probes]
        bits = np.array([each.recalled for each in found])
        return Completed(bits, bits.astype(np.float64), np.array([each.success for each in found]))

    def cost(self, patterns: Any) -> Cost:
        """The network's dimension in qubits, an ancilla, and a clock as fine as the network is large."""
        p, n = patterns.shape
        system = (2 * n - 1).bit_length()
        return Cost(
            n_qubits=2 * system + 1,
            operations=float((2 * n) ** 3 + p * n**2),
            device="needs the patterns in a memory that is addressed in superposition, simulates the network's matrix "
            f"for a phase estimation, and repeats it at least {n} times to read as many signs",
        )


@dataclass(frozen=True)
class OpenHopfield(Method):
    """Spins in a transverse field, coupled to a bath that drives them towards a Hopfield network's energy.

    Parameters
    ----------
    transverse_field : float
        In units of the rate at which a spin is updated.
    temperature : float
        1 is where a large classical network forgets.
    time : float
        In units in which each spin is updated once on average.
    trajectories : int
        Whose mean is the answer.
    product : bool
        Without entanglement between the spins, for hundreds of bits; else up to 12 bits.

    Notes
    -----
    Rotondo et al., J. Phys. A 51, 115301 (2018). See ``kw.memory.open_hopfield`` and ``product_trajectories``.
    """

    transverse_field: float = 0.1
    temperature: float = 0.1
    time: float = 5.0
    trajectories: int = 20
    product: bool = False

    quantum: ClassVar[bool] = True
    weighs: ClassVar[bool] = False

    def answer(self, held: Any, probes: Array, seed: int) -> Answer:
        """Follow trajectories from each probe."""
        run = product_trajectories if self.product else open_hopfield
        found = [
            run(
                held,
                probe,
                transverse_field=self.transverse_field,
                temperature=self.temperature,
                time=self.time,
                n_times=2,
                trajectories=self.trajectories,
                seed=seed,
            )
            for probe in probes
        ]
        bits = np.array([each.recalled for each in found])
        return Completed(bits, np.array([each.bit_probabilities for each in found]), np.ones(len(probes)))

    def cost(self, patterns: Any) -> Cost:
        """No gates: couplings between all pairs, and baths that depend on them, for a time."""
        n = patterns.shape[1]
        return Cost(
            n_qubits=n,
            operations=2.0 * self.time * n**2,
            device=f"couples {n} spins to each other and each to a bath whose rates depend on all others, lets them "
            f"run for {self.time:g} updates of each, and reads all; one run is one sample",
        )


@dataclass(frozen=True)
class Variational(Method):
    """A circuit trained so that feeding its expectations back leads from a broken pattern to the whole; up to 14 bits.

    Parameters
    ----------
    layers : int
    flip, unknown : float
        Shares of bits that are flipped and unknown in the copies that are trained on.
    max_iter : int
        Steps of training.
    learning_rate : float

    Notes
    -----
    See ``kw.memory.train_variational_memory``.
    """

    layers: int = 2
    flip: float = 0.1
    unknown: float = 0.1
    max_iter: int = 200
    learning_rate: float = 0.1

    quantum: ClassVar[bool] = True
    weighs: ClassVar[bool] = False
    trains: ClassVar[bool] = True

    def store(self, patterns: Any, seed: int) -> Any:
        """Train the circuit."""
        return train_variational_memory(
            patterns,
            layers=self.layers,
            flip=self.flip,
            unknown=self.unknown,
            max_iter=self.max_iter,
            learning_rate=self.learning_rate,
            seed=seed,
        )

    def answer(self, held: Any, probes: Array, seed: int) -> Answer:
        """Feed the expectations back until they stay."""
        found = held.recall(probes)
        return Completed(found.bits, found.bit_probabilities, np.ones(len(probes)))

    def cost(self, patterns: Any) -> Cost:
        """One application: a rotation for each bit, the layers, and a reading of all qubits."""
        n = patterns.shape[1]
        layer = sim(5, n)
        return Cost(
            n_qubits=n,
            operations=float(self.layers * len(layer)) * 2.0**n,
            device=f"estimates {n} expectations from shots, enters them as angles, and does it again until they stay; "
            "training took gradients of all copies at every step",
            recall_gates=n + self.layers * len(layer),
        )
