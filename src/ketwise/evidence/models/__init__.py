"""The models that take part in a verdict: classical, quantum, and ablations."""
