"""Trained networks: low-rank updates beside frozen layers. Reads and writes no file, knows no host."""
