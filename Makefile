# Set-up and everything a developer runs. `make demo` and `make test` need nothing but Python 3.10 or newer and the network.
PYTHON ?= python3
PORT ?= 7861
VENV := .venv
BIN := $(VENV)/bin

TAGS ?= 311 312

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
QUIETLY := PYTHONWARNINGS=ignore
HAS_NODE = node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' \
	2>/dev/null && npm --version >/dev/null 2>&1

.PHONY: demo ui test webui recipes check page bench gpu gpu-wheels mutation docs clean

demo: $(VENV)/demo-ready
	$(BIN)/train-tools demo

ui: $(VENV)/ui-ready
	$(BIN)/train-tools ui --port $(PORT)

test: $(VENV)/dev-ready
	$(BIN)/python -m pytest -n auto $(ARGS)

webui: $(VENV)/dev-ready
	$(BIN)/python -m pytest -m webui $(ARGS)

# Published recipes, from pictures to the file, and every preset on the embedded model: half an hour of one core.
recipes: $(VENV)/dev-ready
	$(BIN)/python -m pytest -m recipes $(ARGS) tests/recipes

check: $(VENV)/dev-ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@if ! $(HAS_NODE); then \
		echo "The page's scripts are not checked: there is no Node.js of version 20.19 or newer with npm."; \
	elif $(MAKE) --no-print-directory node_modules/ready; then \
		$(MAKE) --no-print-directory page; \
	else \
		echo "The page's scripts are not checked: npm could not install what checks them."; \
	fi

# The page's scripts alone.
page: node_modules/ready
	npm run --silent check

bench: $(VENV)/dev-ready
	$(BIN)/python -m benchmarks $(ARGS)

# On the machine with the card: needs a PYTHON with torch, numpy and safetensors, and takes the rest from wheels/.
gpu:
	$(PYTHON) -m benchmarks.gpu $(ARGS)

# Beforehand, where there is a network: what that machine lacks, for versions TAGS of Python.
gpu-wheels: $(VENV)/bin/python
	$(BIN)/python -m benchmarks.gpu.wheels wheels $(TAGS)

# Hours for all; ARGS names some, such as "lib_train.diffusion*". Then: .venv/bin/mutmut results, and mutmut show <name>.
mutation: $(VENV)/dev-ready
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[mutation]"
	OMP_NUM_THREADS=1 $(BIN)/python -m mutmut run $(ARGS)

docs: $(VENV)/dev-ready
	$(BIN)/python -m lib_train.config.table README.md

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	$(QUIETLY) $(BIN)/python -m pip install --quiet --upgrade "pip>=23"

$(VENV)/demo-ready: $(VENV)/bin/python pyproject.toml constraints.txt
	$(QUIETLY) $(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[standalone]"
	touch $@

$(VENV)/ui-ready: $(VENV)/demo-ready
	$(QUIETLY) $(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[standalone,ui]"
	touch $@

$(VENV)/dev-ready: $(VENV)/demo-ready
	$(QUIETLY) $(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[standalone,ui,dev]"
	$(QUIETLY) $(BIN)/python -m pip install --quiet --constraint constraints.txt --no-deps stable-diffusion-sdkit timm
	touch $@

node_modules/ready: package.json package-lock.json
	npm ci --silent
	touch $@

clean:
	rm -rf node_modules $(VENV) build mutants *.egg-info
