# The daily commands. Everything builds on setup, which leaves a hash-checked environment in .venv.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help setup run test test-deep check bench lock clean

help:
	@echo "make run         start LeadCRM here (web, worker, beat, PostgreSQL, Valkey) and print the URL and logins"
	@echo "make test        every check and test that fits in ten minutes"
	@echo "make test-deep   long fuzzing, faults and full sizes"
	@echo "make check       linters, types, import contract, migrations, templates"
	@echo "make lock        resolve dependencies again and write requirements.txt with hashes"

setup: $(STAMP)

$(STAMP): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "LeadCRM needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12 ...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "Could not make a virtual environment. On Debian: apt-get install python3-venv"; rm -rf .venv; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

run: setup
	@exec $(BIN)/leadcrm run --demo

check: setup
	$(BIN)/python -m tests.checks

test: setup
	$(BIN)/python -m tests.programs
	$(BIN)/python -m tests.checks
	$(BIN)/python -m tests.lanes

test-deep: setup
	$(BIN)/python -m tests.programs
	$(BIN)/python -m tests.lanes -m deep

lock: setup
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --extra embedded --extra ml --group dev pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url -c requirements.txt pyproject.toml -o requirements-server.txt

clean:
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
