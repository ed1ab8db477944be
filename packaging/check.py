"""Looks at the files of this folder with whatever can judge them, and boots Assay the way each of
them says: as another user, in a file system of which only the named places can be written.

    check.py ASSAY_BINARY

What cannot be looked at here is said. Each checker is first shown a file that it has to refuse.
"""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import compose_spec
import helm_python
import kubernetes_validate
import yaml

HERE = Path(__file__).resolve().parent
# The oldest and the newest Kubernetes that the chart is for.
KUBERNETES = ["1.29", kubernetes_validate.latest_version()]
# 0 is best, 10 is worst, as `systemd-analyze security` judges.
EXPOSURE_MAX = 2.0
START_SECONDS = 90
USER = 65532


class Refused(Exception):
    """A file is not as it should be."""


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def need(holds, what):
    if not holds:
        raise Refused(what)


# --- the unit of systemd


def unit(text, binary):
    if not shutil.which("systemd-analyze"):
        return "systemd-analyze is missing: NOT CHECKED (apt-get install systemd)"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "assay.service")
        # The program of the unit is not installed where the check runs.
        path.write_text(text.replace("/usr/local/bin/assay", str(binary)))
        code, said = run("systemd-analyze", "verify", "--man=no", path)
        need(code == 0 and "assay.service" not in said, f"systemd-analyze verify: {said}")
        code, said = run(
            "systemd-analyze", "security", "--offline=yes", "--no-pager",
            f"--threshold={int(EXPOSURE_MAX * 10)}", path,
        )
        level = re.search(r"exposure level for \S+: ([\d.]+)", said)
        need(level, f"systemd-analyze security: {said}")
        need(code == 0, f"its exposure is {level[1]}, which is over {EXPOSURE_MAX}")
    return f"exposure {level[1]}"


def unit_settings(text):
    """The lines of [Service] by key."""
    settings = {}
    for line in text.split("[Service]")[1].split("[Install]")[0].splitlines():
        key, is_setting, value = line.partition("=")
        if is_setting and not line.startswith("#"):
            settings.setdefault(key, []).append(value)
    return settings


# --- the image


def dockerfile(text):
    tool = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "Dockerfile")
        path.write_text(text)
        code, said = run(tool, "--no-color", path)
    need(code == 0, said)
    last = image(text)
    need(re.fullmatch(r"[1-9]\d*:[1-9]\d*", last["USER"]), "the image runs as root")
    need("HEALTHCHECK" in last, "the image has no health check")
    return "hadolint finds nothing"


def image(text):
    """The instructions of the last stage; those of ENV as a table."""
    stage = re.split(r"(?m)^FROM .*$", text)[-1].replace("\\\n", " ")
    last = {"ENV": {}}
    for line in stage.splitlines():
        word, _, rest = line.partition(" ")
        if word == "ENV":
            last["ENV"].update(part.split("=", 1) for part in rest.split())
        elif word.isupper():
            last[word] = rest.strip()
    return last


# --- the compose file


def compose(text):
    try:
        compose_spec.PyCompose.from_yaml(text).validate()
    except Exception as error:
        raise Refused(f"not by the compose specification: {error}") from error
    services = yaml.safe_load(text)["services"]
    for name, service in services.items():
        limits = service.get("deploy", {}).get("resources", {}).get("limits", {})
        need("memory" in limits, f"{name} has no limit of memory")
        need(service.get("cap_drop") == ["ALL"], f"{name} keeps capabilities")
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            there = not source.startswith(".") or (HERE / "compose" / source).exists()
            need(there, f"{name} mounts {source}, which is not there")
    need(services["assay"]["read_only"], "the file system of assay can be written")
    return f"{len(services)} services"


