"""The kernel memory gate by gate against the fidelities of the encoded rows."""

import numpy as np
import pytest

import ketwise as kw
from ketwise.blocks.memory import kernel_memory_circuit

EXACT = 1e-12


@pytest.mark.parametrize("name", ["angle", "iqp", "chebyshev"])
@pytest.mark.parametrize(("n_patterns", "copies"), [(1, 1), (2, 2), (5, 1), (3, 2)])
def test_post_selection_leaves_powers_of_the_fidelities(name, n_patterns, copies):
    rng = np.random.default_rng(n_patterns)
    encoding = kw.encodings.ENCODINGS[name](2)
    patterns, probe = rng.uniform(-0.9, 0.9, (n_patterns, 2)), rng.uniform(-0.9, 0.9, 2)
    circuit = kernel_memory_circuit(encoding, patterns, probe, copies=copies)
    n_read = copies * encoding.n_qubits
    joint = np.abs(circuit.compile(kw.State())().reshape(-1, 1 << n_read)[:n_patterns, 0]) ** 2
    fidelities = kw.kernels.fidelity(encoding, probe[np.newaxis], patterns)[0]
    np.testing.assert_allclose(joint, fidelities**copies / n_patterns, atol=EXACT)
    weights = kw.memory.kernel_weights(fidelities, power=copies)
    np.testing.assert_allclose(joint / joint.sum(), weights, atol=1e-11)


def test_the_method_of_that_name_is_the_circuit():
    """Bits as phases of half a turn: the estimator's answer is what the gates leave."""
    patterns, probe = np.array([[0, 1], [1, 1], [1, 0]]), np.array([1, 1])
    circuit = kernel_memory_circuit(kw.encodings.angle(2), np.pi / 2 * patterns, np.pi / 2 * probe, copies=2)
    joint = np.abs(circuit.compile(kw.State())().reshape(-1, 1 << 4)[:3, 0]) ** 2
    memory = kw.AssociativeMemory(kw.memory.Kernel(power=2)).fit(patterns)
    assert memory.recall([probe]).success[0] == pytest.approx(joint.sum(), abs=EXACT)
    np.testing.assert_allclose(memory.distribution([probe])[0], joint / joint.sum(), atol=1e-11)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: kernel_memory_circuit(kw.encodings.angle(2), [[0.0]], [0.0, 0.0]), "patterns must have shape"),
        (lambda: kernel_memory_circuit(kw.encodings.angle(2), [[0.0, 0.0]], [0.0]), "probe must have shape"),
        (lambda: kernel_memory_circuit(kw.encodings.angle(1), [[0.0]], [[0.0], [1.0]]), "takes one probe, got 2"),
        (lambda: kernel_memory_circuit(kw.encodings.hubregtsen(2), [[0.0, 0.0]], [0.0, 0.0]), "bind values"),
        (lambda: kernel_memory_circuit(kw.encodings.angle(1), [[0.0]], [0.0], copies=0), "copies must be"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
