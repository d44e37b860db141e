# Kith: what a newcomer and the gate call. `make help` lists it.

SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
SWIFT ?= swift
BUILD ?= .build
# Linux programs carry the Swift runtime with them, so that an office installs one file, and look for no library beside it.
RELEASE_FLAGS := $(shell [ "$$(uname)" = Linux ] && echo --static-swift-stdlib --disable-local-rpath)
SOURCES := Package.swift Sources Shared Client Server Tests
# A folder with the real data sets; given and missing is a failure.
DATA ?=
export KITH_TEST_DATA := $(if $(DATA),$(abspath $(DATA)))

# How many seeds `make simulate` and `make agreement` run, and from which one on.
SEEDS ?= 500
FIRST ?= 0
# The file merge_model.py, with which the engine must agree; given and missing is a failure.
MODEL ?=

# Where `make install` puts the programs, their manual pages and completions; DESTDIR goes before it, for packagers.
PREFIX ?= /usr/local
DESTDIR ?=

.PHONY: help deps build release install uninstall demo test texts check lint format browser-test bench budgets dictionary \
    simulate simulate-planted simulate-check agreement clean

help: ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

deps: ## Install the system libraries that are missing
	@.ci/install-dependencies

build: deps ## Build both programs for development
	$(SWIFT) build --scratch-path $(BUILD)

# The C++ library that the Swift runtime needs, to be linked in; without the archive the programs load the shared one.
RUNTIME := $(if $(RELEASE_FLAGS),.build/runtime/libstdc++.a)

