# Needs python3.11 or newer, git and make; the rest is installed into .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
WORKERS ?= 2
DEMO := l4-proxy-protocol

.DEFAULT_GOAL := help
.PHONY: help demo test check golden lab bench clean

help:
	@echo 'make demo    render an example and show it'
	@echo 'make test    everything that has to pass'
	@echo 'make check   the part of it that runs no test: lint, types, layers'
	@echo 'make golden  write the golden files and the documents anew'
	@echo 'make lab     run the laboratory (root) and write docs/laboratory.md'
	@echo 'make bench   measure, beside Helm; SIZES="1 1000 10000" for more'

# The stamps are old as soon as pyproject.toml is newer.
$(VENV)/.installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(PIP) install --editable '.[test,dev]'
	@touch $@

demo: $(VENV)/.installed
	$(BIN)/kubelb-gen render examples/$(DEMO) -o .demo/$(DEMO)
	@cd .demo/$(DEMO) && find . -type f | LC_ALL=C sort
	@echo
	@cat .demo/$(DEMO)/tenants/*/*/*.service.yaml

check: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo --no-cache

# pytest comes last: its closing line is what CI reads.
test: check
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --cov --cov-report=term

golden: $(VENV)/.installed-dev
	$(BIN)/pytest -n 0 --update-golden tests/golden tests/docs

lab: $(VENV)/.installed-dev
	$(BIN)/python -m tests.e2e.lab docs/laboratory.md

bench: $(VENV)/.installed-dev
	$(BIN)/python -m benchmarks $(SIZES)

clean:
	rm -rf $(VENV) .demo dist htmlcov .coverage .coverage.*
