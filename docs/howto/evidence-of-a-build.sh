#!/bin/sh
# Runs the steps of this repository's build and reads what they print into OUT/ci.json.
# ASSAY: the program; OUT: folder for the outputs; PACKAGES: what is linted and tested.
set -eu
assay=${ASSAY:-assay} out=${OUT:-reports} packages=${PACKAGES:---workspace}
mkdir -p "$out"

# The code stands in the last line: a command that prints nothing can be told from one that was not run.
ended() {
    to=$1 code=0
    shift
    "$@" >"$to" 2>&1 || code=$?
    echo "exit $code" >>"$to"
}

ended "$out/fmt.txt" cargo fmt --all --check
# shellcheck disable=SC2086  # the words of PACKAGES are arguments
cargo clippy $packages --all-targets --locked --message-format=json >"$out/clippy.json" || true
cargo test $packages --locked --no-fail-fast >"$out/tests.txt" 2>&1 || true
cargo test --package assay-testkit --locked --test it -- rules:: >"$out/rules.txt" 2>&1 || true

# What is generated and tracked, made again.
"$assay" alerts rules --prometheus >packaging/compose/rules.yml
"$assay" dashboards export packaging/compose/grafana/dashboards >"$out/dashboards.txt"
ended "$out/generated.txt" git diff --exit-code -- packaging/compose
git ls-files >"$out/tracked.txt"

# Secrets in what is tracked; a file that was not looked at is not clean.
# docs/howto/secrets-that-are-none.txt names the files with planted ones.
git ls-files -- ':!*.png' ':!*.bin' | grep -vxFf docs/howto/secrets-that-are-none.txt >"$out/looked.txt"
xargs -d '\n' "$assay" --json guard scan --scope secrets -- <"$out/looked.txt" >"$out/secrets.json" || true
[ "$(wc -l <"$out/looked.txt")" = "$(wc -l <"$out/secrets.json")" ]

# The description of the API, of the program itself.
data=$(mktemp -d)
"$assay" serve --port 0 --data-dir "$data" >"$out/server.txt" 2>&1 &
server=$!
trap 'kill $server 2>/dev/null; wait $server || true; rm -rf "$data"' EXIT
until grep -q http:// "$out/server.txt"; do
    kill -0 $server || { cat "$out/server.txt"; exit 3; }
    sleep 0.2
done
curl -fsS "$(grep -o 'http://[^ ]*' "$out/server.txt" | head -1)/openapi.json" >"$out/openapi.json"

# Coverage, advisories, licences and the image need tools and databases that are not here; give their
# outputs to the same command: --coverage, --advisories, --licences, --image.
"$assay" ready evidence ci --commit "$(git rev-parse HEAD)" --out "$out/ci.json" \
    --tests "$out/tests.txt" --scope-rules "$out/rules.txt" --lint "$out/clippy.json" \
    --formatted "$out/fmt.txt" --generated "$out/generated.txt" --openapi "$out/openapi.json" \
    --tracked "$out/tracked.txt" --secrets "$out/secrets.json" "$@"
