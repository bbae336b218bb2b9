"""Searches that spend less on what looks bad: successive halving by rows and by passes, and Optuna with a pruner."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import HalvingGridSearchCV, HalvingRandomSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import ketwise as kw
from tests.integrations.models import flowers

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def test_halving_by_rows():
    X, y = load_iris(return_X_y=True)
    pipeline = make_pipeline(StandardScaler(), kw.QuantumKernelClassifier())
    grid = {"quantumkernelclassifier__bandwidth": [0.001, 0.1, 0.3, 1.0]}
    search = HalvingGridSearchCV(pipeline, grid, factor=2, cv=3, random_state=0, min_resources=37).fit(X, y)
    assert search.n_resources_ == [37, 74, 148]
    assert search.n_candidates_ == [4, 2, 1]
    assert search.best_params_["quantumkernelclassifier__bandwidth"] > 0.001
    assert search.score(X, y) > 0.9


def test_halving_by_passes_of_training():
    X, y = flowers()
    model = kw.VariationalClassifier(layers=2, random_state=0)
    search = HalvingRandomSearchCV(
        model,
        {"bandwidth": [0.1, 0.3, 0.6, 1.0], "alpha": [1e-4, 1e-2]},
        n_candidates=4,
        factor=2,
        resource="max_iter",
        max_resources=12,
        min_resources=3,
        cv=2,
        random_state=0,
    ).fit(X, y)
    assert search.n_resources_ == [3, 6, 12]
    assert search.best_estimator_.max_iter == 12
    assert search.best_estimator_.n_iter_ <= 12
    assert np.isfinite(search.best_score_)


@pytest.fixture
def optuna():
    found = pytest.importorskip("optuna", reason="Optuna is not installed")
    found.logging.set_verbosity(found.logging.ERROR)
    return found


def test_optuna_prunes_fits_from_a_callback(optuna):
    X, y = flowers()
    passes = []

    def objective(trial):
        def report(progress):
            trial.report(progress.loss, progress.iteration)
            if trial.should_prune():
                raise optuna.TrialPruned

        model = kw.VariationalClassifier(
            layers=2,
            bandwidth=trial.suggest_float("bandwidth", 0.01, 3.0, log=True),
            learning_rate=trial.suggest_float("learning_rate", 1e-4, 0.3, log=True),
            optimizer="adam",
            max_iter=8,
            callbacks=report,
            random_state=0,
        )
        model.fit(X, y)
        passes.append(model.n_iter_)
        return model.loss_curve_[-1]

    pruner = optuna.pruners.MedianPruner(n_startup_trials=3, n_warmup_steps=2)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0), pruner=pruner)
    study.optimize(objective, n_trials=12)
    states = [trial.state.name for trial in study.trials]
    assert set(states) == {"COMPLETE", "PRUNED"}
    pruned = [trial for trial in study.trials if trial.state.name == "PRUNED"]
    assert min(len(trial.intermediate_values) for trial in pruned) in range(2, 8)
    assert passes == [8] * states.count("COMPLETE")
    best = [trial.value for trial in study.trials if trial.value is not None]
    assert study.best_value == min(best)


def test_optuna_searches_an_estimator_through_cross_validation(optuna):
    from sklearn.model_selection import cross_val_score

    X, y = flowers()

    def objective(trial):
        model = kw.QuantumKernelClassifier(
            trial.suggest_categorical("encoding", ["angle", "iqp"]),
            bandwidth=trial.suggest_float("bandwidth", 0.01, 2.0, log=True),
        )
        return cross_val_score(model, X, y, cv=3).mean()

    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=0))
    study.optimize(objective, n_trials=8)
    assert study.best_value > 0.85
    again = kw.QuantumKernelClassifier(**study.best_params)
    assert cross_val_score(again, X, y, cv=3).mean() == study.best_value
