"""What is trained has the same bits for any number of threads, also where it went through a decomposition."""

import numpy as np
import pytest
from sklearn.datasets import load_digits, make_regression
from threadpoolctl import threadpool_limits

import ketwise as kw

DIGITS = load_digits(return_X_y=True)
REGRESSION = make_regression(500, 40, noise=5, random_state=0)

# Large enough for BLAS to split its work: that this is so was seen with `one_blas_thread` taken out.
CASES = {
    "kernel ridge": (kw.QuantumKernelRegressor(n_qubits=8), *REGRESSION),
    "a reduced table": (
        kw.VariationalClassifier(n_qubits=6, max_iter=5, random_state=0),
        *(part[:600] for part in DIGITS),
    ),
    "minibatches": (
        kw.VariationalRegressor(n_qubits=6, optimizer="adam", max_iter=2, random_state=0),
        *REGRESSION,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_threads_change_no_bit(case, monkeypatch):
    model, X, y = CASES[case]
    outputs = []
    for threads in (1, 2, 4):
        monkeypatch.setenv("KETWISE_NUM_THREADS", str(threads))
        with threadpool_limits(threads):
            fitted = model.fit(X, y)
            outputs.append(getattr(fitted, "decision_function", fitted.predict)(X))
    np.testing.assert_array_equal(outputs[0], outputs[1])
    np.testing.assert_array_equal(outputs[0], outputs[2])
