"""A running job: queue, inputs, listeners, requests of people, and the files it writes."""
