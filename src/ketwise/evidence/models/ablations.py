"""The quantum champion with something taken away, each tuned as it was: what its parts contribute."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ketwise.evidence.models.memory import counted, neighbours
from ketwise.evidence.models.memory_facts import is_quantum_memory
from ketwise.evidence.models.opponents import ABLATION, Opponent, Settings, Situation, powers
from ketwise.evidence.models.quantum import HardwareEfficient

ENTANGLEMENT, SPECTRUM, RBF = "entanglement", "spectrum", "rbf"

#: What an ablation tunes as its model does; regularisation has a scale of its own.
_SHARED = ("bandwidth", "repeats", "layers", "gamma")


def ablations(opponent: Opponent, is_classification: bool) -> list[Opponent]:
    """The opponent without entanglement, as a classical model of its frequencies, and as the RBF kernel nearest to it.

    Of a memory it is the same with nearest neighbours instead.

    Parameters
    ----------
    opponent : Opponent
        One of ours, or a user's whose estimator (or the last step of whose Pipeline) is one of ours.
    is_classification : bool

    Returns
    -------
    list of Opponent
        Of kinds "entanglement", "spectrum" and "rbf", or of the one kind "neighbours", each named after the opponent;
        only those that can be built, none for a foreign estimator.

    Examples
    --------
    >>> from ketwise.evidence.models.quantum import quantum_opponents
    >>> [row.name for row in ablations(quantum_opponents(True)[0], True)]
    ['fidelity kernel, no entanglement', 'fidelity kernel, its frequencies alone', 'fidelity kernel, nearest RBF']
    """
    model = _sample(opponent, is_classification)
    if model is None:
        return []
    if is_quantum_memory(model):
        return [neighbours(opponent, Ablated(opponent.make, opponent.default, counted))]
    found = []
    if _is_entangled(model):
        found.append(_entanglement(opponent, model))
    if _has_frequencies(model):
        found += [_spectrum(opponent, is_classification), _rbf(opponent, is_classification)]
    return found


@dataclass(frozen=True)
class Ablated:
    """Builds the champion and replaces it, or the last step of its Pipeline, by what ``change`` makes of it."""

    champion: Callable[[Settings, Situation], Any]
    default: Mapping[str, Any]
    change: Callable[[Any, Settings, Situation], Any]

    def __call__(self, settings: Settings, situation: Situation) -> Any:
        """Return the ablation; what it does not tune is as in the champion's first configuration."""
        from sklearn.pipeline import Pipeline

        shared = {name: settings.get(name, value) for name, value in self.default.items()}
        built = self.champion(shared, situation)
        if not isinstance(built, Pipeline):
            return self.change(built, settings, situation)
        name, model = built.steps[-1]
        return built.set_params(**{name: self.change(model, settings, situation)})


def _entanglement(opponent: Opponent, model: Any) -> Opponent:
    """Without products of features the loss of entanglement would be confused with that of interactions."""
    from ketwise.learning.variational_fit import VariationalFit

    make: Callable[[Settings, Situation], Any]
    if isinstance(opponent.make, HardwareEfficient):
        products, make = True, replace(opponent.make, entangled=False)
    else:
        products = _takes_products(opponent, model)
        make = Ablated(opponent.make, opponent.default, _with_products if products else _twin)
    # To a trained circuit more uploads can also be a burden: whether it has them is tuned, where anything is.
    optional = products and isinstance(model, VariationalFit) and bool(opponent.grid)
    instead = "; it gets the products of every two features instead" if products else ""
    return replace(
        opponent,
        name=f"{opponent.name}, no entanglement",
        side=ABLATION,
        about=f"The same with every gate on two or more qubits removed{instead}{', where that helps' * optional}.",
        make=make,
        default=opponent.default | ({"products": True} if optional else {}),
        grid={**opponent.grid, **({"products": [True, False]} if optional else {})},
        ablation_of=opponent.name,
        kind=ENTANGLEMENT,
    )


def _spectrum(opponent: Opponent, is_classification: bool) -> Opponent:
    learner = "Logistic" if is_classification else "Ridge"
    return _classical(
        opponent,
        is_classification,
        f"{opponent.name}, its frequencies alone",
        f"{learner} regression on sines and cosines of the frequencies that the circuit can have: nothing quantum.",
        _surrogate,
        SPECTRUM,
        ("bandwidth", "repeats", "layers"),
        {"C": 10.0} if is_classification else {"alpha": 0.1},
        ("C", (0, 4)) if is_classification else ("alpha", (-4, 0)),
    )


def _rbf(opponent: Opponent, is_classification: bool) -> Opponent:
    learner = "A support vector machine" if is_classification else "Ridge regression"
    return _classical(
        opponent,
        is_classification,
        f"{opponent.name}, nearest RBF",
        f"{learner} on the Gaussian kernel whose width makes it most like the circuit's own kernel.",
        _aligned,
        RBF,
        _SHARED,
        {"C": 10.0} if is_classification else {"alpha": 0.1},
        ("C", (-1, 3)) if is_classification else ("alpha", (-4, 0)),
    )


