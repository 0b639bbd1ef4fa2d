# What one does with this repository. `make` alone lists it.

# The project's own Node first: wrangler needs a newer one than many systems have.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
# small: every story once, for between two edits. full: the counts that the issues name.
export TEST_SCALE ?= small

.DEFAULT_GOAL := help
.PHONY: help dev setup edge test test-browser rehearse-rotation lint fmt deny fuzz mutants soak bench-verify bench-edge bench-origin bench-revocation scale clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

dev: setup ## start the demonstration: an OpenID provider, origin, edge and an application; Ctrl-C stops them
	@node scripts/dev.mjs

setup: ## install what is missing, into ignored folders of this repository
	@scripts/setup

edge: ## build the Worker (nothing to do when its sources are unchanged)
	@scripts/build-edge

test: edge ## run every test (TEST_SCALE=full for the full counts)
	python3 shared/tests/vectors/check.py
	node shared/tests/vectors/check.mjs
	cargo test --workspace
	$(browser_stories)

test-browser: edge ## only the stories in a real Chromium; their screenshots go to target/screenshots/
	cargo build --package sealgate-origin --package sealgate-test-database
	$(browser_stories)

rehearse-rotation: edge ## 200 people in steady traffic, ten rotations and a revocation, on both databases (2 minutes)
	TEST_SCALE=full cargo test --package sealgate-tests --test stories rehearsal:: -- --nocapture

# In one process, which starts the whole stack once.
define browser_stories
@scripts/setup browser
node --test --test-isolation=none --test-reporter=spec 'tests/browser/*.test.mjs'
endef

lint: setup ## formatting and clippy, for this machine and for Wasm, warnings are errors
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo clippy -p sealgate-shared -p sealgate-edge -p sealgate-worker --target wasm32-unknown-unknown -- -D warnings
	scripts/check-docs

fmt: ## format all Rust code
	cargo fmt --all

deny: ## check licences, sources and banned crates (installs cargo-deny once)
	@scripts/deny

fuzz: ## look for inputs that break a promise, FUZZ_SECONDS (60) for each of the fuzzers
	@scripts/fuzz

mutants: ## break shared/ in every small way and see whether its tests notice (about 20 minutes)
	@scripts/mutants

bench-verify: ## a full verify against jsonwebtoken HS256 on the same claims; and a look into a set of revocations
	cargo bench -p sealgate-shared --bench verify

bench-edge: edge tests/bench/peers/node_modules ## CPU time of a request at the edge, beside nothing, jose, hono and better-auth (9 minutes)
	cargo build --release --package sealgate-origin
	node --disable-warning=ExperimentalWarning tests/bench/edge.mjs

bench-origin: setup tests/bench/peers/node_modules ## mints, sign-ins and checks a second, beside inserts and better-auth (5 minutes)
	cargo build --release --package sealgate-origin --package sealgate-bench-origin
	target/release/bench-origin

bench-revocation: edge tests/bench/peers/node_modules ## from a revocation to the first refusal, on each database; and what the feed asks (7 minutes)
	cargo build --package sealgate-origin --package sealgate-test-database
	node tests/bench/revocation.mjs
	node tests/bench/revocation-count.mjs

# Nobody but these benchmarks needs them.
tests/bench/peers/node_modules: tests/bench/peers/package-lock.json
	npm ci --prefix tests/bench/peers --ignore-scripts --no-progress
	@touch $@

scale: ## work out the tables of docs/SCALE.md and write them there
	node --test --test-reporter=dot 'tests/bench/scale/*.test.mjs'
	node tests/bench/scale/main.mjs

soak: edge ## good, bad and slow clients for SOAK_SECONDS (600); no mistakes, no growing memory
	cargo build --package sealgate-origin
	node tests/bench/soak.mjs

clean: ## remove what was built; what setup installed stays
	rm -rf target build .wrangler
