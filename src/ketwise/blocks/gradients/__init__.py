"""Gradients before training starts: how large they are, what a device sees of them, the metric, the preflight."""
