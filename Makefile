# Assay: everything a person types. `make run` and `make test` work from a fresh checkout.
export CARGO_TARGET_DIR ?= $(HOME)/.cache/assay/target
PORT ?= 8080
FUZZ_SECONDS ?= 60
SEEDS ?= ../shared/data/formats
EVIDENCE_OUT ?= $(CARGO_TARGET_DIR)/evidence

ASSAY := $(CARGO_TARGET_DIR)/release/assay

.PHONY: run build evidence web web-types test test-tools packaging walk test-web postgres conformance test-live lint fmt bench fuzz docs tools

## run: build, fetch the model, start on http://127.0.0.1:8080 with this repository's docs ingested
run: build
	$(ASSAY) models pull all-MiniLM-L6-v2 || echo "no model: Assay starts on keywords alone"
	$(ASSAY) serve --port $(PORT) --ingest docs

## build: the release binary, linked as bin/assay
build: tools web
	cargo build --release --locked -p assay
	@mkdir -p bin && ln -sf $(ASSAY) bin/assay

## web: the web page, which becomes part of the program; without npm the program says that it is missing
web:
	@if $(HAS_NODE); then $(MAKE) --no-print-directory web/dist/index.html; \
	else echo "npm with Node 20.19 or newer is missing: the program is built without its web page (nodejs.org)"; fi

HAS_NODE := command -v npm >/dev/null && node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'

