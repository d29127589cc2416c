# Two commands: `make run` and `make test`. Everything they need, they set up themselves; each step only when missing.
PYTHON ?= python3
SETUP = $(PYTHON) -m deploy.bootstrap
BIN = .venv/bin

.PHONY: run test check format schema reference shots lock bench stop clean code

run:      ## set up, start the platform, play the demonstration, stay up (CHECK=1: exit 0 or 1 instead)
	@$(SETUP) run -- $(BIN)/python -m exam_api.cli demo $(if $(CHECK),--check) $(if $(AGAIN),--again)

# Three workers on two cores: a test often waits for a container, a browser or a clock. Stories stay together by file,
# because each file shares what it has started; their conftest puts the longest first.
# What fails is tried once more, alone: a busy machine must not decide. What fails twice, fails; both tries are printed.
AGAIN_ALONE = -q --last-failed --last-failed-no-failures none
test:     ## set up and run everything, browser stories included
	@$(SETUP) test -- /bin/sh -c '\
	  $(BIN)/python -m pytest -q -n 3 -m "not browser" $(ARGS) || $(BIN)/python -m pytest $(AGAIN_ALONE) -m "not browser" $(ARGS)'
	@$(SETUP) test -- /bin/sh -c '\
	  $(BIN)/python -m pytest -q -n 3 --dist loadfile --no-loadscope-reorder -m browser $(ARGS) || $(BIN)/python -m pytest $(AGAIN_ALONE) -m browser $(ARGS)'

check:    ## the fast one: format, lint, types, contracts, unit tests
	@$(SETUP) test -- /bin/sh -c '$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy . && $(BIN)/lint-imports --no-cache && $(BIN)/python -m pytest -q -n 2 -m "not slow and not docker and not browser and not database"'

format:
	@$(BIN)/ruff check --fix -q . ; $(BIN)/ruff format -q .

schema:   ## rewrite docs/schema.sql from the migrations
	@$(SETUP) test -- $(BIN)/python -m exam_api.cli schema --write docs/schema.sql

reference: ## rewrite the tables of docs/reference.md and docs/operations.md
	@$(SETUP) test -- $(BIN)/python -m tests.architecture.reference

shots:    ## a screenshot of every page (phone and desktop, light and dark) into shots/
	@$(SETUP) test -- $(BIN)/python -m tests.stories.shots

bench:    ## measure; the results go to docs/benchmarks.md
	@$(SETUP) test -- $(BIN)/python -m bench

lock:     ## rewrite the two locks (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  --override deploy/overrides.txt --no-emit-package dlib --no-emit-package opencv-contrib-python \
	  --no-emit-package opencv-python-headless pyproject.toml -o requirements.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  --override deploy/overrides.txt --no-emit-package dlib --no-emit-package opencv-contrib-python \
	  --no-emit-package opencv-python-headless --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt

code:     ## the current codes of the demonstration's accounts (password sign-in)
	@$(BIN)/python -m loadtests.codes

stop:     ## stop a platform that runs in the background
	@$(BIN)/python -m exam_api.cli down
