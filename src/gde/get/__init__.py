"""Results as data structures of scverse."""
