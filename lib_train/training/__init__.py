"""The core: a plan, a loop of events, one step. Opens no file and prints nothing."""