def _classical(
    opponent: Opponent,
    is_classification: bool,
    name: str,
    about: str,
    change: Callable[[Any, Settings, Situation], Any],
    kind: str,
    shared: tuple[str, ...],
    first: Settings,
    strength: tuple[str, tuple[float, float]],
) -> Opponent:
    """A stand-in that tunes what it shares with the champion, and a strength of its own."""
    default = {key: value for key, value in opponent.default.items() if key in shared}
    grid = {key: list(values) for key, values in opponent.grid.items() if key in shared}
    # A user's model is not tuned, but its stand-ins are: they have nothing of their own that fits as it is.
    values = powers(10, *strength[1], 7 if grid else 65)
    return replace(
        opponent,
        name=name,
        side=ABLATION,
        about=about,
        make=Ablated(opponent.make, opponent.default, change),
        default=default | first,
        grid=grid | {strength[0]: values},
        ablation_of=opponent.name,
        kind=kind,
    )


def _sample(opponent: Opponent, is_classification: bool) -> Any:
    """One model as the opponent builds it, unfitted, if it is one of ours; else None."""
    from sklearn.pipeline import Pipeline

    from ketwise.learning.kernel import QuantumKernelClassifier, QuantumKernelRegressor
    from ketwise.learning.variational_fit import VariationalFit

    built = opponent.make(dict(opponent.default), Situation(is_classification, 4, 0, None))
    model = built.steps[-1][1] if isinstance(built, Pipeline) else built
    ours = isinstance(model, (QuantumKernelClassifier, QuantumKernelRegressor, VariationalFit))
    return model if ours or is_quantum_memory(model) else None


def _circuit_of(model: Any) -> Any:
    """The encoding, circuit or name that a model of ours was given."""
    return model.encoding if hasattr(model, "encoding") else model.circuit or "reuploading"


def _name_of(model: Any) -> str | None:
    given = _circuit_of(model)
    return given if isinstance(given, str) else None


def _example(model: Any) -> Any:
    """The circuit that the model was given; one on three qubits where it was given a name."""
    from ketwise.blocks.encodings import Encoding, named, without_entanglement

    given = _circuit_of(model)
    encoding = named(given, 3) if isinstance(given, str) else given
    circuit = encoding.circuit if isinstance(encoding, Encoding) else encoding
    if model.entangled:
        return encoding
    return encoding.twin() if isinstance(encoding, Encoding) else without_entanglement(circuit)


def _is_entangled(model: Any) -> bool:
    example = _example(model)
    return bool(getattr(example, "circuit", example).n_two_qubit())


def _has_frequencies(model: Any) -> bool:
    from ketwise.blocks.spectrum import log10_bound

    return log10_bound(_example(model)) > 0


def _takes_products(opponent: Opponent, model: Any) -> bool:
    """Whether the products of features can be laid: the columns are known, and they fit on what can be simulated."""
    from ketwise.blocks.encodings import option_names
    from ketwise.learning.variational_fit import VariationalFit

    name = _name_of(model)
    if name is None or opponent.takes_table:
        return False
    # A kernel takes a product state apart, qubit by qubit; a trained circuit is simulated whole.
    return not isinstance(model, VariationalFit) or "n_qubits" in option_names(name)


def _twin(model: Any, settings: Settings, situation: Situation) -> Any:
    return model.set_params(entangled=False)


def _with_products(model: Any, settings: Settings, situation: Situation) -> Any:
    """The model on the unentangled encoding of features and products, for the columns that it will get."""
    import warnings

    from ketwise.blocks.encodings import option_names
    from ketwise.blocks.encodings.separable import separable
    from ketwise.learning.preprocessing import ReductionWarning, choose_encoding

    if not settings.get("products", True):
        return _twin(model, settings, situation)
    name = _name_of(model)
    assert name is not None
    options = {key: getattr(model, key) for key in ("repeats", "layers") if hasattr(model, key)}
    with warnings.catch_warnings():  # the champion has said it
        warnings.simplefilter("ignore", ReductionWarning)
        chosen = choose_encoding(
            name,
            situation.n_columns,
            situation.n_columns,
            n_qubits=model.n_qubits,
            reduce=model.reduce,
            entangled=True,
            options=options,
        )
    several = {"n_qubits": chosen.n_qubits} if "n_qubits" in option_names(name) else {}
    encoding = separable(name, chosen.n_features, **options | several)
    place = "encoding" if hasattr(model, "encoding") else "circuit"
    return model.set_params(**{place: encoding, "n_qubits": encoding.n_qubits} | dict.fromkeys(options))


def _surrogate(model: Any, settings: Settings, situation: Situation) -> Any:
    from ketwise.learning.surrogate import SpectrumSurrogateClassifier, SpectrumSurrogateRegressor

    kind = SpectrumSurrogateClassifier if situation.is_classification else SpectrumSurrogateRegressor
    return _like(kind(random_state=situation.seed), model, settings)


def _aligned(model: Any, settings: Settings, situation: Situation) -> Any:
    from ketwise.learning.aligned_rbf import AlignedRBFClassifier, AlignedRBFRegressor

    return _like(AlignedRBFClassifier() if situation.is_classification else AlignedRBFRegressor(), model, settings)


#: Arguments that a classical stand-in takes over from the model it stands for.
_TAKEN_OVER = (
    "n_qubits",
    "repeats",
    "layers",
    "bandwidth",
    "kernel",
    "gamma",
    "scale",
    "reduce",
    "entangled",
    "class_weight",
)


def _like(fresh: Any, model: Any, settings: Settings) -> Any:
    """The fresh estimator with the model's circuit and preparation, and the strength from the settings."""
    given, known = model.get_params(deep=False), fresh.get_params(deep=False)
    taken = {name: given[name] for name in _TAKEN_OVER if name in given and name in known}
    strength = {name: settings[name] for name in ("C", "alpha") if name in known}
    return fresh.set_params(encoding=_circuit_of(model), **taken, **strength)
