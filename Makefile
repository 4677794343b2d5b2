# Everything a person or CI does with this checkout. `make` alone lists it.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
# Workers that run tests side by side.
WORKERS ?= auto

.PHONY: help
help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: .installed-run .built-web ## Serve http://127.0.0.1:8000 on the embedded database in ./data
	@exec $(BIN)/rookery serve

.PHONY: test
test: .installed-dev .installed-servers .built-web ## Run every test on both engines, with real PostgreSQL, Redis and S3 servers
	@$(BIN)/python -m pytest -n $(WORKERS)

.PHONY: test-fast
test-fast: .installed-dev ## Run the tests that need no server and no browser, on SQLite alone
	@$(BIN)/python -m pytest -n $(WORKERS) --engines=sqlite

.PHONY: check
check: .installed-dev .built-web ## Check format, lint, types, imports, the rules of the house, and the web client
	@$(BIN)/ruff format --check --quiet . || { echo "run: make fix" >&2; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/basedpyright --level error
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m scripts.web_client check
	@$(BIN)/python -m pytest --engines=sqlite tests/house

.PHONY: fix
fix: .installed-dev ## Format the code and repair what the linter can repair
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format --quiet .
	@$(BIN)/python -m scripts.web_client npm run --silent fix

.PHONY: bench
bench: .installed-run ## Measure this machine (docs/performance.md explains the table)
	@$(BIN)/rookery bench

.PHONY: docs
docs: .installed-dev .installed-servers openapi ## Write the generated reference anew
	@$(BIN)/python -m scripts.reference

.PHONY: openapi
openapi: .installed-dev ## Write openapi.json anew
	@$(BIN)/python -m rookery.api.openapi > openapi.json.new && mv openapi.json.new openapi.json

.PHONY: screenshots
screenshots: .installed-dev .installed-servers .built-web ## Write docs/screenshots anew, of a town that `rookery demo` fills
	@sh scripts/install-servers fonts
	@$(BIN)/python -m scripts.screenshots

.PHONY: lighthouse
lighthouse: .installed-dev .installed-servers .built-web ## Measure the web client as a slow phone has it (docs/web-client.md)
	@$(BIN)/python -m scripts.lighthouse

.PHONY: lock
lock: .installed-dev ## Resolve pyproject.toml anew into requirements/*.lock
	@UV=$(BIN)/uv sh scripts/lock

.PHONY: clean
clean: ## Remove what was installed and built here; ./data stays
	@rm -rf .venv build dist web/node_modules src/rookery/web .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# These are cheap when there is nothing to do, so they are asked every time.
.PHONY: .installed-run .installed-dev .installed-servers .built-web
.NOTPARALLEL:
.installed-run:
	@PYTHON=$(PYTHON) sh scripts/install run
.installed-dev:
	@PYTHON=$(PYTHON) sh scripts/install dev
.installed-servers:
	@sh scripts/install-servers
# The client is built by what is installed for running or for developing, whichever it is.
.built-web: | .installed-run
	@sh scripts/build_web
