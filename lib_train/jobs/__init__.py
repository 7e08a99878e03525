"""A job that goes on: what it is made from, who is told, what people ask of it, what is kept of it."""
