#!/usr/bin/env bash
# Runs the tests of the web page: run.sh PATH-OF-ASSAY. Skips, saying so, only where there is neither
# a browser nor the right to install one.
set -euo pipefail
cd "$(dirname "$0")/../.."

if [ ! -e web/dist/index.html.gz ]; then
    echo "skipped: the program was built without its web page, see \`make web\`"
    exit 0
fi
if ! command -v chromium >/dev/null; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "skipped: Chromium is missing and may not be installed here (apt-get install chromium)"
        exit 0
    fi
    apt-get install -y --no-install-recommends chromium >/dev/null
fi
export ASSAY_BIN=$1 CHROMIUM
CHROMIUM=$(command -v chromium)
cd web
npx playwright test -c tests/playwright.config.ts
