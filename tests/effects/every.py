"""Every setting's entry."""

from tests.effects import dataset, network, objective, preview, training

EFFECTS = {**network.EFFECTS, **dataset.EFFECTS, **training.EFFECTS, **objective.EFFECTS, **preview.EFFECTS}
"""By name of the setting."""
