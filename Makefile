# `make` prints this help. Every target makes its own environment in .venv/ first; nothing else on the machine is touched.
.DEFAULT_GOAL := help
PORT ?= 8000
VENV := .venv
RUN := $(VENV)/bin/

.PHONY: help setup run test check lint evaluate bench bench-rooms line-demo train screenshots lock clean

help: ## Print this help
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | awk -F'|' '{printf "%-20s %s\n", $$1, $$2}'

setup: ## Make the environment in .venv/
	@sh scripts/setup.sh run

run: setup ## Serve the demo city on http://localhost:8000 (PORT=… for another port)
	@PORT=$(PORT) exec $(RUN)madoguchi serve

line-demo: ## Try the whole LINE conversation without LINE on http://localhost:8000 (PORT=…)
	@sh scripts/setup.sh test
	@PORT=$(PORT) exec $(RUN)python -m tests.line.demo

test: ## Set up what tests need and run all of them
	@sh scripts/setup.sh test
	@sh scripts/test.sh

check: setup ## Check all content
	@$(RUN)madoguchi check

lint: ## Format rules, types and the direction of imports
	@sh scripts/setup.sh test
	@$(RUN)ruff check . && $(RUN)mypy && $(RUN)lint-imports

evaluate: setup ## Measure accuracy (MODEL=… for another embedding model)
	@$(RUN)python benchmarks/accuracy.py $(if $(MODEL),--model $(MODEL))

bench: ## Measure speed, start-up time and memory as ratios
	@sh scripts/setup.sh test
	@$(RUN)python benchmarks/speed.py

bench-rooms: ## Measure each room: the search by size, the widget on a slow phone, the desk, LINE under stalls (15 minutes)
	@sh scripts/setup.sh test
	@for room in scale widget desk line; do $(RUN)python benchmarks/$$room.py; done

train: setup ## Fit the ranker anew from all content
	@$(RUN)madoguchi train ranker

screenshots: ## Make the pictures of docs/
	@sh scripts/setup.sh test
	@$(RUN)python scripts/screenshots.py
	@$(RUN)python scripts/screenshots_line.py
	@$(RUN)python scripts/screenshots_desk.py

lock: ## Pin the dependencies again (requirements/*.txt)
	@sh scripts/lock.sh

clean: ## Remove the environment and everything that was made
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache
