# Each target sets up .venv by itself; all it takes is Python 3.11+ and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PAGE := nubemox_bot/http/console/page
CONSOLE := $(PAGE)/node_modules/.package-lock.json
WORKERS ?= 3

.DEFAULT_GOAL := help
.PHONY: help demo test console check format bench lock catalog docs screenshots clean

help:  ## Show what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(READY): requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Nubemox needs Python 3.11 or newer; say which: make PYTHON=python3.12 ..."; exit 1; }
	@echo "Setting up $(VENV) (once)..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --disable-pip-version-check -r requirements.txt -r requirements-dev.txt \
		> $(VENV)/install.log 2>&1 & pip=$$!; trap "kill $$pip" INT TERM; \
		while kill -0 $$pip 2>/dev/null; do \
			printf '\r  installing: %s packages looked at' "$$(grep -c '^Collecting' $(VENV)/install.log)"; sleep 1; \
		done; \
		wait $$pip || { echo; tail -20 $(VENV)/install.log; exit 1; }; echo ', installed.'
	@touch $(READY)

$(CONSOLE): $(READY) $(PAGE)/package-lock.json
	@$(BIN)/python -m tools.console_files || \
		echo "  Consoles stay off; everything else works. Try again with: make console"

console: $(READY)  ## Install what browsers need for consoles (noVNC and xterm.js)
	@$(BIN)/python -m tools.console_files

demo: $(READY) $(CONSOLE)  ## Try it: the whole product in your browser, with no account anywhere
	@$(BIN)/python bot.py demo $(ARGS)

test: $(READY) $(CONSOLE)  ## Run every test
	@$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

check: $(READY)  ## Style, types, floors
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

format: $(READY)  ## Format the code
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

bench: $(READY)  ## Measure, beside yardsticks in the same run
	@$(BIN)/python -m benchmarks $(ARGS)

lock: $(READY)  ## Resolve requirements*.in to exact versions again
	@for name in requirements requirements-dev; do \
		head -1 $$name.txt > $$name.txt.new && \
		$(BIN)/pip-compile --quiet --upgrade --strip-extras --no-header --no-annotate \
			--no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
			--output-file - $$name.in >> $$name.txt.new && mv $$name.txt.new $$name.txt || exit 1; \
	done

catalog: $(READY)  ## Collect the sentences for translation
	@$(BIN)/python -m tools.catalog

docs: $(READY)  ## Make the pages that come from the code
	@$(BIN)/python -m commands.docs

screenshots: $(READY)  ## Make the pictures of docs/images anew (needs Chromium)
	@$(BIN)/python -m tests.page.screenshots

clean:  ## Remove what the other targets made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
