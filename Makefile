# Everything runs inside .venv; nothing is installed outside it.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
ASK    := $(BIN)/assistant

.PHONY: help install demo ui serve check test test-all eval benchmark clean

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(STAMP): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	sh scripts/install.sh $(BIN)/python
	touch $@

install: $(STAMP)  ## Create .venv with the tested versions

demo: $(STAMP)  ## Install, fetch the model, build the index, answer three real cases
	$(ASK) model fetch
	$(ASK) kb build
	@sh examples/demo.sh $(ASK)
	@echo; echo "Open the chat page with: make ui"

ui: $(STAMP)  ## Open the chat page (http://127.0.0.1:7860)
	$(ASK) ui

serve: $(STAMP)  ## Serve the HTTP API (http://127.0.0.1:8000/docs)
	$(ASK) serve

check: $(STAMP)  ## Lint, types, layout, guideline data
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m knowledge_base.check

test: $(STAMP)  ## The test suite: seconds, no weights, no network
	$(BIN)/python -m pytest

test-all: $(STAMP)  ## Also the tests with the encoder, the real model and a browser
	$(BIN)/assistant model fetch
	# the page's server leaves sockets to the garbage collector, which is no fault of a test
	ASSISTANT_BACKEND=extractive $(BIN)/python -m pytest -p no:unraisableexception -m "encoder or weights or browser or training or stores"

eval: $(STAMP)  ## Run the evaluation (reports/*.json)
	$(BIN)/python -m eval

benchmark: $(STAMP)  ## Speed and memory beside the raw engines
	$(BIN)/python -m eval.benchmark

clean:  ## Remove .venv and reports
	rm -rf $(VENV) reports
