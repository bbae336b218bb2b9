"""What can be said of a circuit without running it: how it could be simulated, which frequencies it has."""

from typing import Any

from ketwise.blocks.advice.simulability import EXACT_QUBITS, is_iqp
from ketwise.words.circuit import Circuit

#: Frequencies that are counted one by one.
COUNTED = 10_000


def simulability(circuit: Circuit, *, of_pairs: bool = False) -> list[str]:
    """Sentences on how a classical computer can evaluate the circuit; only what holds without further assumptions.

    With ``of_pairs`` the model rests on the fidelities of pairs of its states.

    Examples
    --------
    >>> from ketwise.blocks.encodings import angle
    >>> len(simulability(angle(2).circuit))
    2
    """
    remarks = []
    n = circuit.n_qubits
    if n <= EXACT_QUBITS:
        remarks.append(
            f"{n} qubit{'s' * (n > 1)}: one computer holds all {2**n:,} amplitudes, so that this model can be "
            "simulated exactly, as was done here. A device would add cost and noise, not accuracy."
        )
    if not circuit.n_two_qubit():
        remarks.append(
            "No gate joins two qubits: its states are products, which a classical computer evaluates at any number "
            "of qubits."
        )
    elif of_pairs and is_iqp(circuit):
        remarks.append(
            "One layer of H and gates that are diagonal (IQP): the overlap of two of its states is a mean over "
            "random bit strings, so that sampling them on a classical computer estimates the fidelity kernel to the "
            "accuracy that as many shots of a device have."
        )
    return remarks


def spectrum(encoding: Any, params: Any) -> dict[str, Any]:
    """How many frequencies the model's outputs can have, and what that means."""
    from ketwise.blocks.spectrum import frequencies, log10_bound

    bound = log10_bound(encoding, params)
    try:
        size = len(frequencies(encoding, params=params, limit=COUNTED).frequencies)
    except ValueError:
        says = (
            f"The circuit's expectations are sums of waves of more than {COUNTED:,} frequencies (at most about "
            f"10^{bound:.0f}): a classical model draws some of them."
        )
        return {"size": None, "log10_bound": bound, "says": says}
    says = (
        f"The circuit's expectations are sums of waves of {size:,} fixed frequencies, which a classical model can "
        "have too: it is then linear in them."
    )
    return {"size": size, "log10_bound": bound, "says": says}
