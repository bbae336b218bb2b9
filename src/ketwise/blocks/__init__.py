"""Functions that return circuits, and kernels: everything between a program and a model."""
