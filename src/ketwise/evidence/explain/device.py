"""What a quantum model would cost on a device: circuits, shots, seconds and money, under assumptions that are said."""

from typing import Any

from ketwise.evidence.explain.parts import FIDELITY, PROJECTED, Parts, take_apart
from ketwise.program.planning.device import MONEY_A_SHOT, MONEY_A_TASK, SECONDS_A_LAYER, SECONDS_A_SHOT, n_shifted
from ketwise.words.measurement import n_settings
from ketwise.words.outputs import Expectations

PRICES_SAID = (
    "assumed prices: 0.30 USD a task (one circuit) and 0.0009 USD a shot, the lowest list prices of a public cloud in "
    "2025; a shot on an ion trap cost 0.03 to 0.08 USD"
)
#: Chance that a two-qubit gate fails.
ERROR_A_GATE = 0.003
#: Beyond either nobody would train.
PAYABLE_MONEY, PAYABLE_DAYS = 100_000, 30
SECONDS_A_DAY = 86_400.0


def device_cost(
    estimator: Any, n_train: int, circuit_facts: dict[str, Any], *, shots: int = 1000, n_iterations: int | None = None
) -> dict[str, Any] | None:
    """Estimate what training the model and predicting one row would cost on a device.

    Parameters
    ----------
    estimator : fitted estimator
    n_train : int
        Training rows.
    circuit_facts : dict
        ``n_qubits``, ``depth`` and ``two_qubit_gates`` of the model's circuit.
    shots : int
        A circuit.
    n_iterations : int, optional
        Passes over the rows of a trained circuit; default as many as its fit took.

    Returns
    -------
    dict or None
        ``qubits, depth, two_qubit_gates`` of a circuit that would run, ``assumptions``, ``train`` and ``predict_one``
        (each ``circuits, shots, seconds, money``), ``says`` and ``payable``. None where the model's circuit is not
        known.
    """
    parts = take_apart(estimator)
    if parts is None or not circuit_facts:
        return None
    train, predict, how, twice = _circuits(parts, estimator, n_train, n_iterations)
    depth, gates = (int(circuit_facts[key]) * (2 if twice else 1) for key in ("depth", "two_qubit_gates"))
    cost = {"train": bill(train, shots, depth), "predict_one": bill(predict, shots, depth)}
    payable = cost["train"]["money"] <= PAYABLE_MONEY and cost["train"]["seconds"] <= PAYABLE_DAYS * SECONDS_A_DAY
    kept = (1.0 - ERROR_A_GATE) ** gates
    assumptions = [
        how,
        f"{shots:,} shots a circuit, one circuit after the other: {SECONDS_A_SHOT * 1e6:.0f} µs a shot with reset, and "
        f"{SECONDS_A_LAYER * 1e6:.1f} µs a layer of gates; waiting in a queue is left out",
        PRICES_SAID,
        "every operation on several qubits is one two-qubit gate and every pair of qubits is joined; most devices need "
        "more gates than that",
        f"a two-qubit gate fails with probability {ERROR_A_GATE}: {gates} of them leave {kept:.0%} of the runs without "
        "an error, and no mitigation is paid for",
    ]
    says = (
        f"Training on a device would take {count_said(train)} circuits of {gates} two-qubit gates on "
        f"{circuit_facts['n_qubits']} qubits, about {time_said(cost['train']['seconds'])} and "
        f"{money_said(cost['train']['money'])}; predicting one row {count_said(predict)} "
        f"circuit{'s' * (predict != 1)}, {time_said(cost['predict_one']['seconds'])} and "
        f"{money_said(cost['predict_one']['money'])}."
    )
    return (
        {"qubits": int(circuit_facts["n_qubits"]), "depth": depth, "two_qubit_gates": gates, "assumptions": assumptions}
        | cost
        | {"says": says, "payable": bool(payable)}
    )


def _circuits(parts: Parts, estimator: Any, n_train: int, n_iterations: int | None) -> tuple[int, int, str, bool]:
    """Circuits to train and to predict one row, why so many, and whether an encoding runs forwards and back."""
    if parts.kind == FIDELITY:
        support = getattr(estimator, "support_features_", None)
        n_support = n_train if support is None else len(support)
        how = (
            f"a fidelity is measured by one sample's circuit and the other's inverse: {n_train} rows make "
            f"{n_train * (n_train - 1) // 2:,} pairs, and a new row meets {n_support:,} training rows"
        )
        return n_train * (n_train - 1) // 2, n_support, how, True
    if parts.kind == PROJECTED:
        return 3 * n_train, 3, "three settings a row measure X, Y and Z of every qubit", False
    settings = n_settings(Expectations(parts.model.observables))
    iterations = int(getattr(estimator, "n_iter_", 1)) if n_iterations is None else n_iterations
    shifts = n_shifted(parts.circuit)
    how = (
        f"{iterations} passes over {n_train} rows, and for every row its circuit and {shifts} shifted ones (two a "
        f"rotation with a trained angle, four where it is controlled), in {settings} measurement "
        f"setting{'s' * (settings > 1)}"
    )
    return iterations * n_train * (1 + shifts) * settings, settings, how, False


def bill(circuits: int, shots: int, depth: int) -> dict[str, Any]:
    """Circuits of that depth, with so many shots each, in seconds and US dollars."""
    return {
        "circuits": int(circuits),
        "shots": int(circuits) * shots,
        "seconds": circuits * shots * (SECONDS_A_SHOT + depth * SECONDS_A_LAYER),
        "money": circuits * (MONEY_A_TASK + shots * MONEY_A_SHOT),
    }


def count_said(number: int) -> str:
    """A count in words."""
    return f"{number:,}" if number < 1_000_000 else f"{number / 1e6:,.3g} million"


def time_said(seconds: float) -> str:
    """Seconds in the unit that fits."""
    for size, name in (
        (365.25 * SECONDS_A_DAY, "years"),
        (SECONDS_A_DAY, "days"),
        (3600.0, "hours"),
        (60.0, "minutes"),
    ):
        if seconds >= 2 * size:
            return f"{seconds / size:,.0f} {name}"
    return f"{seconds:.2g} seconds"


def money_said(amount: float) -> str:
    """US dollars."""
    return f"{amount:,.2f} USD" if amount < 100 else f"{amount:,.0f} USD"
