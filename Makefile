# Needs python3.11 or newer, git and make; the rest is installed into .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
WORKERS ?= 2
DEMO := l4-proxy-protocol
INPUTS ?= 20000
SEED ?= 1

.DEFAULT_GOAL := help
.PHONY: help demo test check golden lab fuzz bench lock release clean

help:
	@echo 'make demo    render an example and show it'
	@echo 'make test    everything that has to pass'
	@echo 'make check   the part of it that runs no test: lint, types, layers'
	@echo 'make golden  write the golden files and the documents anew'
	@echo 'make lab     run the laboratory (root) and write docs/laboratory.md'
	@echo 'make lock    pin what is installed anew, with hashes'
	@echo 'make release build what a release holds into dist/'
	@echo 'make fuzz    feed hostile inputs and count them; INPUTS=200000 SEED=2'
	@echo 'make bench   measure, beside Helm; SIZES="1 1000 10000" for more'

# What is installed has known hashes (`make lock`), the build's requirements included.
LOCKED = $(PIP) install --require-hashes --requirement
OURS = $(PIP) install --no-deps --no-build-isolation --editable .

# The stamps are old as soon as what is to be installed is newer.
$(VENV)/.installed: pyproject.toml requirements/build.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(LOCKED) requirements/build.txt
	$(OURS)
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements/test.txt
	$(LOCKED) requirements/test.txt
	@touch $@

demo: $(VENV)/.installed
	$(BIN)/kubelb-gen render examples/$(DEMO)/spec.yaml -o .demo/$(DEMO)
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

fuzz: $(VENV)/.installed-dev
	nice -n 19 $(BIN)/python -m tests.hostile.fuzz --inputs $(INPUTS) --seed $(SEED)

bench: $(VENV)/.installed-dev
	$(BIN)/python -m benchmarks $(SIZES)
	$(BIN)/python -m benchmarks.edited

# One resolution for every Python and platform; UPGRADE=--upgrade takes newer releases.
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --custom-compile-command 'make lock' $(UPGRADE)

lock: $(VENV)/.installed-dev
	$(PIP) install uv
	$(LOCK) pyproject.toml -o requirements/runtime.txt
	$(LOCK) pyproject.toml requirements/build.in -o requirements/build.txt
	$(LOCK) pyproject.toml --extra test --extra dev -o requirements/test.txt
	$(LOCK) pyproject.toml requirements/build.in requirements/release.in -o requirements/release.txt

release: $(VENV)/.installed-dev
	rm -rf dist
	PATH="$(CURDIR)/$(BIN):$$PATH" release/build.sh dist

clean:
	rm -rf $(VENV) .demo dist htmlcov .coverage .coverage.*
