"""Models of the literature by name: each function returns an estimator, set up as its paper has it.

The first fourteen are those of Bowles, Ahmed, Schuld, "Better than classical?", arXiv:2403.07059 (2024), with their
names there. Options are their hyper-parameters; what else an estimator takes can be set with ``set_params``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from ketwise.blocks.ansatz import qcnn as convolutions
from ketwise.blocks.encodings import Encoding, angle
from ketwise.learning.circuit_classifier import CircuitClassifier
from ketwise.learning.kernel import QuantumKernelClassifier
from ketwise.learning.metric_learner import QuantumMetricLearner
from ketwise.learning.networks.boltzmann import Boltzmann
from ketwise.learning.networks.circuits import (
    CircuitCentric,
    DataReuploading,
    IQPVariational,
    SeparableVariational,
    TreeTensor,
)
from ketwise.learning.networks.dressed import Dressed
from ketwise.learning.networks.weinet import WeiNet
from ketwise.learning.projected_kernel import ProjectedKernelClassifier
from ketwise.learning.quanvolution import Quanvolution
from ketwise.learning.random_features import QuantumRandomFeatures
from ketwise.learning.variational_classifier import VariationalClassifier
from ketwise.words.angle import features
from ketwise.words.checks import positive_int
from ketwise.words.circuit import Circuit
from ketwise.words.observable import Z


def circuit_centric(*, n_copies: int = 2, n_layers: int = 4, **training: Any) -> CircuitClassifier:
    """Return the circuit-centric classifier (``CircuitCentricClassifier``): see :class:`CircuitCentric`.

    Examples
    --------
    >>> circuit_centric(n_copies=1, learning_rate=0.1).design
    CircuitCentric(n_copies=1, n_layers=4, entangled=True, scale=None)
    """
    return _trained(CircuitCentric(n_copies, n_layers), training, learning_rate=0.001)


def data_reuploading(*, n_layers: int = 4, read: str = "single", **training: Any) -> CircuitClassifier:
    """Return the data re-uploading classifier (``DataReuploadingClassifier``): see :class:`DataReuploading`."""
    return _trained(DataReuploading(n_layers, read), training, learning_rate=0.05)


def dressed_circuit(*, n_layers: int = 3, **training: Any) -> CircuitClassifier:
    """Return the dressed circuit (``DressedQuantumCircuitClassifier``): see :class:`Dressed`."""
    return _trained(Dressed(n_layers), training, learning_rate=0.001)


def iqp_variational(*, repeats: int = 1, n_layers: int = 10, **training: Any) -> CircuitClassifier:
    """Return the IQP variational classifier (``IQPVariationalClassifier``): see :class:`IQPVariational`."""
    return _trained(IQPVariational(repeats, n_layers), training, learning_rate=0.001)


def tree_tensor(**training: Any) -> CircuitClassifier:
    """Return the tree tensor network (``TreeTensorClassifier``): see :class:`TreeTensor`."""
    return _trained(TreeTensor(), training, learning_rate=0.01)


def separable_variational(*, n_layers: int = 1, **training: Any) -> CircuitClassifier:
    """Return the separable classifier (``SeparableVariationalClassifier``): see :class:`SeparableVariational`."""
    return _trained(SeparableVariational(n_layers), training, learning_rate=0.001)


def boltzmann_machine(
    *, read: str = "all", temperature: float = 1.0, entangled: bool = True, **training: Any
) -> CircuitClassifier:
    """Return the Boltzmann machine (``QuantumBoltzmannMachine``, ``...Separable``): see :class:`Boltzmann`."""
    return _trained(Boltzmann(read, temperature, entangled), training, learning_rate=0.001)


def weinet(*, filter: str | None = "edge_detect", **training: Any) -> CircuitClassifier:
    """Return WeiNet (``WeiNet``), for square images: see the design :class:`WeiNet`."""
    return _trained(WeiNet(filter), training, learning_rate=0.01)


def metric_learner(*, n_layers: int = 3, **options: Any) -> QuantumMetricLearner:
    """Return the metric learner (``QuantumMetricLearner``): see :class:`QuantumMetricLearner`."""
    return QuantumMetricLearner(n_layers=n_layers, **options)


def iqp_kernel(*, repeats: int = 1, C: float = 1.0, **options: Any) -> QuantumKernelClassifier:
    """Return the IQP kernel machine (``IQPKernelClassifier``): fidelities of IQP states, unscaled angles.

    Havlíček et al., Nature 567, 209 (2019).

    Examples
    --------
    >>> iqp_kernel(C=10).bandwidth
    1.0
    """
    return QuantumKernelClassifier("iqp", repeats=repeats, C=C, **({"bandwidth": 1.0} | options))


def separable_kernel(n_columns: int, *, n_layers: int = 1, C: float = 1.0, **options: Any) -> QuantumKernelClassifier:
    """Return the separable kernel machine (``SeparableKernelClassifier``): fidelities of product states.

    On every qubit, layer after layer, ``RX(-pi/4)`` and ``RY(-x)``.

    Parameters
    ----------
    n_columns : int
        Of the table.
    n_layers : int
    C : float
    **options
        Of :class:`QuantumKernelClassifier`.

    Examples
    --------
    >>> separable_kernel(3, n_layers=2).encoding.circuit.counts()
    Counter({'rx': 6, 'ry': 6})
    """
    x = features(n_columns)
    circuit = Circuit(n_columns)
    for q in range(n_columns):
        for _ in range(positive_int("n_layers", n_layers)):
            circuit.rx(-np.pi / 4, q).ry(-x[q], q)
    return QuantumKernelClassifier(Encoding("separable", circuit), C=C, **({"bandwidth": 1.0} | options))


def projected_kernel(
    *, time: float = 1.0 / 3.0, steps: int = 5, gamma_factor: float = 1.0, C: float = 1.0, **options: Any
) -> ProjectedKernelClassifier:
    """Return the projected kernel machine (``ProjectedQuantumKernel``): see :class:`ProjectedKernelClassifier`."""
    return ProjectedKernelClassifier(time=time, steps=steps, gamma_factor=gamma_factor, C=C, **options)


def kitchen_sinks(*, n_circuits: int = 100, n_qubits: int | str = "full", **options: Any) -> Pipeline:
    """Return quantum kitchen sinks (``QuantumKitchenSinks``): random features of one shot, and a linear classifier.

    Logistic regression without a penalty, stopped early. See :class:`QuantumRandomFeatures`.

    Examples
    --------
    >>> [name for name, _ in kitchen_sinks(n_circuits=2000, random_state=0).steps]
    ['quantumrandomfeatures', 'logisticregression']
    """
    sinks = QuantumRandomFeatures(n_circuits, n_qubits=n_qubits, **options)
    return make_pipeline(sinks, LogisticRegression(C=np.inf, tol=1e-3, max_iter=1000))


def quanvolution(*, n_channels: int = 1, window: int = 2, C: float = 1.0, **options: Any) -> Pipeline:
    """Return quanvolution with a linear head, for square images: see :class:`Quanvolution`.

    The paper of that name and ``QuanvolutionalNeuralNetwork`` have a classical convolutional network behind it.
    """
    filters = Quanvolution(n_channels=n_channels, window=window, **options)
    return make_pipeline(filters, LogisticRegression(C=C, max_iter=5000))


def qcnn(n_columns: int, *, shared: bool = True, **options: Any) -> VariationalClassifier:
    """Return a convolutional circuit: RY(x) on every qubit, convolutions and poolings, Z on the qubit that is left.

    Parameters
    ----------
    n_columns : int
        Of the table, and qubits.
    shared : bool
        Whether all convolutions of a level have the same parameters.
    **options
        Of :class:`VariationalClassifier`.

    Notes
    -----
    Cong, Choi, Lukin, Nature Physics 15, 1273 (2019); see :func:`ketwise.blocks.ansatz.qcnn`. Shallow light
    cones make it trainable, and on easy data make it classically simulable: Bermejo et al., arXiv:2408.12739 (2024).

    Examples
    --------
    >>> qcnn(4).circuit.n_params
    34
    """
    circuit = angle(n_columns) + convolutions(n_columns, shared=shared)
    return VariationalClassifier(circuit, Z(0), **({"bandwidth": 1.0} | options))


def _trained(design: Any, training: dict[str, Any], **defaults: Any) -> CircuitClassifier:
    return CircuitClassifier(design, **(defaults | training))
