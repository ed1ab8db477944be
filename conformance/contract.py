"""Asks every route of the OpenAPI document what nobody would, and holds the answers against it.

Usage: contract.py ASSAY, by the Python of what install.sh installs. No answer may be a fault of the
server, have a status, type or form that the document does not name, or come without a key.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from run import line, running

# What would take the right to ask away from the key that asks.
LEFT_OUT = ["DELETE /v1/keys/{id}", "POST /v1/keys/{id}/rotate", "PATCH /v1/users/{name}",
            "DELETE /v1/members/{id}", "PATCH /v1/tenants/{id}", "DELETE /v1/tenants/{id}"]
CHECKS = ["not_a_server_error", "status_code_conformance", "content_type_conformance",
          "response_headers_conformance", "response_schema_conformance", "ignored_auth"]
# Requests that are made up for each route, besides those at the limits of each field.
EXAMPLES = 10
CONFIG = """[auth]
mode = "required"
[server.rates]
client_per_minute = 0
tenant_per_minute = 0
"""


def main():
    assay = sys.argv[1]
    with tempfile.TemporaryDirectory() as work:
        work = Path(work)
        (work / "assay.toml").write_text(CONFIG)
        place = ["--data-dir", work / "data", "--config", work / "assay.toml"]
        made = subprocess.run([assay, "keys", "create", "--bootstrap", "root@example.org", "--json",
                               *place], check=True, capture_output=True, text=True)
        key = json.loads(made.stdout)["key"]
        with running([assay, "serve", "--port", "0", *place], work / "log") as server:
            words = line(server).split()
            url = next((word for word in words if word.startswith("http://")), None)
            if url is None:
                sys.exit(f"Assay did not start:\n{(work / 'log').read_text()}")
            left_out = [part for name in LEFT_OUT for part in ("--exclude-name", name)]
            done = subprocess.run(
                [sys.executable, "-m", "schemathesis.cli", "run",
                 f"{url}/openapi.json", "--url", url, "--header", f"Authorization: Bearer {key}",
                 "--phases", "coverage,fuzzing", "--max-examples", str(EXAMPLES), "--seed", "1",
                 "--generation-deterministic", "--request-timeout", "60",
                 "--checks", ",".join(CHECKS), "--continue-on-failure", "--no-color", *left_out],
                cwd=work)
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
