"""Circuits with outputs, compiled for a backend, and their derivatives."""
