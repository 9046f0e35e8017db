# Chapar. `make demo` shows what it is for, `make up` serves it; `make help` lists the rest.
# Only python3 (3.11 or newer), make and a package index are needed: everything else is fetched into .venv.
# Most tests wait for servers of ours, so more of them than cores run side by side.
WORKERS ?= 3

PYTHON ?= python3
ARGS   ?=
BIN    := .venv/bin
PROD   := @$(PYTHON) -m tools.setup prod
DEV    := @$(PYTHON) -m tools.setup dev

# Nothing phones home.
export PREFECT_SERVER_ANALYTICS_ENABLED := false
export DO_NOT_TRACK := 1

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo up test check bench docs lock screenshots clean

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

setup: ## .venv, the locked packages, the front-end files, the command .venv/bin/chapar
	$(PROD)

setup-dev: ## the same with what tests and checks need
	$(DEV)

demo: setup ## a million people, a circle on the map, 20,000 messages and their receipts, in about a minute
	@$(BIN)/chapar demo $(ARGS)

up: setup ## serve the dashboards, the receiver and the flows; prints the address; Ctrl-C ends all
	@$(BIN)/chapar up $(ARGS)

test: setup-dev ## every test (browser tests need Chromium; as root on Debian it is installed)
	@$(PYTHON) -m tools.debian
	@$(BIN)/pytest -n $(WORKERS) --dist loadfile --durations 15 $(ARGS)

check: setup-dev ## linter, types, directions of imports, house rules
	@$(BIN)/ruff check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/pytest tests/test_house.py tests/test_house_papers.py

bench: setup-dev ## what Chapar takes against the bare way, as ratios, in one run
	@$(BIN)/python -m bench.run $(ARGS)

docs: setup-dev ## write docs/settings.md anew from data/settings.py
	@$(BIN)/python -m tools.settings_page

screenshots: setup-dev ## a picture of every page in both languages, into var/screenshots
	@$(PYTHON) -m tools.debian
	@$(BIN)/python -m tools.screenshots $(ARGS)

lock: setup-dev ## compile the locks anew from requirements/*.in and package.json (ARGS=--upgrade takes newer ones)
	@$(BIN)/python -m tools.lock $(ARGS)

clean: ## take away everything that was fetched or built, but not var/
	rm -rf .venv dashboards/frontend/node_modules dashboards/static/vendor build dist *.egg-info
	rm -rf .mypy_cache .ruff_cache .import_linter_cache .hypothesis
