# Bare `make` lists what there is.
.DEFAULT_GOAL := help
SHELL := /bin/bash
export SWIFT_BACKTRACE ?= enable=no

BINARY := .build/release/freshet

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.PHONY: setup
setup: ## Install what building needs (Debian; uses apt-get when something is missing)
	@scripts/setup build

.PHONY: setup-tests
setup-tests: ## Install what the tests need besides: PostgreSQL, dbt-core, moto, botocore, dagster-powerbi
	@scripts/setup tests

.PHONY: setup-browser
setup-browser: ## Install what the browser tests need: Chromium, Playwright, axe
	@scripts/setup browser

.PHONY: test-browser
test-browser: setup-browser ## The pages in a browser: the main journeys, each role, axe on every page
	@scripts/test-browser

.PHONY: build
build: setup ## Build the release binary
	swift build -c release --product freshet

.PHONY: demo
demo: build ## Build, then play a morning at a retailer (ends by itself)
	@$(BINARY) demo

.PHONY: up
up: build ## Play the morning, then stay: the pages of this project at 127.0.0.1:8640, until Ctrl-C
	@FRESHET_WEB="$(CURDIR)/web" $(BINARY) demo --listen $${LISTEN:-127.0.0.1:8640}

.PHONY: test
test: setup-tests ## Set up and run every test
	@scripts/test

.PHONY: check
check: setup-tests ## What a commit has to pass: format, no warnings, tests
	@scripts/lint
	@scripts/test

.PHONY: release
release: ## Make the archive, the Debian package and their checksums in dist/
	@scripts/release

.PHONY: test-install
test-install: ## Install dist's package on a bare Debian, try it there, boot it with systemd (as root, with debootstrap)
	@scripts/test-install
	@scripts/test-service

.PHONY: bench
bench: build setup-tests ## Print the figures of docs/benchmarks.md
	@scripts/bench
	@scripts/bench-inflight
	@scripts/bench-manifest
	@scripts/bench-stream
	@scripts/setup browser
	@scripts/bench-pages

.PHONY: screenshots
screenshots: setup-browser ## Take pictures of every page of a daemon into .build/screenshots
	@scripts/screenshots

.PHONY: crash
crash: setup ## Kill the daemon 1,000 times at its failpoints, and check what it leaves behind
	@scripts/crash --kills 1000

.PHONY: fuzz
fuzz: setup ## Throw what schemathesis makes of the API's contract at a daemon
	@scripts/fuzz-api --examples 100

.PHONY: oracle
oracle: ## Tell 100,000 random histories to an oracle that knows what really happened
	@scripts/oracle

.PHONY: record
record: ## Rewrite the expected texts of tests from what they are now; read the diff
	RECORD=1 swift test --filter 'FreshetDefinitionsTests|EndToEndTests'

.PHONY: clean
clean: ## Remove what was built
	rm -rf .build .build-* dist
