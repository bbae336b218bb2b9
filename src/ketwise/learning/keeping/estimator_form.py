"""The form of an estimator: the parameters of its ``__init__``, and the attributes that ``fit`` set."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ketwise.learning.keeping.form import WHOLE, Form, Is, Parts, check_parts, one

#: What set_output leaves behind.
OUTPUT_CONFIG = {"_sklearn_output_config": one(dict, needed=False)}
#: What a fitted estimator of scikit-learn's kind has beside what its class says.
EVERY = {
    "n_features_in_": WHOLE,
    "feature_names_in_": Is((np.ndarray,), ("n_features_in_",), "OU", needed=False),
} | OUTPUT_CONFIG
#: Private attributes of scikit-learn that say how a fit went, and that nothing after it reads.
RECORDS = {"_fit_svd_solver"}


def estimator_form(
    cls: type,
    state: dict[str, Is],
    check: Callable[[Any], None] | None = None,
    *,
    every: dict[str, Is] | None = None,
    made: Callable[[dict[str, Any], dict[str, Any]], Any] | None = None,
    ignored: frozenset[str] = frozenset(),
    dropped: frozenset[str] = frozenset(),
) -> Form:
    """Return the form of an estimator.

    Parameters
    ----------
    cls : type
        With ``get_params``; its ``__init__`` only stores.
    state : dict of str -> Is
        What ``fit`` sets. An attribute that is not here is not dropped in silence: the estimator is refused.
    check : callable, optional
        Raises ValueError for an estimator whose attributes do not agree.
    every : dict of str -> Is, optional
        Attributes that any estimator has.
    made : callable (params, state) -> estimator, optional
        Default: the class called with the parameters, and every attribute set.
    ignored : frozenset of str
        Private attributes that are made anew.
    dropped : frozenset of str
        Parameters that are None in a file: they belong to the process that trained, and nothing after it reads them.
    """
    expected = (EVERY if every is None else every) | state
    known = _parameters(cls)

    def take(estimator: Any) -> Parts:
        params = estimator.get_params(deep=False) | dict.fromkeys(dropped)
        found = {name: value for name, value in vars(estimator).items() if name not in {*params, *RECORDS, *ignored}}
        if not found and any(rule.needed for rule in expected.values()):
            raise ValueError("it is not fitted: call fit first")
        if unknown := sorted(set(found) - set(expected)):
            raise ValueError(f"a file holds no attribute {unknown[0]!r} of it: delete the attribute first")
        check_parts(found, expected)
        return {"params": params, "state": {name: found[name] for name in sorted(found)}}

    def make(parts: Parts) -> Any:
        check_parts(parts, {"params": one(dict), "state": one(dict)})
        params, found = parts["params"], parts["state"]
        if unknown := sorted(set(params) - known):
            raise ValueError(f"there is no parameter {unknown[0][:60]!r} in the version that is installed here")
        if unread := sorted(name for name in dropped if params.get(name) is not None):
            raise ValueError(f"a file holds no {unread[0]}: it must be None")
        check_parts(found, expected)
        estimator = (_made_by(cls) if made is None else made)(params, found)
        if check is not None:
            check(estimator)
        return estimator

    return Form(cls.__name__, (cls,), take, make, frozenset({"params", "state"}), dropped)


def _parameters(cls: Any) -> set[str]:
    """Names of the arguments of ``__init__``, as ``get_params`` has them."""
    names: list[str] = cls._get_param_names()
    return set(names)


def _made_by(cls: type) -> Callable[[dict[str, Any], dict[str, Any]], Any]:
    def made(params: dict[str, Any], found: dict[str, Any]) -> Any:
        estimator = cls(**params)
        for name, value in found.items():
            setattr(estimator, name, value)
        return estimator

    return made
