#!/bin/sh
# Starts the build that is to be released, asks it what a profile asks, and leaves reports.
# ASSAY: the program; OUT: folder for the reports; PROFILE: which checks.
set -eu
assay=${ASSAY:-assay} out=${OUT:-reports} profile=${PROFILE:-dev}
mkdir -p "$out"
data=$(mktemp -d)
"$assay" serve --port 0 --data-dir "$data" >"$out/server.txt" 2>&1 &
server=$!
trap 'kill $server 2>/dev/null; wait $server || true; rm -rf "$data"' EXIT
until grep -q http:// "$out/server.txt"; do
    kill -0 $server || { cat "$out/server.txt"; exit 3; }
    sleep 0.2
done
# What the build knows of itself (assay ready evidence ci) goes in here before:
#   mkdir -p "$data/ready/evidence" && cp ci.json "$data/ready/evidence/"
code=0
"$assay" ready check --data-dir "$data" --profile "$profile" --fail-on major \
    --format junit,sarif,markdown,html --out "$out/ready.txt" || code=$?
# Exit codes: 0 ready, 1 something failed, 2 not decided, 3 no answer, 4 bad input.
exit $code
