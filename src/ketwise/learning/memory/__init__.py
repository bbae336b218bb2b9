"""Associative memories as estimators, the methods that they are given, and one that is trained."""
