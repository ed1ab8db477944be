"""Sets up a whole deployment on this machine, proves what can be proved of it, and says what is left.

Two servers behind HAProxy with a certificate of an authority made on the spot, a rollout from one to the
other, backups, encryption, budgets, a provider of models, and, as they ship, the alert rules in Debian's
Prometheus with Alertmanager and a prober. Then the drills, then `assay ready check`.

Usage: walk.py ASSAY [--drills all|none|NAME,NAME] [--allow low|high] [--profile NAME]
                     [--models DIR] [--keep DIR] [--seconds N] [--ci FILE]

Everything listens on free ports of the loopback address and is ended with this process.
"""

import argparse
import contextlib
import datetime
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

import peers

ROOT = Path(__file__).parents[2]
TOOLS = {"prometheus": "prometheus", "prometheus-alertmanager": "prometheus-alertmanager",
         "prometheus-blackbox-exporter": "prometheus-blackbox-exporter", "haproxy": "haproxy",
         "openssl": "openssl"}
# Longest that a process may take to answer.
READY = 120
# What users do before the deployment is examined: 299 tries without a failure show that a share is at
# most 1 %, 59 that it is at most 5 % (exact, 95 %).
FILES, QUESTIONS, SEARCHES, CALLS, CITATIONS = 420, 320, 320, 320, 70
TODAY = datetime.date.today().isoformat()
# What differs between the two servers because they stand beside each other.
BESIDE = ["data_dir", "server.port", "log.file", "backup.to"]
NAMES = ["Oslo", "Bergen", "Turin", "Lyon", "Graz", "Porto", "Ghent", "Basel"]


def main():
    args = arguments()
    missing = [package for tool, package in TOOLS.items() if not found(tool)]
    if missing:
        sys.exit(f"missing: apt-get install {' '.join(missing)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGALRM, lambda *_: sys.exit(f"ended after {args.seconds} s"))
    signal.alarm(args.seconds)
    with contextlib.ExitStack() as stack:
        work = args.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="assay-walk-")))
        work.mkdir(parents=True, exist_ok=True)
        Walk(stack, work.resolve(), args).run()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("assay", type=Path)
    parser.add_argument("--drills", default="all", help="all, none, or names separated by commas")
    parser.add_argument("--allow", default="high", choices=["low", "high"], help="how much load")
    parser.add_argument("--profile", default="prod")
    parser.add_argument("--models", type=Path, default=Path.home() / ".cache/assay/models")
    parser.add_argument("--keep", type=Path, help="folder that stays, with logs, data and the run")
    parser.add_argument("--ci", type=Path, help="evidence/ci.json of the build, as `make evidence` writes it")
    parser.add_argument("--seconds", type=int, default=3600, help="longest that all may take")
    return parser.parse_args()


def found(tool):
    # Proxies are not in everybody's path.
    folders = [*os.environ["PATH"].split(os.pathsep), "/usr/sbin"]
    return next((path for path in (Path(it) / tool for it in folders) if path.is_file()), None)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def say(text):
    print(text, flush=True)


