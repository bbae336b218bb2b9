"""A quantum memory as champion: that a classical formula gives its answers, how often a run succeeds, and its price."""

from typing import Any

import numpy as np

from ketwise.evidence.explain.device import (
    ERROR_A_GATE,
    PAYABLE_DAYS,
    PAYABLE_MONEY,
    PRICES_SAID,
    SECONDS_A_DAY,
    bill,
    count_said,
    money_said,
    time_said,
)
from ketwise.evidence.wording import percent, quantity, significant
from ketwise.program.planning.device import SECONDS_A_LAYER, SECONDS_A_SHOT


def memory_remarks(facts: dict[str, Any]) -> list[str]:
    """Sentences on a memory with these facts, as ``storage_facts`` of ``models/memory_facts.py`` gives them."""
    return [
        f"Classically exact and cheap: its answer is a closed formula of how alike a row is to each of the "
        f"{facts['n_patterns']:,} stored ones, about {quantity(facts['operations'])} elementary operations a row. That "
        "is how it was computed here; a device would add cost and noise, not accuracy.",
        "Nothing is trained and no weights are fitted: there is no gradient, no spectrum and no kernel machine whose "
        "geometry could be compared with a classical one.",
    ]


def recalled(model: Any, probes: Any) -> dict[str, Any]:
    """How often a run of the memory succeeds for some rows, and what a device does.

    Parameters
    ----------
    model : AssociativeMemoryClassifier
        Fitted, with a quantum method that reads stored rows.
    probes : (n_probes, n_columns) array

    Returns
    -------
    dict
        ``success`` of the middle row (the probability P0 that a run of storage and recall gives an answer), its
        ``repetitions`` (1 / P0), those of the worst tenth of the rows as ``repetitions_worst``, ``probes``, ``device``
        in words, and ``n_controls``, the control qubits of which one would do (0 for a memory without).
    """
    from ketwise.learning.memory.associative_memory import AssociativeMemory
    from ketwise.learning.memory.methods import method_of
    from ketwise.learning.memory.quantum_methods import Probabilistic

    memory = AssociativeMemory(
        model.method, encoding=model.encoding, n_levels=model.n_levels, random_state=model.random_state
    )
    cost = memory.fit(model.patterns_).cost(probes)
    repetitions = np.sort(cost.repetitions)
    middle, worst = (float(repetitions[int(share * (len(repetitions) - 1))]) for share in (0.5, 0.9))
    controlled = isinstance(method_of(model.method), Probabilistic)
    return {
        "success": 1.0 / middle,
        "repetitions": middle,
        "repetitions_worst": worst,
        "probes": len(repetitions),
        "device": cost.each.device,
        "n_controls": cost.each.n_qubits - cost.n_bits - 2 if controlled else 0,
    }


def memory_device(facts: dict[str, Any], found: dict[str, Any], *, shots: int = 1000) -> dict[str, Any] | None:
    """Estimate what predicting one row would cost on a device; training costs nothing.

    Parameters
    ----------
    facts : dict
        Of the storage.
    found : dict
        What :func:`recalled` returned.
    shots : int
        Successful runs that are taken for a row.

    Returns
    -------
    dict or None
        As :func:`ketwise.evidence.explain.device.device_cost`, and ``trained``, which is False. None where the middle
        row is never answered, and for a memory that no gate on two qubits stores.
    """
    if not np.isfinite(found["repetitions"]) or not facts["storage_cx"]:
        return None
    gates, depth = facts["storage_cx"], facts["storage_cx"] + facts["recall_gates"]
    runs = round(shots * found["repetitions"])
    cost = {"train": bill(0, 0, 0), "predict_one": bill(1, runs, depth)}
    one = cost["predict_one"]
    kept = percent((1.0 - ERROR_A_GATE) ** gates)
    payable = one["money"] <= PAYABLE_MONEY and one["seconds"] <= PAYABLE_DAYS * SECONDS_A_DAY
    assumptions = [
        f"for one row it {found['device']}; the class of a stored row is looked up",
        f"{shots:,} successes a row, each after {significant(found['repetitions'])} runs: that is 1/P0 of the middle "
        f"one of {found['probes']:,} test rows; a row in ten needs {significant(found['repetitions_worst'])} or more",
        f"{SECONDS_A_SHOT * 1e6:.0f} µs a run with reset, and {SECONDS_A_LAYER * 1e6:.1f} µs a gate, one after the "
        "other; waiting in a queue is left out",
        PRICES_SAID,
        "the storage is written as CX, and every pair of qubits is joined; gates of the recall are counted in time, "
        "not among the CX",
        f"a CX fails with probability {ERROR_A_GATE}: {gates:,} of them leave {kept} of the runs without an error, and "
        "no mitigation is paid for",
    ]
    if found["n_controls"] > 1:
        assumptions.append(
            f"{found['n_controls']:,} of the qubits are control qubits; one that is measured and used again would do"
        )
    says = (
        f"Nothing is trained on a device. Every run stores the {facts['n_patterns']:,} rows again, by "
        f"{count_said(gates)} CX on {facts['n_qubits']:,} qubits, and succeeds with probability "
        f"{significant(found['success'], 2)}; predicting one row would take {count_said(runs)} runs, {kept} "
        f"of them without an error, {time_said(one['seconds'])} and {money_said(one['money'])}."
    )
    sizes = {"qubits": facts["n_qubits"], "depth": depth, "two_qubit_gates": gates, "assumptions": assumptions}
    return sizes | cost | {"says": says, "payable": bool(payable), "trained": False}
