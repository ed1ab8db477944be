// Files on their way to the server and into the search: a queue that outlives the page that shows it.
import { useSyncExternalStore } from "react";
import { type ApiError, call, get, type Schemas } from "../../api/client";
import type { Job } from "../../api/types";
import { asApiError } from "../../app/use";
import { NAME_BYTES_MAX, SOURCE_BYTES_MAX, fitting } from "./names";

/** A file and how far it is. */
export interface Upload {
  key: number;
  name: string;
  /** Whether its name is too long to be kept whole. */
  isLong: boolean;
  /** Where it lay in the folder that was dropped. */
  source: string;
  size: number;
  state: "waiting" | "sending" | "working" | "done" | "unchanged" | "failed";
  /** What is being done with it, such as `embedding`. */
  step?: string;
  done?: number;
  total?: number;
  document?: string;
  job?: string;
  error?: ApiError;
  reason?: string;
  hint?: string;
}

/** Files sent at once: more would wait in the server. */
const SENDING_MAX = 3;
/** Jobs of the list that is asked for in a round: one request for all, because requests are counted. */
const LISTED = 500;
/** Jobs that the list no longer holds, asked for one by one in a round. */
const ASKED_MAX = 2;
const ROUND_MS = 1500;

class Uploads {
  private list: readonly Upload[] = [];
  private readonly files = new Map<number, { file: File; collection: string }>();
  private readonly listeners = new Set<() => void>();
  private next = 0;
  private sending = 0;
  private isWatching = false;

  subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  snapshot = () => this.list;

  add(files: { file: File; path: string }[], collection: string): void {
    const added = files.map(({ file, path }): Upload => {
      const key = (this.next += 1);
      this.files.set(key, { file, collection });
      const name = fitting(file.name, NAME_BYTES_MAX);
      return { key, name, isLong: name !== file.name, source: fitting(path, SOURCE_BYTES_MAX), size: file.size, state: "waiting" };
    });
    this.set([...added, ...this.list]);
    this.fill();
  }

  retry(key: number): void {
    const upload = this.list.find((other) => other.key === key);
    if (!upload) return;
    if (upload.job) {
      this.change(key, { state: "working", reason: undefined, error: undefined });
      call("POST", `/v1/jobs/${upload.job}/retry`)
        .then(() => this.watch())
        .catch((error: unknown) => this.change(key, { state: "failed", error: asApiError(error) }));
    } else {
      this.change(key, { state: "waiting", error: undefined });
      this.fill();
    }
  }

  forgetDone(): void {
    this.set(this.list.filter((upload) => upload.state !== "done" && upload.state !== "unchanged"));
  }

  private fill(): void {
    while (this.sending < SENDING_MAX) {
      const upload = this.list.findLast((other) => other.state === "waiting");
      if (!upload) return;
      this.sending += 1;
      this.change(upload.key, { state: "sending" });
      void this.send(upload).finally(() => {
        this.sending -= 1;
        this.fill();
      });
    }
  }

  private async send(upload: Upload): Promise<void> {
    const kept = this.files.get(upload.key);
    if (!kept) return;
    const form = new FormData();
    if (kept.collection) form.set("collection", kept.collection);
    form.set("source", upload.source);
    form.set("file", kept.file, upload.name);
    try {
      const taken = await call<Schemas["UploadResponse"]>("POST", "/documents/upload", { form });
      this.files.delete(upload.key);
      const job = taken.job_id ?? undefined;
      this.change(upload.key, { state: job ? "working" : "unchanged", document: taken.document_id, job });
      if (job) this.watch();
    } catch (error) {
      this.change(upload.key, { state: "failed", error: asApiError(error) });
    }
  }

  private watch(): void {
    if (this.isWatching) return;
    this.isWatching = true;
    void this.follow().finally(() => {
      this.isWatching = false;
    });
  }

  /** Asks how far the jobs are, round by round, until all have ended. */
  private async follow(): Promise<void> {
    for (;;) {
      const working = this.list.filter((upload) => upload.state === "working" && upload.job);
      if (working.length === 0) return;
      const page = await get<{ jobs: Job[] }>("/v1/jobs", { kind: "ingest", limit: LISTED }).catch(() => undefined);
      const known = new Map((page?.jobs ?? []).map((job) => [job.id, job]));
      const unlisted = working.filter(({ job }) => page && !known.has(job ?? "")).slice(-ASKED_MAX);
      for (const { job } of unlisted) {
        const found = await get<Job>(`/v1/jobs/${job}`).catch(() => undefined);
        if (found) known.set(found.id, found);
      }
      // All at once: ten thousand files would copy the list ten thousand times.
      this.set(
        this.list.map((upload) => {
          const found = upload.state === "working" ? known.get(upload.job ?? "") : undefined;
          return found ? { ...upload, ...fromJob(found) } : upload;
        }),
      );
      await new Promise((done) => setTimeout(done, ROUND_MS));
    }
  }

  private change(key: number, change: Partial<Upload>): void {
    this.set(this.list.map((upload) => (upload.key === key ? { ...upload, ...change } : upload)));
  }

  private set(list: readonly Upload[]): void {
    this.list = list;
    for (const listener of this.listeners) listener();
  }
}

function fromJob(job: Job): Partial<Upload> {
  if (job.state === "done") return { state: "done" };
  if (job.state === "failed" || job.state === "cancelled") {
    return { state: "failed", reason: job.error ?? job.state, hint: job.hint ?? undefined };
  }
  return { step: job.step, done: job.progress?.done, total: job.progress?.total ?? undefined };
}

export const uploads = new Uploads();

export function useUploads(): readonly Upload[] {
  return useSyncExternalStore(uploads.subscribe, uploads.snapshot);
}

/** The files of a drop, folders opened, with their paths. */
export async function dropped(items: DataTransferItemList): Promise<{ file: File; path: string }[]> {
  // Items can be asked only until the event is over.
  const given = [...items].map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const found: { file: File; path: string }[] = [];
  for (const { entry, file } of given) {
    if (entry) await gather(entry, found);
    else if (file) found.push({ file, path: file.name });
  }
  return found;
}

async function gather(entry: FileSystemEntry, found: { file: File; path: string }[]): Promise<void> {
  // Hidden files inside folders are left out, as by the command line.
  if (entry.name.startsWith(".")) return;
  if (entry.isFile) {
    const file = await new Promise<File>((done, failed) => (entry as FileSystemFileEntry).file(done, failed));
    found.push({ file, path: entry.fullPath.replace(/^\//, "") });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((done, failed) => reader.readEntries(done, failed));
    if (part.length === 0) return;
    for (const inner of part) await gather(inner, found);
  }
}
