"""Associative memories whose map is trained."""
