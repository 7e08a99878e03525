"""Ratios of our times to the least that is possible, measured in one run. Nothing is asserted."""
