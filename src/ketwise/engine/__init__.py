"""What runs circuits: lowering to flat arrays, the native kernels, the NumPy oracle, sampling, memory."""
