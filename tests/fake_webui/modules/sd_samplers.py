from types import SimpleNamespace

all_samplers = [SimpleNamespace(name="Euler"), SimpleNamespace(name="Euler a")]
