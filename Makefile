# more-body. Everything that is made lies in .venv, .data and report; nothing is installed outside.

PYTHON ?= python3
BIN = .venv/bin
READY = .venv/.ready

help:
	@echo 'make compare   check the three applications under both servers and time them'
	@echo '               [FILES=directory] [DATABASE=file] [APPS="module:app ..."]'
	@echo 'make serve     serve the raw application with demo data on 127.0.0.1:8000'
	@echo 'make test      run all tests: the units, and the suite over all applications'
	@echo 'make conformance  run the suite over all servers in all modes: report/conformance/'
	@echo 'make bench     time everything against peers and limits [BENCH=--quick]: report/'
	@echo 'make profile   what the time of a family goes into, as a flame graph: FAMILY=csv'
	@echo 'make check     lint, formatting, types'
	@echo 'make setup     make .venv; the others do it when it is needed'
	@echo 'make clean     remove what was made'
	@echo 'PYTHON=name    the Python to use, 3.11 or newer (python3 unless told)'

setup: $(READY)

# Done again only when what is to be installed may have changed.
$(READY): pyproject.toml
	@for name in "$(PYTHON)" python3.14 python3.13 python3.12 python3.11; do \
	    if "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	        found=$$name; break; \
	    fi; \
	done; \
	if test -z "$$found"; then \
	    echo 'more-body needs Python 3.11 or newer: make PYTHON=name-or-path' >&2; exit 1; \
	fi; \
	test -x $(BIN)/pip || "$$found" -m venv .venv || { \
	    echo "$$found cannot make a virtual environment: is its venv module installed?" >&2; \
	    exit 1; \
	}
	@$(BIN)/python -c 'import platform; print("installing into .venv, Python", platform.python_version())'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $(READY)

# The values come by the environment, so that any path is taken as it is.
compare: $(READY)
	@$(BIN)/python -m benchmarks.compare $${FILES:+--files "$$FILES"} \
	    $${DATABASE:+--database "$$DATABASE"} $${APPS:+--apps "$$APPS"}

serve: $(READY)
	@$(BIN)/python -m benchmarks.serve

test: $(READY)
	@$(BIN)/python -m pytest -q -n 4

# The server layer in every mode, the three applications in the default mode of every server.
conformance: $(READY)
	@$(BIN)/python -m pytest -q -n 4 tests/asgi_conformance --asgi-report=report/conformance \
	    -o asgi_probe_servers=all -o asgi_servers="$$(printf 'uvicorn\nhypercorn\ngranian\ndaphne')"

bench: $(READY)
	@$(BIN)/python -m benchmarks $(BENCH)

FAMILY ?= csv
profile: $(READY)
	@$(BIN)/python -m benchmarks.profile $(FAMILY)

check: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

clean:
	rm -rf .venv .data dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	test ! -d report || find report -mindepth 1 -maxdepth 1 ! -name conformance ! -name profiles \
	    ! -name bench.json ! -name bench.svg ! -name index.html -exec rm -rf {} +
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help setup compare serve test conformance bench profile check clean
