"""Folds, trials, and running them: everything that is measured."""
