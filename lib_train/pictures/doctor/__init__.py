"""What is wrong with a set of pictures and captions, and what can be done. Touches no file and knows no model."""
