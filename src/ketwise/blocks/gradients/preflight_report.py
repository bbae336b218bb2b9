"""What a preflight found, as data and in words."""

from __future__ import annotations

from dataclasses import dataclass, field

from ketwise.blocks.circuits.light_cone import LightCone, global_from
from ketwise.blocks.gradients.scaling import Scaling

#: Shots of a circuit that a device takes without much ado.
FEW_SHOTS = 100_000
#: A gain below this is no remedy.
HELPS = 1.2
#: Groups that the table shows.
_SHOWN = 12


@dataclass(frozen=True)
class Group:
    """The parameters of one kind of gate in one layer.

    Attributes
    ----------
    layer : int
        From 1: the how-many-th time that this gate stands on the same qubits.
    gate : str
    params : tuple of int
    inside : int
        How many of them some output can depend on.
    mean, least, most : float
        Mean squares of their derivatives.
    """

    layer: int
    gate: str
    params: tuple[int, ...]
    inside: int
    mean: float
    least: float
    most: float


@dataclass(frozen=True)
class ShotCost:
    """Shots of one step of gradient descent by parameter shift.

    Attributes
    ----------
    relative_error : float
        Of the whole gradient: the noise's length over its own, root mean square.
    per_circuit : int or None
        None where there is no gradient.
    circuits : int
        Shifted circuits for one row, times the settings in which the outputs are measured.
    rows : int
    per_step : int or None
    """

    relative_error: float
    per_circuit: int | None
    circuits: int
    rows: int
    per_step: int | None


@dataclass(frozen=True)
class Remedy:
    """A change of one argument, with what it does to the gradient here.

    Attributes
    ----------
    name : str
    how : str
        What to write.
    mean, standard_error : float or None
        Mean square of the gradient with it; None where it was not measured.
    gain : float or None
        ``mean`` over the one without it, in the same units of one shot's noise.
    """

    name: str
    how: str
    mean: float | None
    standard_error: float | None
    gain: float | None


@dataclass(frozen=True)
class Preflight:
    """What training would meet at its start.

    Attributes
    ----------
    n_qubits, n_params, draws : int
    start : str
        Which parameters were drawn.
    data : str
        Which rows of data.
    mean, standard_error : float
        Mean square of the derivatives, over the parameters inside a light cone and over the draws, by the output that
        shows each best.
    haar : float
        What a Pauli word's derivative between two Haar-random unitaries has: the plateau of random circuits.
    groups : tuple of Group
    cones : tuple of LightCone
        One for each observable.
    shots : ShotCost
    scaling : Scaling or None
        Where several sizes were measured.
    remedies : tuple of Remedy
        The largest gain first.
    """

    n_qubits: int
    n_params: int
    draws: int
    start: str
    data: str
    mean: float
    standard_error: float
    haar: float
    groups: tuple[Group, ...]
    cones: tuple[LightCone, ...]
    shots: ShotCost
    scaling: Scaling | None = None
    remedies: tuple[Remedy, ...] = field(default=())

    @property
    def unseen(self) -> bool:
        """Whether a device would hardly see the gradient: its shot noise is larger after 100,000 shots a circuit."""
        shots = self.shots.per_circuit
        return shots is None or shots * self.shots.relative_error**2 > FEW_SHOTS

    @property
    def barren(self) -> bool:
        """Whether the gradient is unseen, or fades exponentially with the number of qubits."""
        return self.unseen or (self.scaling is not None and self.scaling.law == "exponential")

    @property
    def is_global(self) -> bool:
        """Whether some output acts on at least half of the qubits, and on three or more, at once."""
        return any(cone.locality >= global_from(self.n_qubits) for cone in self.cones)

    def says(self) -> str:
        """Return what was found, in sentences."""
        return " ".join(_sentences(self))

    def __repr__(self) -> str:
        lines = [f"Preflight: {self.n_qubits} qubits, {self.n_params} parameters", *_sentences(self), ""]
        lines.append(f"{'layer':>5}  {'gate':<8}{'params':>7}{'inside':>8}{'mean square':>13}{'least':>10}{'most':>10}")
        for g in self.groups[:_SHOWN]:
            sizes = f"{len(g.params):>7}{g.inside:>8}{g.mean:>13.2e}{g.least:>10.1e}{g.most:>10.1e}"
            lines.append(f"{g.layer:>5}  {g.gate:<8}{sizes}")
        if len(self.groups) > _SHOWN:
            lines.append(f"       {len(self.groups) - _SHOWN} more in .groups")
        helpful = [r for r in self.remedies if r.gain is None or r.gain > HELPS]
        if helpful:
            lines += ["", "Ways out, each one argument, and the mean square of the gradient over this one:"]
            lines += [f"{'?' if r.gain is None else f'{r.gain:.3g}':>8} x  {r.name}: {r.how}" for r in helpful]
        if others := [f"{r.name} ({r.gain:.2g})" for r in self.remedies if r.gain is not None and r.gain <= HELPS]:
            lines += ["", f"Measured, no help here: {', '.join(others)}."]
        return "\n".join(lines)


def _sentences(found: Preflight) -> list[str]:
    said = [
        f"The derivatives have a mean square of {found.mean:.2e} ± {found.standard_error:.0e} ({found.draws} draws, "
        f"parameters {found.start}{', ' + found.data if found.data else ''}); between two random unitaries a Pauli "
        f"word's would have {found.haar:.2e}."
    ]
    inside = sum(group.inside for group in found.groups)
    wide = max((len(cone.qubits) for cone in found.cones), default=0)
    most = max((cone.locality for cone in found.cones), default=0)
    outside = found.n_params - inside
    unused = f" {outside} of {found.n_params} parameters reach no output." if outside else ""
    said.append(
        f"Outputs act on up to {most} qubit{'s' * (most != 1)} at once ({'global' if found.is_global else 'local'}) "
        f"and depend on up to {wide} of {found.n_qubits}.{unused}"
    )
    shots = found.shots
    if shots.per_circuit is None or shots.per_step is None:
        said.append("No output depends on a parameter at the start: no number of shots shows a gradient.")
    else:
        said.append(
            f"On a device a step to a relative error of {shots.relative_error:g} takes about {shots.per_circuit:,} "
            f"shots a circuit, {shots.per_step:,} in all: {shots.circuits} circuits for each of {shots.rows} "
            f"row{'s' * (shots.rows != 1)}."
        )
    if found.scaling is not None:
        said.append(_law(found.scaling))
    if found.unseen:
        said.append("This is a barren plateau: on a device training would start blind.")
    elif found.barren:
        said.append("This is a barren plateau in the making: with more qubits training would start blind.")
    return said


def _law(scaling: Scaling) -> str:
    at = f"From {scaling.sizes[0]} to {scaling.sizes[-1]} qubits the mean square"
    if scaling.law == "exponential":
        return f"{at} falls exponentially, by {scaling.factor:.2f} ± {scaling.factor_error:.2f} a qubit."
    if scaling.law == "polynomial":
        return f"{at} falls polynomially, as n to the power {scaling.power:.1f} ± {scaling.power_error:.1f}."
    if scaling.law == "none":
        return f"{at} does not fall."
    return (
        f"{at} falls, by {scaling.factor:.2f} a qubit or as n to the power {scaling.power:.1f}: these sizes do not "
        "tell which; take more of them, or more draws."
    )
