"""Whether a quantum model helps: data, opponents, protocol, statistics, the verdict and its report."""
