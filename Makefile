# Two commands on a fresh machine: `make demo` shows what it does, `make test` shows that it does.
# Needed: git 2.36 or later, Python 3.11 or later. Everything else is installed into .venv from PyPI. The tests of failing disks need a C compiler (cc).

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help demo test lint types contracts tests quick benchmark format clean

help: ## show the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

$(INSTALLED): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

demo: $(INSTALLED) ## a throw-away ledger over a copy of this machine's /etc, and what it answers
	@$(BIN)/python examples/demo.py

test: lint types contracts tests ## everything that CI runs

lint: $(INSTALLED) ## style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(INSTALLED) ## mypy, strict
	$(BIN)/mypy

contracts: $(INSTALLED) ## who may import whom
	$(BIN)/lint-imports

tests: $(INSTALLED) ## all tests, the slow ones too
	$(BIN)/pytest -n auto -m 'slow or not slow'

quick: $(INSTALLED) ## the fast tests
	$(BIN)/pytest -n auto

benchmark: $(INSTALLED) ## ratios against git, and etckeeper where installed
	$(BIN)/python -m benchmarks

format: $(INSTALLED) ## let ruff format and mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## remove what was built
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
