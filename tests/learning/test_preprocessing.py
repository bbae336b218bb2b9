"""From columns to features: scaling, reduction, and the choice of the circuit."""

import warnings

import numpy as np
import pytest

import ketwise as kw
from ketwise.blocks.ansatz import strongly_entangling
from ketwise.blocks.encodings import ENCODINGS, chebyshev, iqp
from ketwise.learning.preprocessing import QUBIT_LIMIT, ReductionWarning, choose_encoding, fit_preparation

X = np.random.default_rng(0).normal(size=(40, 6)) * [1, 10, 100, 1, 5, 2] + 7


def test_minmax_fills_half_a_turn_and_clips_what_it_has_not_seen():
    prepared = fit_preparation(X, scale="minmax", n_kept=6, bandwidth=0.5)
    Z = prepared.transform(X)
    np.testing.assert_allclose(Z.min(axis=0), -np.pi / 4, atol=1e-12)
    np.testing.assert_allclose(Z.max(axis=0), np.pi / 4, atol=1e-12)
    np.testing.assert_allclose(prepared.transform(X[:1] + 1e6), np.pi / 4, atol=1e-12)


def test_standard_and_none():
    Z = fit_preparation(X, scale="standard", n_kept=6, bandwidth=2.0).transform(X)
    np.testing.assert_allclose((Z.mean(axis=0), Z.std(axis=0)), (np.zeros(6), np.full(6, 2.0)), atol=1e-12)
    np.testing.assert_array_equal(fit_preparation(X, scale=None, n_kept=6, bandwidth=1.0).transform(X), X)


def test_pca_keeps_the_widest_directions_and_no_rotation_without_reduction():
    whole = fit_preparation(X, scale="standard", n_kept=6, bandwidth=1.0)
    assert whole.pca is None
    reduced = fit_preparation(X, scale="standard", n_kept=2, bandwidth=1.0)
    Z = whole.transform(X)
    scores = Z @ np.linalg.svd(Z)[2][:2].T
    np.testing.assert_allclose(np.abs(reduced.transform(X)), np.abs(scores), atol=1e-10)


def test_constant_columns_and_one_row():
    constant = np.ones((5, 3))
    for scale in ("minmax", "standard"):
        assert np.isfinite(fit_preparation(constant, scale=scale, n_kept=3, bandwidth=1.0).transform(constant)).all()
    with pytest.raises(ValueError, match="PCA to 4 features needs at least as many rows, got 3"):
        fit_preparation(X[:3], scale=None, n_kept=4, bandwidth=1.0)


def choose(encoding, n_columns=6, n_rows=40, n_qubits=None, reduce="pca", entangled=True, **options):
    return choose_encoding(
        encoding, n_columns, n_rows, n_qubits=n_qubits, reduce=reduce, entangled=entangled, options=options
    )


@pytest.mark.parametrize(
    ("given", "n_qubits", "n_features"),
    [
        ({"encoding": "iqp"}, 6, 6),
        ({"encoding": "iqp", "n_qubits": 3}, 3, 3),
        ({"encoding": "iqp", "n_columns": 14, "reduce": None}, 14, 14),
        ({"encoding": "reuploading"}, 6, 6),
        ({"encoding": "reuploading", "n_qubits": 3}, 3, 3),
        ({"encoding": "reuploading", "n_qubits": 3, "reduce": None}, 3, 6),
        ({"encoding": "reuploading", "n_qubits": 8}, 8, 6),
        ({"encoding": "reuploading", "n_columns": 14, "reduce": None}, QUBIT_LIMIT, 14),
        ({"encoding": iqp(6) + strongly_entangling(6)}, 6, 6),
        ({"encoding": iqp(4), "n_qubits": 4}, 4, 4),
        ({"encoding": iqp(4).circuit, "n_qubits": 4}, 4, 4),
        ({"encoding": "amplitude", "n_columns": 14}, 4, 14),
        ({"encoding": "amplitude", "n_columns": 14, "n_qubits": 3}, 3, 8),
        ({"encoding": "amplitude", "n_columns": 784, "n_rows": 900}, 10, 784),
        ({"encoding": "dense_angle", "n_columns": 14}, 7, 14),
        ({"encoding": "dense_angle", "n_columns": 14, "n_qubits": 3}, 3, 6),
        ({"encoding": "chebyshev_tower", "n_qubits": 4}, 4, 2),
        ({"encoding": "exponential", "n_qubits": 6}, 6, 3),
        ({"encoding": "heisenberg", "n_qubits": 4}, 4, 3),
        ({"encoding": "hamming_weight", "n_columns": 14, "n_qubits": 4}, 4, 6),
        ({"encoding": "high_dimensional", "n_columns": 14}, 5, 14),
        ({"encoding": "zz", "n_columns": 500, "n_qubits": 10}, 10, 10),
    ],
)
def test_the_circuit_that_is_asked_for(given, n_qubits, n_features):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        encoding = choose(**given)
    assert (encoding.n_qubits, encoding.n_features) == (n_qubits, n_features)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"encoding": "iqp", "n_columns": 14}, QUBIT_LIMIT),
        ({"encoding": "reuploading", "n_columns": 14}, QUBIT_LIMIT),
        ({"encoding": "iqp", "n_columns": 14, "n_rows": 5}, 5),
        ({"encoding": iqp(4)}, 4),
    ],
)
def test_an_unasked_reduction_warns(given, kept):
    with pytest.warns(ReductionWarning, match=f"reduced by PCA to the {kept} features"):
        assert choose(**given).n_features == kept