class Walk:
    def __init__(self, stack, work, args):
        self.stack, self.work, self.args = stack, work, args
        self.assay = args.assay.resolve()
        self.key = ""
        self.begun = time.monotonic()
        os.environ["WALK_PROVIDER_KEY"] = "walk"

    def run(self):
        self.provider, self.alerts, self.traces = peers.Provider(), peers.Alerts(), peers.Traces()
        self.certify()
        self.configure()
        self.serve()
        self.balance()
        self.use()
        self.papers()
        self.roll_out()
        self.watch()
        self.day()
        self.drill()
        self.deliver()
        run = self.examine()
        report(run, time.monotonic() - self.begun)

    # What it stands on.

    def tell(self, what):
        say(f"{time.monotonic() - self.begun:6.0f} s  {what}")

    def file(self, name, text, mode=0o600):
        path = self.work / name
        path.write_text(text)
        path.chmod(mode)
        return path

    def start(self, name, *command):
        """A process that ends with this one; its output goes into a file."""
        log = self.stack.enter_context(open(self.work / f"{name}.log", "ab"))
        # Not the key of whoever walks.
        usual = {key: value for key, value in os.environ.items() if not key.startswith("ASSAY_")}
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=usual)
        self.stack.callback(end, process)
        return process

    def run_assay(self, *words, check=True, **more):
        """A command of Assay on the deployment."""
        command = [self.assay, *words, "--config", self.config["green"], "--data-dir", self.data["green"]]
        environment = {**os.environ, "ASSAY_API_KEY": self.key, **more.pop("env", {})}
        done = subprocess.run(command, env=environment, text=True, stdout=subprocess.PIPE, cwd=self.work,
                              stdin=more.pop("stdin", subprocess.DEVNULL), **more)
        if check and done.returncode:
            sys.exit(f"assay {' '.join(map(str, words))} ended with {done.returncode}:\n{done.stdout}")
        return done

    def ask(self, path, body=None, kind="application/json", url=None):
        """A request of a user, by the address that users have."""
        headers = {"authorization": f"Bearer {self.key}", "content-type": kind}
        request = urllib.request.Request((url or self.url) + path, body, headers)
        with urllib.request.urlopen(request, timeout=60, context=self.tls) as answer:
            return json.load(answer)

    def until(self, url, seconds=READY, good=lambda answer: answer.status == 200):
        end = time.monotonic() + seconds
        while True:
            with contextlib.suppress(OSError):
                with urllib.request.urlopen(url, timeout=5, context=self.tls) as answer:
                    if good(answer):
                        return
            if time.monotonic() > end:
                sys.exit(f"{url} does not answer within {seconds} s: see the logs in {self.work}")
            time.sleep(0.1)

    # The deployment.

    def certify(self):
        """An authority, and a certificate of it for this machine that is good for 90 days."""
        def openssl(*words):
            subprocess.run(["openssl", *words], check=True, cwd=self.work, capture_output=True)

        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        openssl("req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.pem", "-days", "365",
                "-subj", "/CN=Authority of the walk")
        openssl("req", *curve, "-keyout", "tls.key", "-out", "tls.csr", "-subj", "/CN=localhost")
        self.file("tls.ext", "subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n")
        openssl("x509", "-req", "-in", "tls.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                "-out", "tls.pem", "-days", "90", "-extfile", "tls.ext")
        pem = (self.work / "tls.pem").read_text() + (self.work / "tls.key").read_text()
        self.file("front.pem", pem)
        self.tls = ssl.create_default_context(cafile=self.work / "ca.pem")

    def configure(self):
        """Both servers: what docs/howto/deploy.md and the guides tell who runs one to set."""
        for name in ["root.key", "backup.key"]:
            key = subprocess.run(["openssl", "rand", "-base64", "32"], check=True, capture_output=True)
            self.file(name, key.stdout.decode(), 0o400)
        self.front, self.plain = free_port(), free_port()
        self.url = f"https://localhost:{self.front}"
        self.port, self.data, self.config = {}, {}, {}
        for name in ["blue", "green"]:
            self.port[name], self.data[name] = free_port(), self.work / name
            self.config[name] = self.file(f"{name}.toml", self.settings(name))

    def settings(self, name):
        system = (ROOT / "packaging/systemd/assay.toml").read_text()
        budgets = system[system.index("[[ledger.budgets]]"):]
        # The walk makes in minutes what a user does in a day.
        budgets = budgets.replace("limit_calls = 10\n", "limit_calls = 6000\n")
        return f"""
models_dir = "{self.args.models}"

[server]
host = "127.0.0.1"
port = {self.port[name]}

# The checks ask thousands of times.
[server.rates]
client_per_minute = 60000
client_burst = 2000
tenant_per_minute = 120000

[auth]
mode = "required"
public_url = "{self.url}"

[log]
format = "json"
file = "{self.work}/{name}-log/assay.log"
keep_days = 90

[encryption]
root_key_file = "{self.work}/root.key"

[backup]
to = "{self.work}/{name}-backup"
key_file = "{self.work}/backup.key"

# Where it runs, who answers for it, and who sees to which secret.
[deployment]
provider = "this machine"
region = "loopback"
registry = "none"
owner = "walk@example.org"
urls = ["{self.url}/docs"]

[deployment.secrets]
"telemetry.receivers.0.url" = {{ owner = "walk@example.org", since = "{TODAY}", days = 31 }}

[ledger]
machine_usd_per_month = "20"

# Personal data does not leave: a provider gets stand-ins.
[guard.actions]
pii = "redact"
secret = "redact"

[guard.places.request.actions]
pii = "pseudonymise"

# A model that writes: the scripted provider.
[writer]
model = "plain/plain"

[gateway.providers.plain]
base_url = "{self.provider.url}/v1"
api_key_env = "WALK_PROVIDER_KEY"
models = ["plain"]

[[ledger.prices]]
provider = "plain"
model = "plain"
input = "1"
output = "2"

[telemetry.traces]
endpoint = "{self.traces.url}"

[[telemetry.receivers]]
name = "on-call"
url = "{self.alerts.url}/assay"
severity = "warning"

# For all together; who owns it is written down elsewhere.
[[ledger.budgets]]
name = "month"
limit_usd = "50"
window = "month"

{budgets}"""

    def serve(self):
        """The old version, and the new one on a copy of its data."""
        boot = [self.assay, "keys", "create", "--bootstrap", "walk@example.org", "--json",
                "--config", self.config["blue"], "--data-dir", self.data["blue"]]
        made = subprocess.run(boot, check=True, stdout=subprocess.PIPE, text=True)
        self.key = json.loads(made.stdout.splitlines()[-1])["key"]
        subprocess.run(["cp", "-a", self.data["blue"], self.data["green"]], check=True)
        self.server = {}
        for name in ["blue", "green"]:
            (self.work / f"{name}-log").mkdir(exist_ok=True)
            self.server[name] = self.start(name, self.assay, "serve", "--config", self.config[name],
                                           "--data-dir", self.data[name])
        for name in ["blue", "green"]:
            self.until(f"http://127.0.0.1:{self.port[name]}/health/ready")
        self.tell("two servers are ready")

    def balance(self):
        """HAProxy speaks TLS to users and splits what they ask."""
        self.socket = self.work / "haproxy.sock"
        self.file("haproxy.cfg", f"""
global
  stats socket {self.socket} level admin
  maxconn 2000
  ssl-default-bind-options ssl-min-ver TLSv1.2
defaults
  mode http
  timeout connect 5s
  timeout client 120s
  timeout server 120s
frontend users
  bind 127.0.0.1:{self.front} ssl crt {self.work}/front.pem alpn http/1.1
  http-response set-header strict-transport-security max-age=31536000
  default_backend assay
frontend inside
  bind 127.0.0.1:{self.plain}
  default_backend assay
backend assay
  balance roundrobin
  http-request set-header x-forwarded-proto https
  server blue 127.0.0.1:{self.port["blue"]} weight 100
  server green 127.0.0.1:{self.port["green"]} weight 0
""")
        self.start("haproxy", found("haproxy"), "-W", "-db", "-f", self.work / "haproxy.cfg")
        self.until(f"{self.url}/health/live")

    def use(self):
        """Files of users; on both, because each has records of its own."""
        for name in ["blue", "green"]:
            for number in range(FILES):
                self.upload(name, number)
        for name in ["blue", "green"]:
            self.idle(f"http://127.0.0.1:{self.port[name]}")
        self.tell(f"{FILES} files are taken in")

    def papers(self):
        """The pages of the deployment with its boards, and what is looked at beside it."""
        self.docs = self.work / "site/docs"
        shutil.copytree(ROOT / "docs", self.docs)
        # Pages lead to files beside them.
        for path in ROOT.iterdir():
            if path.name != "docs":
                (self.docs.parent / path.name).symlink_to(path)
        self.run_assay("dashboards", "export", self.docs / "dashboards")
        unit = (ROOT / "packaging/systemd/assay.service").read_text()
        unit = self.file("assay.service", unit.replace("/usr/local/bin/assay", str(self.assay)))
        self.run_assay("ready", "evidence", "descriptor", unit, check=False)
        # The old server, which is as the new one is to be, stands for staging.
        explained = [word for key in BESIDE for word in ["--explained", f"{key}=both are on one machine"]]
        staging = {"env": {"ASSAY_STAGING_API_KEY": self.key}}
        done = self.run_assay("ready", "evidence", "staging", "--staging",
                              f"http://127.0.0.1:{self.port['blue']}", *explained, check=False, **staging)
        say("".join(f"          {text}\n" for text in done.stdout.splitlines()[-3:]).rstrip())
        if self.args.ci:
            folder = self.data["green"] / "ready/evidence"
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(self.args.ci, folder / "ci.json")
        self.tell("pages and evidence are in place")

    def upload(self, name, number):
        place, mark = NAMES[number % len(NAMES)], "walk"
        text = (f"# Report {number}\n\nTrial {number} took place in {place}. It cost {number * 7} euros "
                f"and was led by team {number % 5}.\n")
        form = (f'--{mark}\r\ncontent-disposition: form-data; name="file"; filename="report-{number}.md"'
                f"\r\ncontent-type: text/markdown\r\n\r\n{text}\r\n--{mark}--\r\n")
        self.ask("/documents/upload", form.encode(), f"multipart/form-data; boundary={mark}",
                 f"http://127.0.0.1:{self.port[name]}")

    def idle(self, url):
        end = time.monotonic() + READY
        while any(self.ask(f"/v1/tasks?state={state}&limit=1", url=url)["tasks"]
                  for state in ["ready", "running"]):
            if time.monotonic() > end:
                sys.exit("files are not taken in")
            time.sleep(0.2)

    def day(self):
        """What users ask in a day, in a minute."""
        def post(path, body):
            self.ask(path, json.dumps(body).encode())

        asked = "Where did trial {} take place?"
        for number in range(QUESTIONS):
            post("/query", {"query": asked.format(number % FILES)})
        for number in range(SEARCHES):
            post("/search", {"query": f"trial {number} euros", "limit": 10})
        for number in range(CALLS):
            said = [{"role": "user", "content": f"hello {number}"}]
            post("/v1/chat/completions", {"model": "plain/plain", "messages": said})
        for number in range(CITATIONS):
            place = NAMES[number % len(NAMES)]
            text = f"Trial {number} took place in {place}."
            post("/citations/process", {"text": text, "sources": [{"content": f"The report: {text}"}]})
        total = QUESTIONS + SEARCHES + CALLS + CITATIONS
        self.tell(f"{total} requests of users were answered")

    @contextlib.contextmanager
    def traffic(self, clients):
        """Users who ask all the time, on connections of their own."""
        over, lost = threading.Event(), []

        def client(number):
            while not over.is_set():
                try:
                    self.ask("/v1/collections")
                except OSError as error:
                    lost.append(str(error))

        threads = [threading.Thread(target=client, args=(it,), daemon=True) for it in range(clients)]
        for thread in threads:
            thread.start()
        try:
            yield lost
        finally:
            over.set()
            for thread in threads:
                thread.join()

    def roll_out(self):
        """All traffic from blue to green, in steps of seconds. What asks for holds of hours stays open."""
        plan = self.file("rollout.toml", f"""
stable = "http://127.0.0.1:{self.port["blue"]}"
canary = "http://127.0.0.1:{self.port["green"]}"
front = "http://127.0.0.1:{self.plain}"
every_seconds = 1
[router]
kind = "haproxy"
socket = "{self.socket}"
backend = "assay"
stable = "blue"
canary = "green"
[limits]
# Both share the processors of one machine.
slower = 20.0
""" + "".join(f"[[step]]\npercent = {percent}\nhold_seconds = 5\nsample = 600\n"
              for percent in [5, 20, 50, 100]))
        with self.traffic(6) as lost:
            done = self.run_assay("rollout", "run", plan, check=False)
        say("".join(f"          {text}\n" for text in done.stdout.splitlines()[-3:]).rstrip())
        if done.returncode:
            sys.exit(f"the rollout did not arrive; {len(lost)} requests without an answer")
        end(self.server["blue"])
        self.tell(f"the rollout arrived; {len(lost)} requests without an answer")

    def watch(self):
        """Prometheus with the rules and the retention that ship, Alertmanager, and a prober."""
        manager, prober, prometheus = free_port(), free_port(), free_port()
        self.manager, self.prometheus = f"http://127.0.0.1:{manager}", f"http://127.0.0.1:{prometheus}"
        # The key that Prometheus shows may read numbers and nothing else.
        made = self.run_assay("keys", "create", "prometheus", "--scope", "platform.read", "--json")
        self.file("metrics_key", json.loads(made.stdout.splitlines()[-1])["key"])
        self.file("rules.yml", self.run_assay("alerts", "rules", "--prometheus").stdout)
        self.file("prober.yml", f"""
modules:
  http_2xx:
    prober: http
    timeout: 4s
    http: {{ tls_config: {{ ca_file: "{self.work}/ca.pem" }}, preferred_ip_protocol: ip4 }}
""")
        self.file("alertmanager.yml", f"""
route:
  receiver: on-call
  group_wait: 1s
  group_interval: 5s
  routes:
    - matchers: [alertname = "Watchdog"]
      receiver: dead-mans-switch
      repeat_interval: 1m
receivers:
  - name: on-call
    webhook_configs: [{{ url: "{self.alerts.url}/alertmanager" }}]
  - name: dead-mans-switch
    webhook_configs: [{{ url: "{self.alerts.url}/watchdog" }}]
""")
        self.file("prometheus.yml", f"""
global: {{ scrape_interval: 5s, evaluation_interval: 5s }}
rule_files: [rules.yml]
alerting: {{ alertmanagers: [{{ static_configs: [{{ targets: ["127.0.0.1:{manager}"] }}] }}] }}
scrape_configs:
  - job_name: assay
    authorization: {{ credentials_file: metrics_key }}
    static_configs: [{{ targets: ["127.0.0.1:{self.port["green"]}"] }}]
  - job_name: assay-outside
    metrics_path: /probe
    params: {{ module: [http_2xx] }}
    static_configs: [{{ targets: ["{self.url}/health/live"] }}]
    relabel_configs:
      - {{ source_labels: [__address__], target_label: __param_target }}
      - {{ source_labels: [__param_target], target_label: instance }}
      - {{ target_label: __address__, replacement: "127.0.0.1:{prober}" }}
  - job_name: otel-receiver
    static_configs: [{{ targets: ["{self.traces.address}"] }}]
  - job_name: prometheus
    static_configs: [{{ targets: ["127.0.0.1:{prometheus}"] }}]
  - job_name: alertmanager
    static_configs: [{{ targets: ["127.0.0.1:{manager}"] }}]
""")
        self.start("prober", "prometheus-blackbox-exporter", f"--config.file={self.work}/prober.yml",
                   f"--web.listen-address=127.0.0.1:{prober}")
        self.start("alertmanager", "prometheus-alertmanager", f"--config.file={self.work}/alertmanager.yml",
                   f"--storage.path={self.work}/alertmanager", f"--web.listen-address=127.0.0.1:{manager}",
                   "--cluster.listen-address=")
        self.start("prometheus", "prometheus", f"--config.file={self.work}/prometheus.yml",
                   f"--storage.tsdb.path={self.work}/prometheus", "--storage.tsdb.retention.time=30d",
                   f"--web.listen-address=127.0.0.1:{prometheus}")
        for url in [self.manager, self.prometheus]:
            self.until(f"{url}/-/ready")
        self.until(f"{self.prometheus}/api/v1/query?query=probe_success%3D%3D1",
                   good=lambda answer: json.load(answer)["data"]["result"])
        self.tell("Prometheus, Alertmanager and the prober watch it")

    # The proof.

    def drill(self):
        if self.args.drills == "none":
            return
        only = [] if self.args.drills == "all" else ["--only", self.args.drills]
        done = self.run_assay("drill", "all", "--allow", self.args.allow, *only, check=False)
        say("".join(f"          {text}\n" for text in done.stdout.splitlines()).rstrip())
        self.tell("the drills are over")
        # What a load broke open closes again by itself.
        self.until(f"http://127.0.0.1:{self.port['green']}/health/ready",
                   good=lambda answer: json.load(answer)["status"] == "ready")

    def deliver(self):
        """A test alert by both ways; the receiver stands for the person who reads it."""
        command = [self.assay, "drill", "delivery", "--seconds", "60", "--alertmanager", self.manager,
                   "--config", self.config["green"], "--data-dir", self.data["green"]]
        drill = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.stack.callback(end, drill)
        codes = self.alerts.read(2, 55)
        said, _ = drill.communicate("".join(f"{code}\n" for code in codes))
        say("".join(f"          {text}\n" for text in said.splitlines()).rstrip())

    def examine(self):
        out = self.work / "run.json"
        self.run_assay("ready", "check", "--profile", self.args.profile, "--url", self.url,
                       "--ca", self.work / "ca.pem", "--prometheus", self.prometheus,
                       "--traces", self.traces.url, "--docs", self.docs,
                       "--format", "json", "--out", out, check=False)
        if not out.is_file():
            sys.exit("`assay ready check` left no run")
        self.tell("examined")
        return json.loads(out.read_text())


def end(process):
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(45)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def report(run, seconds):
    """What was decided, what applies, and what is left, with its reason."""
    decided = ["pass", "fail", "waived", "attested"]
    applies = [it for it in run["outcomes"] if it["verdict"] != "not_applicable"]
    # A check whose main way is the word of a person needs one.
    alone = [it for it in applies if it["class"][0] != "attested"]
    count = {name: sum(it["verdict"] in decided for it in checks)
             for name, checks in [("all", applies), ("alone", alone)]}
    say(f"\n{run['headline']}\n")
    for title, verdicts in [("failed", ["fail"]), ("broke", ["error"]), ("stale", ["stale"])]:
        for it in applies:
            if it["verdict"] in verdicts:
                say(f"{title:<10} {it['id']} {it['title']}: {it['says']} {it.get('need', '')}".rstrip())
    say("\nnot decided:")
    for it in applies:
        if it["verdict"] == "inconclusive":
            person = " (a person)" if it["class"][0] == "attested" else ""
            say(f"  {it['id']}{person} {it['title']}: {it.get('need') or it['says']}")
    say(f"\ndecided {count['all']} of {len(applies)} that apply, of {len(run['outcomes'])}")
    say(f"of those that need no person {count['alone']} of {len(alone)}, in {seconds:.0f} s")


if __name__ == "__main__":
    main()
