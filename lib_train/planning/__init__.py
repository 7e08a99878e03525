"""What a run would do, before it does: counts, memory, time, problems. Loads no model."""
