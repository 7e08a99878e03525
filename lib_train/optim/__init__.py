"""How weights move: optimizers, flat parameter storage and learning-rate schedules."""
