#!/usr/bin/env bash
# Installs what check.py looks with, pinned by hash, once for each content of its list, and prints the
# folder. Needs Python 3.11 with venv.
set -euo pipefail
cd "$(dirname "$0")"
folder="${ASSAY_PACKAGING_DIR:-$HOME/.cache/assay/packaging}/$(cat install.sh requirements.txt | sha256sum | cut -c 1-16)"

if ! python3 -c 'import venv, ensurepip' 2>/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    { apt-get update && apt-get install -y --no-install-recommends python3 python3-venv; } >&2
fi
if [ ! -e "$folder/complete" ]; then
    rm -rf "$folder"
    mkdir -p "$folder"
    {
        python3 -m venv "$folder/python"
        "$folder/python/bin/python" -m pip install --quiet --disable-pip-version-check --no-cache-dir \
            --only-binary :all: --require-hashes --requirement requirements.txt
        # The library of Helm comes three times.
        for copy in "$folder"/python/lib/python*/site-packages/helm_python/lib/libhelm_c.so.*; do
            ln -f "${copy%.so.*}.so" "$copy"
        done
        touch "$folder/complete"
    } >&2
fi
echo "$folder"
