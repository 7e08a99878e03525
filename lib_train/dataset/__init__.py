"""A folder of pictures becomes batches of numbers. Knows no model: encoders come in as functions."""
