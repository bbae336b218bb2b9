"""Encodings without entanglement that are given the products of features instead, so that only entanglement is gone."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

from ketwise.blocks.encodings import Encoding, named, option_names
from ketwise.blocks.preparation.premap import IDENTITY
from ketwise.blocks.preparation.premaps import one_after_another, products
from ketwise.words.angle import FEATURE, Angle, features, params
from ketwise.words.checks import positive_int
from ketwise.words.circuit import Circuit


def features_and_products(n_features: int) -> list[Angle]:
    """Return the features and then the products of every two of them.

    Examples
    --------
    >>> features_and_products(3)
    [x[0], x[1], x[2], x[1]*x[0], x[2]*x[0], x[2]*x[1]]
    """
    x = list(features(positive_int("n_features", n_features)))
    return x + [a * b for a, b in combinations(x, 2)]


def separable(name: str, n_features: int, **options: object) -> Encoding:
    """Return the encoding of that name for features and their products, without entanglement.

    An encoding such as "iqp" turns pairs of qubits by products of features. Its unentangled twin loses these turns
    and with them the products; here it keeps the products, laid as further features: each on a qubit of its own, or
    going round the qubits where the encoding can lay several on one.

    Parameters
    ----------
    name : str
        Out of ``kw.encodings.ENCODINGS``.
    n_features : int
        Before products are added.
    options
        Of the encoding; those that are None are left at their defaults. Re-uploading keeps to ``n_qubits``, by
        default one a feature.

    Examples
    --------
    >>> print(separable("iqp", 2).circuit)
    q0: -H--RZ(x[0])------
    q1: -H--RZ(x[1])------
    q2: -H--RZ(x[1]*x[0])-
    """
    values = features_and_products(n_features)
    known = option_names(name)
    if "n_qubits" in known and options.get("n_qubits") is None:
        options = options | {"n_qubits": n_features}
    unjoined = {"pairs": "none"} if "pairs" in known else {}
    whole = named(name, len(values), **options | unjoined).twin()
    name = f"{name} of products, no entanglement"
    if whole.premap is not IDENTITY:
        return replace(whole, name=name, premap=one_after_another(products(n_features), whole.premap))
    circuit = Circuit(whole.n_qubits, n_features=n_features, n_params=whole.n_params)
    for op in whole.circuit.ops:
        angle = None if op.angle is None else _with_values(op.angle, values)
        circuit.append(op.gate, op.qubits, angle, dict(op.controls))
    return replace(whole, name=name, circuit=circuit)


def products_around(n_qubits: int) -> Circuit:
    """Return uploads of the products of every two features, as many features as qubits, going round the qubits.

    Each is ``RZ(c)`` and ``RY(w x_i x_j + b)`` with trained c, w and b: where these are 0 it does nothing.

    Examples
    --------
    >>> print(products_around(2))
    q0: -RZ(w[0])--RY(w[1]*x[1]*x[0] + w[2])-
    q1: -------------------------------------
    """
    products = features_and_products(n_qubits)[n_qubits:]
    w = params(3 * len(products))
    circuit = Circuit(n_qubits)
    for index, product in enumerate(products):
        turn, scale, bias = w[3 * index : 3 * index + 3]
        circuit.rz(turn, index % n_qubits).ry(scale * product + bias, index % n_qubits)
    return circuit


def _with_values(angle: Angle, values: list[Angle]) -> Angle:
    """Return the angle with its features replaced."""
    total = Angle({})
    for monomial, coefficient in angle.terms.items():
        product = Angle({tuple(symbol for symbol in monomial if symbol[0] != FEATURE): coefficient})
        for kind, index in monomial:
            if kind == FEATURE:
                product = product * values[index]
        total = total + product
    return total
