"""Trained models that are more than a circuit with a trained linear readout, each as its paper has it."""
