# Two commands: `make start` (install, build, migrate, demo, run) and `make test` (everything that is checked). The rest is for those who work on it.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PY := .venv/bin/python
UV := .venv/bin/uv
SIDE_BY_SIDE := -n 2 --dist loadfile --no-loadscope-reorder
WEB_SOURCES := $(shell find web -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -not -name '*.gen.ts' -not -name '*.tsbuildinfo' 2>/dev/null) \
	$(wildcard server/schemas/*.py rooms/*.py)

.PHONY: start test programs lint types imports web-test web-lint web-typecheck web-unit pytest bench lock clean help

help:
	@echo "make start   install what is missing, build, create the database under var/, load the demo organisation if empty, serve"
	@echo "make test    lint, types, import contracts, unit, contract, server, web and real-browser tests"
	@echo "make bench   measure, each figure beside its peer or limit"
	@echo "make lock    work the dependency locks out again"

start: .venv/runtime.stamp web/dist/index.html media/libexpress.so
	@mkdir -p var
	@$(PY) -m ledger migrate
	@$(PY) -m ledger demo >/dev/null
	@exec $(PY) -m server

# What needs no browser, beside one another and beside the installing of what does.
test:
	@$(MAKE) --no-print-directory -j 3 --output-sync=target programs types web-test lint imports media/libexpress.so
	@$(MAKE) --no-print-directory pytest

programs:
	@bash tests/requirements.sh

lint: .venv/dev.stamp
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

types: .venv/dev.stamp
	$(PY) -m mypy

imports: .venv/dev.stamp
	.venv/bin/lint-imports

web-test: web-unit web-lint web-typecheck

# The build makes the types that the rest needs.
web-unit: web/dist/index.html
	cd web && npm run --silent test

web-lint: web/dist/index.html
	cd web && npm run --silent lint

web-typecheck: web/dist/index.html
	cd web && npm run --silent typecheck

# Browser tests by themselves: clients that estimate paths and file voices by the clock must not be starved by tests that compute.
pytest: .venv/dev.stamp
	$(PY) -m pytest $(SIDE_BY_SIDE) --ignore=tests/e2e $(PYTEST_ARGS)
	$(PY) -m pytest $(SIDE_BY_SIDE) tests/e2e $(PYTEST_ARGS)

bench: .venv/dev.stamp media/libexpress.so
	$(PY) -m bench all

.venv/bin/uv:
	@command -v python3 >/dev/null || { echo "Python 3.11 or newer is needed: apt install python3 python3-venv" >&2; exit 1; }
	@python3 -m venv .venv || { echo "The venv module is missing: apt install python3-venv" >&2; exit 1; }
	@.venv/bin/pip install --quiet --disable-pip-version-check uv

.venv/runtime.stamp: requirements.lock | .venv/bin/uv
	@$(UV) pip install --quiet --require-hashes -r requirements.lock
	@touch $@

.venv/dev.stamp: requirements-dev.lock .venv/runtime.stamp
	@$(UV) pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

web/node_modules/.stamp: web/package-lock.json
	@command -v npm >/dev/null || { echo "Node 20 with npm is needed to build the web client: apt install nodejs npm (Node 20 or newer)" >&2; exit 1; }
	@cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

web/dist/index.html: web/node_modules/.stamp .venv/runtime.stamp $(WEB_SOURCES)
	@cd web && BRANCHLINE_PYTHON=../$(PY) npm run --silent build
	@touch $@

# The compiled twin of the innermost loop: used where it is, never needed. Without a compiler everything goes on in Python.
media/libexpress.so: media/express.c media/through.c media/express.h
	@if command -v cc >/dev/null; then cc -O2 -Wall -Wextra -shared -fPIC -o $@.new $(filter %.c,$^) -ldl && mv $@.new $@ \
		|| echo "media/*.c did not compile: the media workers go on in Python" >&2; \
	else echo "No C compiler: the media workers go on in Python" >&2; fi

lock: .venv/bin/uv
	$(UV) pip compile -q --no-header --no-emit-index-url --no-emit-find-links --generate-hashes pyproject.toml -o requirements.lock
	$(UV) pip compile -q --no-header --no-emit-index-url --no-emit-find-links --generate-hashes --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean:
	rm -rf media/libexpress.so .venv web/node_modules web/dist .mypy_cache .ruff_cache .pytest_cache
