"""``make gpu``: tests, demo and benchmark on a machine with a graphics card and little else."""
