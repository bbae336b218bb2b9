"""What is read off any circuit: its rotations, the groups of qubits it joins, light cones, cost, its states."""
