# What a person types. Build output stays outside the checkout, so that a second one builds fast.
export CARGO_TARGET_DIR ?= $(HOME)/.cache/assay/target

.PHONY: test lint fmt docs tools

## test: every test
test: tools
	cargo test --workspace --locked --no-fail-fast

## lint: format and clippy, warnings denied
lint: tools
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings

## fmt: format the code
fmt:
	cargo fmt --all

## docs: the API documentation with broken links denied
docs: tools
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked

tools:
	@command -v cargo >/dev/null || { echo "cargo is missing: install Rust 1.95 or newer (rustup.rs)"; exit 1; }
	@command -v cc >/dev/null || { echo "a C compiler is missing: apt-get install build-essential"; exit 1; }
