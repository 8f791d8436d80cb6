# Everything a person needs to run, test and change Signalbox. `make help` lists it.
# PORT and DATA_DIR (environment or make variables) and ARGS are passed on to `signalbox dev`.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup setup-tests build run test test-unit test-web test-e2e lint format fuzz soak sanitize resilience chaos conformance bench bench-transport bench-commits bench-steps bench-nodes docs clean

SOURCES := Sources Tests Benchmarks Package.swift

help: ## Show the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: ## Install the Debian packages that building and running need
	@scripts/packages build

setup-tests: ## … and those that the tests need
	@scripts/packages build test

build: setup ## Build the release binary
	@swift build -c release --product signalbox

# `exec`, so that signals reach the server itself and no shell stands between.
run: build ## Build and start everything: private Postgres, demo tenants, the page
	@exec "$$(swift build -c release --show-bin-path)/signalbox" dev $(ARGS)

test: setup-tests ## Run all tests: Swift, page, end to end
	@scripts/test unit web e2e

test-unit: setup-tests ## Only the Swift tests
	@scripts/test unit

test-web: setup-tests ## Only the tests of the page's modules
	@scripts/test web

test-e2e: setup-tests ## Only the end-to-end tests
	@scripts/test e2e

lint: ## Check formatting and style
	@swift format lint --strict --parallel --recursive $(SOURCES)
	@python3 -c 'import ast, pathlib; [ast.parse(p.read_text(), str(p)) for p in pathlib.Path("Tests").rglob("*.py")]'
	@for script in scripts/* .ci/run; do bash -n "$$script" || exit 1; done

format: ## Rewrite the Swift sources in the house format
	@swift format --in-place --parallel --recursive $(SOURCES)

fuzz: setup ## Run each fuzz target for FUZZ_SECONDS (60)
	@scripts/fuzz $(ARGS)

soak: setup-tests ## Check what must hold: 100,000 random documents for each property, 20,000 for the client, a million steps of the streams, 10,000 flows
	@scripts/soak

sanitize: setup ## Run the Swift tests under AddressSanitizer, with leaks, and ThreadSanitizer
	@scripts/sanitize $(ARGS)

resilience: setup-tests ## Attack wslab and watch a healthy client's delays
	@scripts/resilience $(ARGS)

chaos: setup-tests ## Have Postgres, nodes and their network fail under load, and compare what clients were told with what is stored
	@scripts/chaos $(ARGS)

conformance: setup ## Run other people's suites, where they are: HTTP vectors, all of Autobahn (about an hour)
	@scripts/conformance http autobahn

bench: setup ## Run the benchmarks
	@scripts/bench

bench-transport: setup ## Run the transport beside ceilings and peers, where those are
	@scripts/bench-transport $(ARGS)

bench-commits: setup ## Durable patches per second, in turn with libpq alone
	@scripts/bench-commits $(ARGS)

bench-steps: setup ## The flow engine: steps per second, flows that wait, flows after a kill
	@scripts/bench-steps $(ARGS)

bench-nodes: setup ## From the commit to the subscriber, on one node and across three
	@scripts/bench-nodes $(ARGS)

docs: ## Write docs/CONFIGURATION.md anew from the table of settings
	@mkdir -p docs
	@swift run signalbox config --reference > docs/CONFIGURATION.md

clean: ## Remove what was built; the data folder stays
	@rm -rf .build .build-address .build-thread