def prometheus():
    if not shutil.which("promtool"):
        return "promtool is missing: NOT CHECKED (apt-get install prometheus)"
    with tempfile.TemporaryDirectory() as folder:
        key = Path(folder, "key")
        key.write_text("x")
        config = (HERE / "compose/prometheus.yml").read_text()
        path = Path(folder, "prometheus.yml")
        path.write_text(config.replace("/run/secrets/metrics_key", str(key)))
        shutil.copy(HERE / "compose/rules.yml", folder)
        code, said = run("promtool", "check", "config", path)
    need(code == 0, said)
    return said.strip().splitlines()[-1].strip()


# --- the chart


VALUES = {
    "the defaults": {},
    "everything": {
        "config": '[auth]\ndomain = "example.org"\n',
        "existingSecret": "assay-secrets",
        "image": {"tag": "1.2.3"},
        "persistence": {"storageClass": "shared", "accessMode": "ReadWriteMany"},
        "ingress": {"enabled": True, "className": "nginx"},
        "networkPolicy": {
            "from": [{"namespaceSelector": {"matchLabels": {"name": "ingress"}}}],
            "to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}],
        },
        "workers": {"enabled": True},
        "probes": "grpc",
        "podAnnotations": {"a": "b"},
        "nodeSelector": {"kubernetes.io/arch": "amd64"},
        "tolerations": [{"key": "a", "operator": "Exists"}],
    },
}
REFUSED_VALUES = {
    "a key that the chart does not have": {"replicas": 3},
    "a probe that nobody answers": {"probes": "tcp"},
    "workers on a disk of one node": {"workers": {"enabled": True}, "existingSecret": "s"},
}


def render(chart, values):
    with helm_python.Chart.load(str(chart)) as loaded:
        loaded.validate_schema(loaded.merge_values(values))
        rendered = loaded.render(values=values, name="release", namespace="here")
    documents = []
    for path, text in rendered.items():
        if path.endswith(".yaml"):
            documents += [found for found in yaml.safe_load_all(text) if found]
    return documents


def chart(folder, values):
    report = helm_python.lint(str(folder), values, strict=True)
    # A chart without a picture is none the worse.
    said = [found["error"] for found in report["messages"] if found["severity"] > 1]
    need(not said and not report["errors"], f"helm lint: {said} {report['errors']}")
    documents = render(folder, values)
    for document in documents:
        for version in KUBERNETES:
            try:
                kubernetes_validate.validate(document, version, strict=True)
            except kubernetes_validate.ValidationError as error:
                raise Refused(f"Kubernetes {version}: {document['kind']}: {error.message}") from error
    kinds = {document["kind"] for document in documents}
    need("NetworkPolicy" in kinds, "there is no network policy")
    for document in documents:
        pod = document.get("spec", {}).get("template", {}).get("spec")
        for container in pod["containers"] if pod else []:
            judge_container(document, pod, container)
        if document["kind"] == "HorizontalPodAutoscaler":
            target = document["spec"]["scaleTargetRef"]
            named = [d for d in documents if d["kind"] == target["kind"]]
            names = [d["metadata"]["name"] for d in named]
            need(target["name"] in names, f"it scales {target['name']}, which is not there")
    return f"{len(documents)} documents"


def judge_container(document, pod, container):
    of = f"{document['kind']} {container['name']}"
    need(pod["securityContext"]["runAsNonRoot"], f"{of} may run as root")
    need(container["securityContext"]["readOnlyRootFilesystem"], f"{of} may write anywhere")
    need(not container["securityContext"]["allowPrivilegeEscalation"], f"{of} may gain rights")
    need("limits" in container["resources"], f"{of} has no limits")
    probes = ["livenessProbe", "readinessProbe", "startupProbe"]
    if document["kind"] == "StatefulSet":
        need(all(probe in container for probe in probes), f"{of} has no probes")
        asked = [set(container[probe]) & {"httpGet", "grpc"} for probe in probes]
        need(asked[0] and all(way == asked[0] for way in asked), f"{of} is asked by {asked}")
    mounted = {mount["name"] for mount in container["volumeMounts"]}
    volumes = {volume["name"] for volume in pod["volumes"]}
    need(mounted == volumes, f"{of} mounts {mounted} of {volumes}")