def chosen_or_refused(name, n_columns, n_qubits):
    try:
        return choose(name, n_columns=n_columns, n_qubits=n_qubits), ""
    except ValueError as error:
        return None, str(error)


@pytest.mark.filterwarnings("ignore::ketwise.learning.preprocessing.ReductionWarning")
@pytest.mark.parametrize("name", ENCODINGS)
@pytest.mark.parametrize("n_qubits", [None, 4, 5])
def test_no_encoding_gets_more_qubits_than_were_asked_for(name, n_qubits):
    for n_columns in (2, 5, 17):
        encoding, refusal = chosen_or_refused(name, n_columns, n_qubits)
        if encoding is None:  # some numbers of qubits cannot be had; the message says which one can
            assert f"n_qubits={n_qubits}, but X has {n_columns} columns" in refusal
            possible = int(refusal.split("set n_qubits=")[1].split(",")[0])
            assert choose(name, n_columns=n_columns, n_qubits=possible).n_qubits == possible
            continue
        assert encoding.n_qubits <= QUBIT_LIMIT if n_qubits is None else encoding.n_qubits == n_qubits
        assert encoding.n_features <= n_columns


def test_what_cannot_be_built_is_named():
    with pytest.raises(ValueError, match="'exponential' has more than 1 qubit for any number of features"):
        choose("exponential", n_qubits=1)
    with pytest.raises(ValueError, match="n_qubits=5, but X has 6 columns and 'exponential' lays 2 of them on 4 qub"):
        choose("exponential", n_qubits=5)
    with pytest.raises(ValueError, match="one amplitude, normalised, is always 1"):
        choose("amplitude", n_columns=1)


@pytest.mark.parametrize("n_kept", [6, 3])
def test_minmax_stays_in_the_domain_for_any_row(n_kept):
    encoding = chebyshev(n_kept)
    far = np.vstack([X, 1e6 * np.random.default_rng(1).normal(size=(200, 6)), X.min(axis=0), X.max(axis=0)])
    for bandwidth in (1.0, 0.3):
        prepared = fit_preparation(X, scale="minmax", n_kept=n_kept, bandwidth=bandwidth, domain=encoding.domain)
        Z = prepared.transform(far)
        assert np.abs(Z).max() <= bandwidth + 1e-12
        assert np.abs(Z).max() > (1 if n_kept == 6 else 0.5) * bandwidth - 1e-12
        assert np.isfinite(encoding.compile(kw.Z(0))(None, Z)).all()
    with pytest.raises(
        ValueError, match=r"bandwidth must be at most 1 for an encoding whose features lie in \[-1, 1\]"
    ):
        fit_preparation(X, scale="minmax", n_kept=6, bandwidth=1.5, domain=encoding.domain)


@pytest.mark.filterwarnings("ignore::ketwise.learning.preprocessing.ReductionWarning")
def test_an_estimator_on_a_domain_takes_rows_it_has_not_seen():
    y = X[:, 0] > np.median(X[:, 0])
    circuit = chebyshev(3) + strongly_entangling(3, 1)
    model = kw.VariationalClassifier(circuit, bandwidth=0.9, max_iter=3, random_state=0).fit(X, y)
    assert np.isfinite(model.predict_proba(10 * X)).all()


def test_the_twin_and_the_options():
    assert choose("iqp", entangled=False).circuit.n_two_qubit() == 0
    assert choose("iqp", repeats=3).circuit.counts()["h"] == 18
    assert choose("iqp", repeats=None).circuit == iqp(6).circuit
    with pytest.raises(ValueError, match="takes no 'repeats'"):
        choose("angle", repeats=2)
    with pytest.raises(ValueError, match="repeats belongs to an encoding that is given by name"):
        choose(iqp(6), repeats=2)


def test_a_circuit_that_changes_later_does_not_change_the_choice():
    circuit = iqp(6).circuit
    chosen = choose(circuit)
    circuit.x(0)
    assert chosen.circuit == iqp(6).circuit
