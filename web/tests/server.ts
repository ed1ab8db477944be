// A server of its own for a test, on a free port, with a data folder that goes when it ends.
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const BINARY = process.env.ASSAY_BIN ?? "assay";
/** Milliseconds that a start may take. */
const START_MAX = 60_000;

export class Server {
  private constructor(
    readonly url: string,
    readonly data: string,
    private readonly process: ChildProcess,
  ) {}

  static async start(environment: Record<string, string> = {}, prepare?: (data: string) => void): Promise<Server> {
    const data = mkdtempSync(join(tmpdir(), "assay-web-"));
    prepare?.(data);
    return Server.on(data, environment);
  }

  /** Starts one on a data folder that is there, on another port than before. */
  static async on(data: string, environment: Record<string, string> = {}): Promise<Server> {
    const told = join(data, "server.json");
    rmSync(told, { force: true });
    const child = spawn(BINARY, ["serve", "--data-dir", data, "--port", "0"], {
      cwd: data,
      env: { ...process.env, ...environment },
      stdio: "ignore",
    });
    for (const begun = Date.now(); Date.now() - begun < START_MAX; ) {
      if (existsSync(told)) {
        const { url } = JSON.parse(readFileSync(told, "utf8") || "{}") as { url?: string };
        const health = url && (await fetch(`${url}/health/ready`).catch(() => undefined));
        if (url && health && health.ok) return new Server(url, data, child);
      }
      await new Promise((done) => setTimeout(done, 100));
    }
    child.kill();
    throw new Error(`${BINARY} did not start in ${START_MAX} ms`);
  }

  /** Ends it at once, as a crash would. */
  kill(): void {
    this.process.kill("SIGKILL");
  }

  /** Carries out a command on its data folder; returns what it printed, whatever code it ended with. */
  command(...words: string[]): string {
    const done = spawnSync(BINARY, [...words, "--data-dir", this.data], { cwd: this.data, encoding: "utf8" });
    if (done.error) throw done.error;
    return done.stdout + done.stderr;
  }

  stop(): void {
    this.kill();
    rmSync(this.data, { recursive: true, force: true });
  }

  async call<T = unknown>(method: string, path: string, body?: unknown, key?: string): Promise<T> {
    const headers: Record<string, string> = { "content-type": "application/json" };
    if (key) headers.authorization = `Bearer ${key}`;
    const answer = await fetch(this.url + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return (text ? JSON.parse(text) : undefined) as T;
  }

  /** Takes a file in and waits until it is searchable. */
  async ingest(name: string, content: string | Uint8Array<ArrayBuffer>, key?: string): Promise<string> {
    const form = new FormData();
    form.set("source", name);
    form.set("file", new Blob([content]), name);
    const headers: Record<string, string> = key ? { authorization: `Bearer ${key}` } : {};
    const answer = await fetch(`${this.url}/documents/upload`, { method: "POST", body: form, headers });
    const taken = (await answer.json()) as { document_id: string; job_id: string };
    const job = await this.call<{ state: string }>("GET", `/v1/jobs/${taken.job_id}?wait_ms=30000`, undefined, key);
    if (job.state !== "done") throw new Error(`${name}: ${JSON.stringify(job)}`);
    return taken.document_id;
  }
}

/** The first owner of an installation and the key for it. */
export function bootstrap(data: string, user: string): string {
  const told = execFileSync(BINARY, ["keys", "create", "--bootstrap", user, "--data-dir", data, "--json"], { cwd: data, encoding: "utf8" });
  const line = told.trim().split("\n").at(-1) ?? "";
  return (JSON.parse(line) as { key: string }).key;
}

/** A PDF of one page for each text, a line each, with a font that every viewer has. */
export function pdf(pages: string[][]): Uint8Array<ArrayBuffer> {
  const objects: string[] = [];
  const first = 4;
  const kids = pages.map((_, at) => `${first + at * 2} 0 R`).join(" ");
  objects.push("<< /Type /Catalog /Pages 2 0 R >>", `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>");
  pages.forEach((lines, at) => {
    const shown = lines.map((line) => `(${line.replace(/[()\\]/g, "\\$&")}) Tj T*`).join("\n");
    const stream = `BT /F1 14 Tf 22 TL 60 760 Td\n${shown}\nET`;
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 842] /Resources << /Font << /F1 3 0 R >> >> /Contents ${first + at * 2 + 1} 0 R >>`,
      `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
    );
  });
  let text = "%PDF-1.4\n";
  const places = objects.map((object, at) => {
    const place = text.length;
    text += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return place;
  });
  const table = text.length;
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${places.map((place) => `${String(place).padStart(10, "0")} 00000 n \n`).join("")}`;
  text += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`;
  return new TextEncoder().encode(text);
}
