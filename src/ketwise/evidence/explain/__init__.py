"""What explains the quantum champion and never decides: diagnosis, circuit, the cost of a device."""
