# Needs Python 3.11 or newer and make; everything else comes into .venv from requirements.lock.
SHELL := /bin/sh
unexport VIRTUAL_ENV UV_PROJECT_ENVIRONMENT
export UV_PYTHON_DOWNLOADS := never

PYTHON ?= python3
UV_VERSION := $(shell sed -n 's/.*"uv==\([0-9.]*\)".*/\1/p' pyproject.toml)
STAMP := .venv/.stamp

.PHONY: setup run test pictures check-long catalogue lock

setup: $(STAMP)

$(STAMP): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Exchange needs Python 3.11 or newer; try make PYTHON=/path/to/python3.11"; exit 1; }
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv
	@.venv/bin/uv --version 2>/dev/null | grep -q ' $(UV_VERSION) ' || .venv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@.venv/bin/uv pip sync --quiet --python .venv/bin/python --require-hashes --compile-bytecode requirements.lock
	@.venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
	@touch $@

run: setup
	@.venv/bin/exchange demo

test: setup
	@sh tests/run

pictures: setup
	@.venv/bin/python docs/pictures/take.py

check-long: setup
	@sh tests/run-long

# After a sentence was added or changed: docs/languages.md says what to do then.
catalogue: setup
	@.venv/bin/python -m tests.catalogue

lock:
	.venv/bin/uv pip compile --quiet --universal --generate-hashes --no-header --group dev --group benchmarks pyproject.toml -o requirements.lock
	.venv/bin/uv pip compile --quiet --universal --generate-hashes --no-header --group image --constraints requirements.lock pyproject.toml -o server.lock
