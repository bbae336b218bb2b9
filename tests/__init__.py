"""A package of its own: some libraries install one named ``tests``, which would be found instead."""
