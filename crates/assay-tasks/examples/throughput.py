"""No-op tasks in Assay's engine and in Celery with Redis, in turn on the same machine.

    pip install 'celery[redis]' packaging; apt-get install redis-server
    python3 throughput.py BINARY_OF_THE_EXAMPLE FOLDER [REDIS_SERVER] [ROUNDS]

Assay writes every change to disk before it goes on; Redis writes nothing (`--save ""`), which is the
faster of its settings and keeps nothing over a power cut. Celery runs two processes, keeps results in
Redis and leaves gossip, mingle and heartbeat out.
"""

import json
import os
import pathlib
import subprocess
import sys
import threading
import time

PORT = 6397
TASKS = 3_000
PRODUCERS = 2
RATE, SECONDS = 100, 10

try:
    from celery import Celery
except ImportError:
    sys.exit("celery is not installed: pip install 'celery[redis]' packaging")

app = Celery("throughput", broker=f"redis://127.0.0.1:{PORT}/0", backend=f"redis://127.0.0.1:{PORT}/1")
app.conf.update(worker_prefetch_multiplier=4, broker_connection_retry_on_startup=True)


@app.task
def nothing(made):
    return time.time() - made


def p95(values):
    return round(sorted(values)[len(values) * 95 // 100] * 1e3, 2)


def resident_mib(pid):
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    own = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    return own // 1024 + sum(resident_mib(child) for child in children)


def celery_round(redis):
    worker = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "throughput", "worker", "-c", "2", "-P", "prefork",
         "--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "ERROR"],
        cwd=pathlib.Path(__file__).parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        nothing.delay(time.time()).get(timeout=60)
        waiting, took = [], []

        def produce():
            for _ in range(TASKS // PRODUCERS):
                asked = time.perf_counter()
                waiting.append(nothing.delay(time.time()))
                took.append(time.perf_counter() - asked)

        start = time.perf_counter()
        producers = [threading.Thread(target=produce) for _ in range(PRODUCERS)]
        for producer in producers:
            producer.start()
        for producer in producers:
            producer.join()
        for result in waiting:
            result.get(timeout=300)
        rate = len(waiting) / (time.perf_counter() - start)
        steady, asked_steady, start = [], [], time.perf_counter()
        for number in range(RATE * SECONDS):
            time.sleep(max(0, start + number / RATE - time.perf_counter()))
            asked = time.perf_counter()
            steady.append(nothing.delay(time.time()))
            asked_steady.append(time.perf_counter() - asked)
        waits = [result.get(timeout=300) for result in steady]
        return {"tasks": len(waiting), "per_second": round(rate),
                "enqueue_p95_ms_at_full_speed": p95(took), "enqueue_p95_ms_at_100": p95(asked_steady),
                "queue_p95_ms_at_100": p95(waits),
                "resident_mib": resident_mib(worker.pid) + resident_mib(redis.pid)}
    finally:
        worker.terminate()
        worker.wait()


def main(binary, folder, redis_server="redis-server", rounds="3"):
    redis = subprocess.Popen(
        [redis_server, "--port", str(PORT), "--bind", "127.0.0.1", "--dir", folder,
         "--save", "", "--appendonly", "no"], stdout=subprocess.DEVNULL)
    try:
        for number in range(1, int(rounds) + 1):
            load = f"load {os.getloadavg()[0]:.1f}"
            assay = json.loads(subprocess.check_output([binary, folder]))
            celery = celery_round(redis)
            ratio = assay["per_second"] / celery["per_second"]
            print(f"round {number}, {load}: {ratio:.1f} times the tasks a second")
            print("  assay ", json.dumps(assay))
            print("  celery", json.dumps(celery), flush=True)
    finally:
        redis.terminate()
        redis.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
