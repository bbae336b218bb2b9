"""What explains a quantum model before it is trusted, from its kernel, its states, its gradients and its algebra."""

from __future__ import annotations

from ketwise.blocks.circuits.light_cone import LightCone, light_cone
from ketwise.blocks.diagnostics.effective_dimension import effective_dimension, fisher_information, fisher_informations
from ketwise.blocks.diagnostics.engineered import Reach, engineered_labels, reach
from ketwise.blocks.diagnostics.entanglement import EntanglingCapability, entangling_capability, meyer_wallach
from ketwise.blocks.diagnostics.expressibility import Expressibility, expressibility, haar_fidelities
from ketwise.blocks.diagnostics.fourier_series import FourierSeries, fourier_series
from ketwise.blocks.diagnostics.geometry import Complexity, Geometry, geometric_difference, geometry, model_complexity
from ketwise.blocks.diagnostics.kernel_quality import (
    KernelSpread,
    alignment,
    kernel_spread,
    projected_errors,
    target_alignment,
)
from ketwise.blocks.diagnostics.lie_algebra import LieAlgebra, lie_algebra
from ketwise.blocks.gradients.metric_tensor import metric_tensor, quantum_fisher
from ketwise.blocks.gradients.preflight import preflight
from ketwise.blocks.gradients.preflight_report import Preflight
from ketwise.blocks.gradients.variance import (
    exact_gradient_variance,
    gradient_variance,
    haar_gradient_variance,
    shots_to_see,
)

__all__ = [
    "Complexity",
    "EntanglingCapability",
    "Expressibility",
    "FourierSeries",
    "Geometry",
    "KernelSpread",
    "LieAlgebra",
    "LightCone",
    "Preflight",
    "Reach",
    "alignment",
    "effective_dimension",
    "engineered_labels",
    "entangling_capability",
    "exact_gradient_variance",
    "expressibility",
    "fisher_information",
    "fisher_informations",
    "fourier_series",
    "geometric_difference",
    "geometry",
    "gradient_variance",
    "haar_fidelities",
    "haar_gradient_variance",
    "kernel_spread",
    "lie_algebra",
    "light_cone",
    "metric_tensor",
    "meyer_wallach",
    "model_complexity",
    "preflight",
    "projected_errors",
    "quantum_fisher",
    "reach",
    "shots_to_see",
    "target_alignment",
]