# --- dry boots


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


# A file system of its own: what the machine has in /usr, read-only, and what is named.
ROOM = r"""
set -eu
root=$1 binary=$2 files=$3; shift 3
mount --make-rprivate /
mount -t tmpfs room "$root"
mkdir -p "$root"/usr "$root"/proc "$root"/dev "$root"/run "$root"/notify
for part in bin sbin lib lib64; do ln -s usr/$part "$root/$part"; done
mount --rbind /usr "$root/usr"
mount -t tmpfs room "$root/usr/local"
mkdir -p "$root/usr/local/bin"
cp "$binary" "$root/usr/local/bin/assay"
mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --bind "$files/notify" "$root/notify"
cp -r "$files/etc" "$root/etc"
# The certificates that the machine trusts: an image has them too.
mkdir -p "$root/etc/ssl" && mount --bind /etc/ssl "$root/etc/ssl"
while [ "$1" != -- ]; do
    mkdir -p "$root$1"
    mount -t tmpfs -o mode=0700,uid=USER,gid=USER room "$root$1"
    shift
done
shift
mount -o remount,ro,bind "$root/usr/local"
mount -o remount,ro,bind "$root/usr"
mount -o remount,ro "$root"
exec chroot "$root" setpriv --reuid USER --regid USER --clear-groups --no-new-privs \
    --bounding-set=-all --inh-caps=-all "$@"
""".replace("USER", str(USER))


def boot(binary, command, environment, writable, files, health=None, notify=False):
    """Starts `command`, waits until it is ready, stops it; what it measured."""
    if os.geteuid() != 0 or run("unshare", "--mount", "true")[0] != 0:
        return "NOT BOOTED: that needs root and mount namespaces"
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        root, stage = Path(folder, "root"), Path(folder, "files")
        for place in [root, stage / "etc", stage / "notify"]:
            place.mkdir(parents=True)
        os.chmod(stage / "notify", 0o777)
        for name, text in files.items():
            path = Path(f"{stage}{name}")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        environment = {**environment, "ASSAY_SERVER__PORT": str(port), "PATH": "/usr/bin:/usr/sbin"}
        manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        if notify:
            manager.bind(str(stage / "notify/socket"))
            os.chmod(stage / "notify/socket", 0o777)
            manager.settimeout(START_SECONDS)
            environment["NOTIFY_SOCKET"] = "/notify/socket"
        log = open(Path(folder, "log"), "w+")
        started = time.monotonic()
        process = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", ROOM, "room", root, binary, stage, *writable, "--", *command],
            env=environment, stdout=log, stderr=log,
        )
        try:
            if notify:
                need(manager.recv(64) == b"READY=1", "it said something else than that it is ready")
            wait_until_ready(process, port)
            ready = time.monotonic() - started
            inside = [
                "nsenter", "-t", str(process.pid), "-m", "-r", "--", "setpriv", f"--reuid={USER}",
                f"--regid={USER}", "--clear-groups",
            ]
            if health:
                done = subprocess.run([*inside, *health], env=environment, capture_output=True, text=True)
                need(done.returncode == 0, f"the health check says {done.stdout}{done.stderr}")
            scraped = scrape(inside, environment, port)
            process.send_signal(signal.SIGTERM)
            if notify:
                need(manager.recv(64) == b"STOPPING=1", "it did not say that it stops")
            need(process.wait(45) == 0, f"it ended with code {process.returncode}")
            if health:
                done = subprocess.run([binary, "--data-dir", folder, "health"], capture_output=True)
                need(done.returncode == 1, "the health check says that a server runs where none does")
        except (Refused, subprocess.TimeoutExpired, TimeoutError) as error:
            log.seek(0)
            raise Refused(f"{error}\n{log.read()}") from error
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            log.close()
            manager.close()
    return f"ready after {ready:.1f} s, /metrics {scraped} bytes, stopped with code 0"


