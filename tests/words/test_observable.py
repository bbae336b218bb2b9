"""Observables against explicit Kronecker products, which share no code with the two boolean matrices."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ketwise as kw

LETTERS = {
    "I": np.eye(2),
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.array([[1, 0], [0, -1]]),
}


def dense(word: str) -> np.ndarray:
    """The matrix of a printed word: its leftmost letter is the highest qubit, the slowest bit of the index."""
    matrix = np.eye(1)
    for letter in word:
        matrix = np.kron(matrix, LETTERS[letter])
    return matrix


def dense_sum(terms: dict[str, float]) -> np.ndarray:
    return sum(c * dense(word) for word, c in terms.items())


def words(n_qubits: int):
    return st.text(alphabet="IXYZ", min_size=n_qubits, max_size=n_qubits)


def sums(n_qubits: int):
    coefficient = st.floats(-2, 2).filter(lambda c: c == 0 or abs(c) > 1e-3)
    return st.dictionaries(words(n_qubits), coefficient, min_size=1, max_size=5)


# -- what a word is


@pytest.mark.parametrize(("make", "letter"), [(kw.X, "X"), (kw.Y, "Y"), (kw.Z, "Z")])
def test_a_pauli_on_qubit_q_has_its_letter_q_places_from_the_right(make, letter):
    assert make(0) == kw.Observable(letter)
    assert make(2) == kw.Observable(f"{letter}II") == kw.Observable({f"{letter}II": 1.0})
    np.testing.assert_array_equal(make(0).to_matrix(3), dense(f"II{letter}"))
    np.testing.assert_array_equal(make(1).to_matrix(3), dense(f"I{letter}I"))
    np.testing.assert_array_equal(make(2).to_matrix(3), dense(f"{letter}II"))


def test_little_endian_in_the_index():
    """Z on qubit 1 is minus one where bit 1 of the index is set; X on qubit 0 exchanges neighbours."""
    np.testing.assert_array_equal(np.diag(kw.Z(1).to_matrix(3)).real, [1, 1, -1, -1, 1, 1, -1, -1])
    np.testing.assert_array_equal(kw.X(0).to_matrix(3) @ np.arange(8), [1, 0, 3, 2, 5, 4, 7, 6])
    np.testing.assert_array_equal(kw.X(2).to_matrix(3) @ np.arange(8), [4, 5, 6, 7, 0, 1, 2, 3])


@given(sums(3))
def test_a_sum_of_words_is_the_sum_of_kronecker_products(terms):
    np.testing.assert_allclose(kw.Observable(terms).to_matrix(3), dense_sum(terms), atol=1e-15)


@given(sums(3), sums(2), st.floats(-2, 2))
def test_sums_differences_and_multiples(left, right, factor):
    a, b = kw.Observable(left), kw.Observable(right)
    A, B = dense_sum(left), np.kron(np.eye(2), dense_sum(right))
    np.testing.assert_allclose((a + b).to_matrix(3), A + B, atol=1e-14)
    np.testing.assert_allclose((a - b).to_matrix(3), A - B, atol=1e-14)
    np.testing.assert_allclose((b - a).to_matrix(3), B - A, atol=1e-14)
    np.testing.assert_allclose((factor * a).to_matrix(3), factor * A, atol=1e-14)
    np.testing.assert_allclose((a / 4 - 1).to_matrix(3), A / 4 - np.eye(8), atol=1e-14)
    np.testing.assert_allclose((2 - a).to_matrix(3), 2 * np.eye(8) - A, atol=1e-14)
    assert a - a == 0 * a
    negated = -a
    assert -negated == a


@given(words(3), words(3))
def test_a_product_of_words_is_the_matrix_product_or_refused_where_that_is_not_hermitian(left, right):
    product = dense(left) @ dense(right)
    a, b = kw.Observable(left), kw.Observable(right)
    if np.allclose(product, product.conj().T):
        np.testing.assert_array_equal((a * b).to_matrix(3), product)
    else:
        with pytest.raises(ValueError, match="not Hermitian: the words anticommute"):
            a * b


@given(sums(3), sums(3))
def test_a_product_of_sums_is_the_matrix_product_or_refused_where_that_is_not_hermitian(left, right):
    product = dense_sum(left) @ dense_sum(right)
    a, b = kw.Observable(left), kw.Observable(right)
    if np.abs(product - product.conj().T).max() < 1e-14:
        np.testing.assert_allclose((a * b).to_matrix(3), product, atol=1e-13)
    else:
        with pytest.raises(ValueError, match="not Hermitian"):
            a * b


def test_a_product_whose_imaginary_parts_cancel_is_allowed():
    assert (kw.X(0) + kw.Y(0)) * (kw.X(0) + kw.Y(0)) == 2 * kw.identity()
    assert (kw.X(0) * kw.X(1)) * (kw.Y(0) * kw.Y(1)) == -(kw.Z(0) * kw.Z(1))


@pytest.mark.parametrize("make", [kw.X, kw.Y, kw.Z])
def test_a_word_squared_is_the_identity(make):
    assert make(3) * make(3) == kw.identity()


def test_words_on_different_qubits_commute():
    assert kw.X(0) * kw.Y(2) == kw.Y(2) * kw.X(0) == kw.Observable("YIX")


# -- canonical form


def test_the_same_sum_is_equal_however_it_was_made():
    made = [
        kw.Observable({"ZZ": 1.0, "XI": 0.5}),
        kw.Observable({"IXI": 0.5, "IZZ": 1.0}),
        kw.Z(0) * kw.Z(1) + 0.5 * kw.X(1),
        0.25 * kw.X(1) + kw.Z(1) * kw.Z(0) + kw.X(1) / 4,
        kw.Observable.from_arrays([[0, 1], [0, 0]], [[0, 0], [1, 1]], [0.5, 1.0]),
        sum([kw.Z(0) * kw.Z(1), 0.5 * kw.X(1)]),
    ]
    assert all(other == made[0] for other in made)
    assert len({hash(other) for other in made}) == 1
    assert made[0] != kw.Observable({"ZZ": 1.0, "XI": 0.25})
    assert made[0] != kw.Observable({"IZZ": 1.0, "XII": 0.5})


def test_terms_that_cancel_and_qubits_that_fall_away_are_dropped():
    rest = kw.Z(9) + kw.X(1) - kw.Z(9)
    assert rest == kw.X(1)
    assert (rest.n_qubits, rest.n_terms) == (2, 1)
    nothing = kw.Z(4) - kw.Z(4)
    assert (nothing.n_qubits, nothing.n_terms) == (0, 0)
    assert nothing == kw.Observable({}) == 0 * kw.identity()
    np.testing.assert_array_equal(nothing.to_matrix(2), np.zeros((4, 4)))


def test_the_identity_is_a_constant():
    assert kw.identity() == kw.Observable("") == kw.Observable("III")
    assert kw.identity().n_qubits == 0
    assert kw.identity() + kw.identity() == 2 * kw.identity()
    assert kw.Z(0) + 3 == kw.Observable({"Z": 1.0, "I": 3.0})
    np.testing.assert_array_equal((3 * kw.identity()).to_matrix(), [[3]])


@pytest.mark.parametrize("two", [2, 2.0, np.float64(2), np.float32(2), np.int64(2), np.array(2.0)])
def test_numbers_of_numpy_work_on_either_side(two):
    assert two * kw.Z(1) == kw.Z(1) * two == kw.Observable({"ZI": 2.0})
    assert two + kw.Z(0) == kw.Z(0) + two == kw.Observable({"Z": 1.0, "I": 2.0})
    assert two - kw.Z(0) == kw.Observable({"Z": -1.0, "I": 2.0})


def test_words_and_repr_have_qubit_0_rightmost():
    mixed = kw.Y(0) * kw.X(2) - 0.5 * kw.Z(1)
    assert sorted(mixed.words()) == ["IZI", "XIY"]
    assert kw.Observable(dict(zip(mixed.words(), mixed.coefficients, strict=True))) == mixed
    assert repr(kw.Z(1) - 2 * kw.identity()) == "-2*II + 1*ZI"
    assert repr(0 * kw.Z(0)) == "0"
    assert repr(kw.identity()) == "1*I"


def test_arrays_say_which_letter_stands_where_and_cannot_be_changed():
    word = kw.Observable("ZYX")
    np.testing.assert_array_equal(word.x, [[True, True, False]])
    np.testing.assert_array_equal(word.z, [[False, True, True]])
    for array in (word.x, word.z, word.coefficients):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_norm1_bounds_the_spectrum():
    h = 1.5 * kw.X(0) * kw.X(1) - 2 * kw.Z(0) + 0.25
    assert h.norm1() == 3.75
    assert np.abs(np.linalg.eigvalsh(h.to_matrix())).max() <= 3.75


def test_copies_are_equal():
    h = 0.5 * kw.X(0) + kw.Z(70)
    assert copy.deepcopy(h) == h
    assert pickle.loads(pickle.dumps(h)) == h


# -- width


def test_words_wider_than_any_machine_word():
    wide = kw.X(200) * kw.Z(130) * kw.Y(64) * kw.Z(0)
    assert wide.n_qubits == 201
    (word,) = wide.words()
    assert {200 - place: letter for place, letter in enumerate(word) if letter != "I"} == {
        200: "X",
        130: "Z",
        64: "Y",
        0: "Z",
    }
    assert wide * wide == kw.identity()
    assert wide.single_word() == {0: "Z", 64: "Y", 130: "Z", 200: "X"}
    with pytest.raises(ValueError, match="not Hermitian"):
        wide * kw.Z(200)
    assert wide * (kw.Z(200) * kw.X(64)) == -kw.Y(200) * kw.Z(130) * kw.Z(64) * kw.Z(0)


def test_the_transverse_ising_ground_energy_of_four_spins():
    """Free fermions: E = -sum sqrt(1 + h^2 - 2 h cos k) over k = odd multiples of pi / n, at h = 1."""
    n = 4
    ising = sum(-kw.Z(q) * kw.Z((q + 1) % n) - kw.X(q) for q in range(n))
    exact = -2 * sum(np.sin((2 * m + 1) * np.pi / (2 * n)) for m in range(n))
    assert abs(np.linalg.eigvalsh(ising.to_matrix())[0] - exact) < 1e-12


# -- what is refused


@pytest.mark.parametrize("word", ["XQ", "x", "X Z", "+X"])
def test_other_letters_are_refused(word):
    with pytest.raises(ValueError, match=f"letters out of I, X, Y, Z; got '{'[+]X' if word == '+X' else word}'"):
        kw.Observable(word)


def test_words_of_different_length_are_refused():
    with pytest.raises(ValueError, match="must be 2 letters .* got 'X'"):
        kw.Observable({"ZZ": 1.0, "X": 1.0})


@pytest.mark.parametrize("terms", [["ZZ", "XX"], {1: 2.0}, None, 3])
def test_terms_that_are_no_mapping_from_words_are_refused(terms):
    with pytest.raises(TypeError, match="terms must be one Pauli word or a mapping such as"):
        kw.Observable(terms)


@pytest.mark.parametrize("bad", [1j, np.complex128(1 + 2j), "2", None, np.nan, np.inf, np.ones(2), [1.0]])
def test_coefficients_must_be_finite_real_numbers(bad):
    for make in (
        lambda c: c * kw.Z(0),
        lambda c: kw.Z(0) * c,
        lambda c: kw.Z(0) + c,
        lambda c: kw.Observable({"Z": c}),
    ):
        with pytest.raises(ValueError, match=r"must be (a real number|finite)"):
            make(bad)


def test_a_sum_that_overflows_is_refused():
    big = 1.5e308 * kw.Z(0)
    for make in (lambda: big + big, lambda: big * 10, lambda: big * big):
        with pytest.raises(ValueError, match="coefficients of an observable must be finite"):
            make()


def test_arrays_must_agree_and_be_real():
    with pytest.raises(ValueError, match=r"must agree in terms and qubits, got \(1, 2\), \(1, 3\), \(1,\)"):
        kw.Observable.from_arrays(np.zeros((1, 2)), np.zeros((1, 3)), [1.0])
    with pytest.raises(ValueError, match=r"must agree"):
        kw.Observable.from_arrays(np.zeros((2, 2)), np.zeros((2, 2)), [1.0])
    with pytest.raises(ValueError, match="coefficients must be real numbers, got dtype complex128"):
        kw.Observable.from_arrays(np.zeros((1, 2)), np.zeros((1, 2)), np.array([1j]))
    with pytest.raises(ValueError, match="finite"):
        kw.Observable.from_arrays(np.zeros((1, 2)), np.zeros((1, 2)), [np.nan])


@pytest.mark.parametrize("qubit", [-1, 1.0, "0", None, True, 1 << 40])
def test_a_bad_qubit_is_refused(qubit):
    with pytest.raises(ValueError, match="the qubit of Z must be"):
        kw.Z(qubit)


@pytest.mark.parametrize("qubit", [14, 9999])
def test_a_matrix_that_nobody_can_hold_is_refused(qubit):
    with pytest.raises(MemoryError, match=rf"on {qubit + 1} qubits needs 2\*\*{2 * qubit + 6} bytes"):
        kw.Z(qubit).to_matrix()


def test_a_matrix_on_too_few_qubits_is_refused():
    with pytest.raises(ValueError, match="acts on qubit 2; the circuit has qubits 0 to 1"):
        kw.Z(2).to_matrix(2)


def test_a_rotation_takes_one_word():
    assert (kw.Y(3) * kw.X(1)).single_word() == {1: "X", 3: "Y"}
    for bad in (kw.X(0) + kw.Z(0), 2 * kw.X(0), -kw.X(0), 0 * kw.X(0)):
        with pytest.raises(ValueError, match="one Pauli word with coefficient 1"):
            bad.single_word()
