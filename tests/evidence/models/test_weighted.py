"""Class weights by way of sample weights, beside a classifier that takes class weights itself."""

import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression

from ketwise.evidence.models.weighted import WeightedClassifier

RNG = np.random.default_rng(0)
X = np.vstack([RNG.normal(0, 1, (90, 3)), RNG.normal(1, 1, (12, 3)), RNG.normal(-1, 1, (30, 3))])
Y = np.repeat(["common", "rare", "some"], [90, 12, 30])


@pytest.mark.parametrize("class_weight", [None, "balanced", {"common": 1.0, "rare": 5.0, "some": 0.5}])
def test_it_is_the_classifier_with_class_weights(class_weight):
    wrapped = WeightedClassifier(LogisticRegression(), class_weight=class_weight).fit(X, Y)
    direct = LogisticRegression(class_weight=class_weight).fit(X, Y)
    np.testing.assert_allclose(wrapped.predict_proba(X), direct.predict_proba(X), atol=1e-6)
    np.testing.assert_array_equal(wrapped.predict(X), direct.predict(X))
    np.testing.assert_array_equal(wrapped.classes_, ["common", "rare", "some"])


def test_it_is_an_estimator_as_any():
    model = WeightedClassifier(LogisticRegression(C=3.0), class_weight="balanced")
    assert is_classifier(model)
    assert clone(model).get_params()["estimator__C"] == 3.0
    with pytest.raises(NotFittedError):
        model.predict(X)
    inner = model.estimator
    assert model.fit(X, Y).n_features_in_ == 3
    assert not hasattr(inner, "coef_")