def wait_until_ready(process, port):
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        need(process.poll() is None, f"it ended with code {process.returncode}")
        try:
            status, _ = get(port, "/health/ready")
            if status == 200:
                need(get(port, "/health/live")[0] == 200, "it does not live")
                need(get(port, "/v1/tasks")[0] == 401, "it lets in who has no key")
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise Refused(f"it is not ready after {START_SECONDS} s")


def get(port, path, key=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers={"Authorization": f"Bearer {key}"} if key else {})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def scrape(inside, environment, port):
    """Makes the keys as docs/howto/deploy.md says, and scrapes with the one for Prometheus."""

    def assay(*words, key=None):
        with_key = {**environment, **({"ASSAY_API_KEY": key} if key else {})}
        command = [*inside, "/usr/local/bin/assay", "--json", *words]
        done = subprocess.run(command, env=with_key, capture_output=True, text=True)
        need(done.returncode == 0, f"assay {' '.join(words)}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    owner = assay("keys", "create", "laptop", "--bootstrap", "ada@example.org")["key"]
    metrics = assay("keys", "create", "prometheus", "--scope", "platform.read", key=owner)["key"]
    need(get(port, "/metrics")[0] == 401, "metrics are shown to everybody")
    status, body = get(port, "/metrics", metrics)
    need(status == 200 and b"assay_dependency_up" in body, f"/metrics answers {status}")
    need(get(port, "/v1/documents", metrics)[0] == 403, "the key for metrics reads documents")
    return len(body)


def boots(binary):
    """From each file: its command, its environment, the places that it says can be written."""
    text = (HERE / "systemd/assay.service").read_text()
    settings = unit_settings(text)
    environment = dict(value.split("=", 1) for value in settings["Environment"])
    need(settings["ProtectSystem"] == ["strict"], "the unit can write anywhere")
    writable = ["/var/lib/" + name for name in settings["StateDirectory"]] + ["/tmp"]
    files = {"/etc/assay/assay.toml": (HERE / "systemd/assay.toml").read_text()}
    command = settings["ExecStart"][0].split()
    yield "unit", boot(binary, command, environment, writable, files, notify=True)

    last = image((HERE / "docker/Dockerfile").read_text())
    command = json.loads(last["ENTRYPOINT"]) + json.loads(last["CMD"])
    health = json.loads(last["HEALTHCHECK"].split("CMD")[1])
    service = yaml.safe_load((HERE / "compose/compose.yaml").read_text())["services"]["assay"]
    environment = {**last["ENV"], **service["environment"]}
    writable = [volume.split(":")[1] for volume in service["volumes"]] + service["tmpfs"]
    need(last["VOLUME"] in writable, "the compose file does not mount the volume of the image")
    yield "image", boot(binary, command, environment, writable, {}, health=health)

    documents = list(render(HERE / "helm/assay", VALUES["the defaults"]))
    config = next(it["data"] for it in documents if it["kind"] == "ConfigMap")
    for document in documents:
        if document["kind"] != "StatefulSet":
            continue
        pod = document["spec"]["template"]["spec"]
        container = pod["containers"][0]
        places = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
        given = {entry["name"]: entry["value"] for entry in container["env"]}
        writable = [places["data"], places["tmp"]]
        command = json.loads(last["ENTRYPOINT"]) + container["args"]
        files = {f"{places['config']}/{name}": text for name, text in config.items()}
        yield "chart", boot(binary, command, {**last["ENV"], **given}, writable, files)


# --- all of it


def refuses(name, check, *given):
    """A check that cannot fail is none: this one has to."""
    try:
        check(*given)
    except Exception:
        return
    raise Refused(f"{name} was let through")


def self_test(binary):
    text = (HERE / "systemd/assay.service").read_text()
    if shutil.which("systemd-analyze"):
        misspelt = text.replace("PrivateTmp=", "PrivateTemp=")
        refuses("a unit with an unknown directive", unit, misspelt, binary)
        open_one = re.sub(r"(?m)^(DynamicUser|Protect|Private|Restrict|Capability|SystemCall).*$", "", text)
        refuses("a unit that is open", unit, open_one, binary)
    text = (HERE / "docker/Dockerfile").read_text()
    refuses("an image of root", dockerfile, text.replace("USER 65532:65532", "USER 0:0"))
    refuses("an image without a health check", dockerfile, re.sub(r"HEALTHCHECK[^\]]*\]", "", text))
    refuses("a Dockerfile that does not parse", dockerfile, text.replace("WORKDIR", "WORKPLACE"))
    text = (HERE / "compose/compose.yaml").read_text()
    refuses("a compose file with an unknown key", compose, text.replace("cap_drop", "drop_cap"))
    refuses("a compose file that mounts nothing", compose, text.replace("./rules.yml", "./no.yml"))
    for name, values in REFUSED_VALUES.items():
        refuses(name, chart, HERE / "helm/assay", values)
    with tempfile.TemporaryDirectory() as folder:
        broken = shutil.copytree(HERE / "helm/assay", Path(folder, "assay"))
        server = broken / "templates/server.yaml"
        server.write_text(server.read_text().replace("failureThreshold: 2", "failuresMax: 2"))
        refuses("a chart with an unknown field", chart, broken, {})
        server.write_text((HERE / "helm/assay/templates/server.yaml").read_text().replace("livenessProbe", "lifecycle"))
        refuses("a chart without a probe", chart, broken, {})


def written(binary, *args):
    """What a command of Assay writes."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [binary, "--data-dir", folder, *args], capture_output=True, text=True
        )
    need(done.returncode == 0, done.stderr)
    return done.stdout


def rules_are_current(binary):
    rules = written(binary, "alerts", "rules", "--prometheus")
    hint = "compose/rules.yml is not what `assay alerts rules --prometheus` writes"
    need((HERE / "compose/rules.yml").read_text() == rules, hint)
    return f"{rules.count('- alert:')} rules"


def dashboards_are_current(binary):
    """Their queries are asked of a real Prometheus by the tests of `assay drill alerts`."""

    def texts(folder):
        return {path.name: path.read_text() for path in Path(folder).glob("*.json")}

    with tempfile.TemporaryDirectory() as folder:
        written(binary, "dashboards", "export", folder)
        exported = texts(folder)
    kept = HERE / "compose/grafana/dashboards"
    need(exported and texts(kept) == exported, f"run: assay dashboards export {kept}")
    return f"{len(exported)} dashboards"


def main():
    binary = Path(sys.argv[1]).resolve()
    checks = [
        ("self-test", lambda: self_test(binary) or "what is broken is refused"),
        ("systemd", lambda: unit((HERE / "systemd/assay.service").read_text(), binary)),
        ("Dockerfile", lambda: dockerfile((HERE / "docker/Dockerfile").read_text())),
        ("compose", lambda: compose((HERE / "compose/compose.yaml").read_text())),
        ("alert rules", lambda: rules_are_current(binary)),
        ("prometheus", prometheus),
        ("dashboards", lambda: dashboards_are_current(binary)),
    ]
    for name, values in VALUES.items():
        checks.append((f"chart, {name}", lambda values=values: chart(HERE / "helm/assay", values)))
    failed = 0
    for name, check in checks:
        failed += tell(name, check)
    try:
        for name, outcome in boots(binary):
            tell(f"dry boot, {name}", lambda outcome=outcome: outcome)
    except Refused as error:
        failed += 1
        print(f"packaging: dry boot: FAILED: {error}")
    return 1 if failed else 0


def tell(name, check):
    try:
        print(f"packaging: {name}: {check()}", flush=True)
        return 0
    except Exception as error:
        print(f"packaging: {name}: FAILED: {error}", flush=True)
        return 1


if __name__ == "__main__":
    sys.exit(main())
