"""The nouns: gates, angles, circuits, observables, results. Nothing here runs a circuit."""
