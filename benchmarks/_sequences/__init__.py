"""The parts of the benchmark of sequences."""