.build/runtime/libstdc++.a:
	@mkdir -p $(@D); archive="$$(cc -print-file-name=libstdc++.a || true)"; \
	case "$$archive" in /*) ln -sf "$$archive" $@ ;; *) echo "No archive of libstdc++: the shared one is used." >&2 ;; esac

release: deps $(RUNTIME) ## Build both programs as they ship
	$(SWIFT) build --scratch-path $(BUILD) -c release $(RELEASE_FLAGS) --product kith
	$(SWIFT) build --scratch-path $(BUILD) -c release $(RELEASE_FLAGS) --product kith-server

# What is installed beside the programs is printed by the programs that are installed.
install: release ## Install programs, manual pages and completions below PREFIX (/usr/local)
	@bin="$$($(SWIFT) build --scratch-path $(BUILD) -c release $(RELEASE_FLAGS) --show-bin-path)"; \
	KITH_BIN="$$bin" .ci/install-programs "$(DESTDIR)$(PREFIX)"

uninstall: ## Remove what `make install` put below PREFIX
	@.ci/install-programs --remove "$(DESTDIR)$(PREFIX)"

demo: release ## Two workers, one office, one conflict: the whole path on this machine
	@KITH_BIN="$$($(SWIFT) build --scratch-path $(BUILD) -c release $(RELEASE_FLAGS) --show-bin-path)" Tests/Demo/run

test: deps ## All tests, also those that drive the built programs
	@if [ -n "$(DATA)" ] && [ ! -d "$(DATA)" ]; then echo "DATA=$(DATA) is not a folder." >&2; exit 2; fi
	$(SWIFT) build --scratch-path $(BUILD) --build-tests
	.ci/run-tests $(SWIFT) test --scratch-path $(BUILD) --skip-build
	$(MAKE) simulate-check

lint: ## Check the format
	$(SWIFT) format lint --strict --recursive --parallel $(SOURCES)

format: ## Put the format right
	$(SWIFT) format --in-place --recursive --parallel $(SOURCES)

texts: ## Record help and error texts, and the day in docs/a-day.md, as the programs print them now: then read the change
	$(SWIFT) build --scratch-path $(BUILD) --build-tests
	KITH_RENEW=1 $(SWIFT) test --scratch-path $(BUILD) --skip-build --filter "RecordedTextTests|ADayTests" || true
	git --no-pager diff --stat -- docs/a-day.md Tests/Recorded

check: export SKIPS = refused
check: lint test demo budgets ## What the gate runs: the demo is there for the programs as they ship

browser-test: release ## Look at a page of each report in Chromium without a window
	@KITH_BIN="$$($(SWIFT) build --scratch-path $(BUILD) -c release $(RELEASE_FLAGS) --show-bin-path)" Tests/Browser/run

# The folder with raw_sqlite.py and workload.py, whose floor counts for the rows that have one: PEERS=../shared/peers
PEERS ?=
# Rows and parts, such as P3,P4,lists; all where nothing is said. QUICK=1: one turn, to see that everything runs.
ONLY ?=
QUICK ?=
BENCH_OPTIONS := $(if $(PEERS),--peers $(abspath $(PEERS))) $(if $(ONLY),--only $(ONLY)) $(if $(QUICK),--quick)

bench: release ## Measure next to plain SQLite and write docs/performance.md: [PEERS=FOLDER] [DATA=FOLDER] [ONLY=P3,…] [QUICK=1]
	for program in kith-bench kith-bench-floor kith-bench-plain; do \
	    $(SWIFT) build --scratch-path $(BUILD) -c release $(RELEASE_FLAGS) --product $$program; done
	@bin="$$($(SWIFT) build --scratch-path $(BUILD) -c release $(RELEASE_FLAGS) --show-bin-path)"; \
	"$$bin/kith-bench" "$$bin" $(BENCH_OPTIONS)

dictionary: ## Train the dictionary of small messages anew: with it their coding gets another name
	$(SWIFT) build --scratch-path $(BUILD) --product kith-dictionary
	@"$$($(SWIFT) build --scratch-path $(BUILD) --show-bin-path)/kith-dictionary" Tests/Dictionary/sentences.txt \
	    Sources/Compression/WireDictionary+Bytes.swift

# RECORD=1 writes the figures anew.
RECORD ?=

budgets: release ## Count the instructions of fixed work: none may have grown by a tenth since it was recorded [RECORD=1]
	$(SWIFT) build --scratch-path $(BUILD) -c release $(RELEASE_FLAGS) --product kith-budget
	@if command -v valgrind >/dev/null; then \
	    Tests/Budgets/check "$$($(SWIFT) build --scratch-path $(BUILD) -c release $(RELEASE_FLAGS) --show-bin-path)" $(if $(RECORD),record); \
	else echo "The instruction budgets were NOT compared: there is no valgrind for this system."; fi

SIMULATE_PROGRAM = $$($(SWIFT) build --scratch-path $(BUILD) -c release --show-bin-path)/kith-simulate

simulate: deps ## The engine under everything that can go wrong: SEEDS=n [FIRST=k]
	$(SWIFT) build --scratch-path $(BUILD) -c release --product kith-simulate
	@"$(SIMULATE_PROGRAM)" --seeds $(SEEDS) --first $(FIRST)

# Planted mistakes are compiled into a folder of their own, so that nothing that ships ever has them.
PLANTED := $(BUILD)/planted
PLANTED_PROGRAM = $$($(SWIFT) build --scratch-path $(PLANTED) -c release --traits PlantedBugs --show-bin-path)/kith-simulate

simulate-planted: deps ## Find each planted mistake anew and record its seed
	$(SWIFT) build --scratch-path $(PLANTED) -c release --traits PlantedBugs --product kith-simulate
	@Tests/Simulation/planted find "$(PLANTED_PROGRAM)"

simulate-check: simulate ## What the gate runs: 500 seeds, the recorded seed of each planted mistake, the merge model
	$(SWIFT) build --scratch-path $(PLANTED) -c release --traits PlantedBugs --product kith-simulate
	@Tests/Simulation/planted check "$(PLANTED_PROGRAM)"
	@Tests/Simulation/Agreement/compare "$(MODEL)" 1500 0 "$(SIMULATE_PROGRAM)" "$(PLANTED_PROGRAM)"

agreement: deps ## The engine against the merge model, seed for seed: MODEL=FILE SEEDS=n [FIRST=k]
	@[ -n "$(MODEL)" ] || { echo "Say where merge_model.py is: make agreement MODEL=FILE" >&2; exit 2; }
	$(SWIFT) build --scratch-path $(BUILD) -c release --product kith-simulate
	@Tests/Simulation/Agreement/compare "$(MODEL)" $(SEEDS) $(FIRST) "$(SIMULATE_PROGRAM)"

clean: ## Remove what was built
	rm -rf $(BUILD)
