"""The public names, for type checkers and editors; ``__init__.py`` loads each of them on first use."""

from ketwise.blocks import ansatz as ansatz
from ketwise.blocks import diagnostics as diagnostics
from ketwise.blocks import encodings as encodings
from ketwise.blocks import initial_points as initial_points
from ketwise.blocks import kernels as kernels
from ketwise.blocks import spectrum as spectrum
from ketwise.blocks.encodings import Encoding as Encoding
from ketwise.evidence.keeping import load as load
from ketwise.evidence.keeping import save as save
from ketwise.evidence.verdict import verdict as verdict
from ketwise.learning import losses as losses
from ketwise.learning import optimizers as optimizers
from ketwise.learning.aligned_rbf import AlignedRBFClassifier as AlignedRBFClassifier
from ketwise.learning.aligned_rbf import AlignedRBFRegressor as AlignedRBFRegressor
from ketwise.learning.hessian import hessian as hessian
from ketwise.learning.hessian import hessian_vector_product as hessian_vector_product
from ketwise.learning.kernel import QuantumKernelClassifier as QuantumKernelClassifier
from ketwise.learning.kernel import QuantumKernelRegressor as QuantumKernelRegressor
from ketwise.learning.minimize import minimize as minimize
from ketwise.learning.preprocessing import ReductionWarning as ReductionWarning
from ketwise.learning.surrogate import SpectrumSurrogateClassifier as SpectrumSurrogateClassifier
from ketwise.learning.surrogate import SpectrumSurrogateRegressor as SpectrumSurrogateRegressor
from ketwise.learning.trainability import BarrenPlateauWarning as BarrenPlateauWarning
from ketwise.learning.variational_classifier import VariationalClassifier as VariationalClassifier
from ketwise.learning.variational_regressor import VariationalRegressor as VariationalRegressor
from ketwise.program.backends.default import NativeMissingWarning as NativeMissingWarning
from ketwise.program.backends.native import Native as Native
from ketwise.program.backends.reference import Reference as Reference
from ketwise.program.program import Program as Program
from ketwise.words.angle import features as features
from ketwise.words.angle import params as params
from ketwise.words.circuit import Circuit as Circuit
from ketwise.words.observable import Observable as Observable
from ketwise.words.observable import X as X
from ketwise.words.observable import Y as Y
from ketwise.words.observable import Z as Z
from ketwise.words.observable import identity as identity
from ketwise.words.outputs import Expectations as Expectations
from ketwise.words.outputs import Overlap as Overlap
from ketwise.words.outputs import Probabilities as Probabilities
from ketwise.words.outputs import State as State
from ketwise.words.result import Result as Result

__version__: str
