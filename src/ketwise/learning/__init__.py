"""scikit-learn estimators over programs, and what they train with."""