WEB := web/package.json web/package-lock.json web/index.html web/vite.config.ts $(wildcard web/build/* web/public/*) \
	$(shell find web/src -type f)

web/dist/index.html: web/node_modules/.package-lock.json $(WEB)
	cd web && npm run build

web/node_modules/.package-lock.json: web/package-lock.json
	cd web && npm ci --no-audit --no-fund

## web-types: the types of the wire, from the OpenAPI document of the server at ASSAY_URL
web-types: web/node_modules/.package-lock.json
	cd web && npm run types

## test: every test; fetches the embedding model first, because some tests compare with it
test: tools test-tools web
	cargo build --locked -p assay
	$(CARGO_TARGET_DIR)/debug/assay models pull all-MiniLM-L6-v2
	$(MAKE) postgres
	$(MAKE) conformance
	$(MAKE) packaging
	$(MAKE) test-web
	cargo test --workspace --locked --no-fail-fast

## postgres: the server that tests start for themselves; installed where it is missing and can be,
## without a cluster of the system's own. Without it those tests say that they are skipped
postgres:
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		export DEBIAN_FRONTEND=noninteractive && apt-get update -qq && \
		apt-get install -y -qq postgresql-common && \
		sed -i 's/^#*create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf && \
		apt-get install -y -qq postgresql; \
	else echo "Postgres is missing: apt-get install postgresql; its tests are skipped"; fi

## test-tools: Debian's packages that tests run beside Assay; without them those tests are skipped and
## say so
test-tools:
	@{ command -v prometheus-alertmanager && command -v prometheus-blackbox-exporter && command -v promtool && command -v haproxy && command -v nginx && command -v faketime; } >/dev/null || \
		[ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null || apt-get update -qq
	@conformance/install.sh services >/dev/null || echo "backups to buckets and mail are not tested against services of others"
	@command -v prometheus-alertmanager >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		apt-get install -y -q --no-install-recommends prometheus-alertmanager >/dev/null; } || \
		echo "prometheus-alertmanager is missing: alerts are not fired through it (apt-get install prometheus-alertmanager)"
	@command -v prometheus-blackbox-exporter >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		apt-get install -y -q --no-install-recommends prometheus-blackbox-exporter >/dev/null; } || \
		echo "prometheus-blackbox-exporter is missing: downtime is not seen from outside (apt-get install prometheus-blackbox-exporter)"
	@command -v promtool >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		apt-get install -y -q --no-install-recommends prometheus >/dev/null; } || \
		echo "promtool is missing: the alert rules are not checked by it (apt-get install prometheus)"
	@{ command -v haproxy && command -v nginx; } >/dev/null || { [ "$$(id -u)" = 0 ] && \
		command -v apt-get >/dev/null && DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -q --no-install-recommends haproxy nginx-light >/dev/null; } || \
		echo "haproxy or nginx is missing: rollouts are not tested behind it (apt-get install haproxy nginx-light)"
	@command -v faketime >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		apt-get install -y -q --no-install-recommends faketime >/dev/null; } || \
		echo "faketime is missing: no clock is made to jump (apt-get install faketime)"

## test-web: the web page against a real server in a real browser (Chromium, installed when it is
## missing and may be)
test-web: tools web
	cargo build --locked -p assay
	@web/tests/run.sh $(CARGO_TARGET_DIR)/debug/assay

## conformance: the official clients of OpenAI and Anthropic, unmodified, against a real Assay over a
## provider that misbehaves, logins by a certified provider, health by gRPC and progress over WebSocket,
## every route asked what nobody would ask (schemathesis), and reports of readiness held against their
## schemas; what they need is installed once, below ~/.cache/assay/conformance
conformance: tools
	cargo build --locked -p assay
	@command -v xmllint >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		apt-get install -y -q --no-install-recommends libxml2-utils >/dev/null; } || \
		echo "xmllint is missing: JUnit is not held against its schema (apt-get install libxml2-utils)"
	folder=$$(conformance/install.sh) && \
		$$folder/python/bin/python -B conformance/run.py $(CARGO_TARGET_DIR)/debug/assay $$folder && \
		$$folder/python/bin/python -B conformance/oidc.py $(CARGO_TARGET_DIR)/debug/assay $$folder && \
		$$folder/python/bin/python -B conformance/probes.py $(CARGO_TARGET_DIR)/debug/assay && \
		$$folder/python/bin/python -B conformance/contract.py $(CARGO_TARGET_DIR)/debug/assay

## packaging: the unit of systemd, the Dockerfile, the compose file and the chart, looked at by what can
## judge them and booted as they say; what that needs is installed once, below ~/.cache/assay/packaging
packaging: tools test-tools
	cargo build --locked -p assay
	@command -v systemd-analyze >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		apt-get install -y -q --no-install-recommends systemd >/dev/null; } || \
		echo "systemd-analyze is missing: the unit is not looked at (apt-get install systemd)"
	@folder=$$(packaging/install.sh) && \
		$$folder/python/bin/python -B packaging/check.py $(CARGO_TARGET_DIR)/debug/assay

## walk: a whole deployment on this machine (proxy, certificate, Prometheus, prober, receivers), all drills,
## and what is then decided of the profile `prod`; half an hour and more
walk: tools test-tools
	cargo build --locked -p assay
	python3 -B packaging/readiness/walk.py $(CARGO_TARGET_DIR)/debug/assay $(WALK)

## test-live: a small real model behind llama.cpp's server, driven through Assay; not part of `test`
test-live: tools
	cargo build --locked -p assay
	folder=$$(conformance/install.sh) && model=$$(conformance/install.sh live) && \
		$$folder/python/bin/python -B conformance/live.py $(CARGO_TARGET_DIR)/debug/assay $$model

## evidence: what the steps of this build print, read into EVIDENCE_OUT/ci.json for `assay ready check`; what
## only a CI has is given with EVIDENCE="--advisories audit.json --coverage lcov.info"
evidence: build
	ASSAY=$(ASSAY) OUT=$(EVIDENCE_OUT) docs/howto/evidence-of-a-build.sh $(EVIDENCE)

## lint: format and clippy, warnings denied
lint: tools
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings

## fmt: format the code
fmt:
	cargo fmt --all

## docs: the API documentation with broken links denied, and the book when mdbook is installed
docs: tools
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked
	@if command -v mdbook >/dev/null; then mdbook build docs; \
	else echo "mdbook is not installed (cargo install mdbook): docs/ is not built as a book"; fi

## bench: ingest rate, latency, memory, start time of the release binary; parsing speed; each parser
## fuzzed for FUZZ_SECONDS (60; half an hour in all, FUZZ_SECONDS=5 for three minutes)
bench: build
	$(ASSAY) models pull all-MiniLM-L6-v2
	$(ASSAY) bench
	cargo run --release --locked -p assay-parse --example speed
	$(MAKE) fuzz

## fuzz: each parser fed with damaged files for FUZZ_SECONDS, from SEEDS if there is such a folder
fuzz: tools
	cargo run --release --locked -p assay-parse --example fuzz -- --seconds $(FUZZ_SECONDS) \
		$(if $(wildcard $(SEEDS)),--seeds $(SEEDS))

tools:
	@command -v cargo >/dev/null || { echo "cargo is missing: install Rust 1.95 or newer (rustup.rs)"; exit 1; }
	@command -v cc >/dev/null || { echo "a C compiler is missing: apt-get install build-essential"; exit 1; }
	@python3 -m pip --version >/dev/null 2>&1 || echo "python3 with pip is missing: the model cannot be fetched (apt-get install python3-pip)"
