// Calls to the server. Failures are ApiError with what the server said; a call that finds the login
// ended waits until somebody has signed in again and is then made once more, so that nothing that
// was under way is lost.
import type { components } from "./schema";

export type Schemas = components["schemas"];

/** What went wrong, in the words of the server where it said something. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly hint?: string,
    readonly requestId?: string,
  ) {
    super(message);
  }

  /** Whether the server did not answer at all. */
  get isOffline(): boolean {
    return this.status === 0;
  }
}

interface Wanted {
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  form?: FormData;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

const CSRF = "assay.csrf";
const TENANT = "assay.tenant";
/** Waits of the server longer than this are told to the person instead. */
const WAIT_MAX_SECONDS = 20;

/** Told when the server asked for a pause, with its seconds. */
export const WAITING = "assay:waiting";

let onSignedOut: (() => Promise<void>) | undefined;

/** Says who asks the person to sign in again; the promise ends when that is done. */
export function whenSignedOut(ask: () => Promise<void>): void {
  onSignedOut = ask;
}

export function keepLogin(login: Schemas["LoginResponse"] | undefined): void {
  if (login) localStorage.setItem(CSRF, login.csrf_token);
  else localStorage.removeItem(CSRF);
}

export function chosenTenant(): string {
  return localStorage.getItem(TENANT) ?? "";
}

export function chooseTenant(name: string): void {
  if (name) localStorage.setItem(TENANT, name);
  else localStorage.removeItem(TENANT);
}

/** Gets the next pair of tokens; pages of one browser take turns, because a token is good once. */
async function refresh(before: string | null): Promise<boolean> {
  return navigator.locks.request("assay.refresh", async () => {
    if (localStorage.getItem(CSRF) !== before) return true;
    const answer = await fetch("/v1/login/refresh", { method: "POST" }).catch(() => undefined);
    if (!answer?.ok) return false;
    keepLogin((await answer.json()) as Schemas["LoginResponse"]);
    return true;
  });
}

function address(path: string, query: Wanted["query"]): string {
  const given = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== "");
  if (given.length === 0) return path;
  return `${path}?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}

function once(method: string, path: string, wanted: Wanted): Promise<Response> {
  const headers = new Headers(wanted.headers);
  const proof = localStorage.getItem(CSRF);
  if (proof) headers.set("x-csrf-token", proof);
  if (chosenTenant()) headers.set("x-tenant-id", chosenTenant());
  if (wanted.body !== undefined) headers.set("content-type", "application/json");
  return fetch(address(path, wanted.query), {
    method,
    headers,
    body: wanted.form ?? (wanted.body === undefined ? undefined : JSON.stringify(wanted.body)),
    signal: wanted.signal,
  });
}

async function failure(response: Response): Promise<ApiError> {
  const id = response.headers.get("x-request-id") ?? undefined;
  try {
    const { error } = (await response.json()) as Schemas["ErrorBody"];
    return new ApiError(response.status, error.code, error.message, error.hint ?? undefined, error.request_id ?? id);
  } catch {
    return new ApiError(response.status, "internal", response.statusText || String(response.status), undefined, id);
  }
}

const pause = (seconds: number) => new Promise((done) => setTimeout(done, seconds * 1000));

/** A call whose answer may be read as it comes. */
export async function open(method: string, path: string, wanted: Wanted = {}): Promise<Response> {
  for (let attempt = 0; ; attempt += 1) {
    const proof = localStorage.getItem(CSRF);
    let response: Response;
    try {
      response = await once(method, path, wanted);
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      throw new ApiError(0, "offline", "the server does not answer");
    }
    if (response.ok) return response;
    if (response.status === 401 && attempt < 3 && path !== "/v1/login" && onSignedOut) {
      if (attempt === 0 && (await refresh(proof))) continue;
      await onSignedOut();
      continue;
    }
    const wait = Number(response.headers.get("retry-after") ?? Number.NaN);
    if (response.status === 429 && attempt < 3 && wait <= WAIT_MAX_SECONDS) {
      const seconds = Math.max(1, wait);
      dispatchEvent(new CustomEvent<number>(WAITING, { detail: seconds }));
      await pause(seconds);
      continue;
    }
    throw await failure(response);
  }
}

/** A call with an answer in JSON, or none. */
export async function call<T>(method: string, path: string, wanted: Wanted = {}): Promise<T> {
  const response = await open(method, path, wanted);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

export const get = <T>(path: string, query?: Wanted["query"], signal?: AbortSignal): Promise<T> =>
  call<T>("GET", path, { query, signal });

export const post = <T>(path: string, body: unknown): Promise<T> => call<T>("POST", path, { body });

/** One more login for the pages of this browser; whoever was signed in is signed out of them. */
export async function logIn(user: string, password: string): Promise<void> {
  keepLogin(await post<Schemas["LoginResponse"]>("/v1/login", { user, password }));
}

export async function logOut(): Promise<void> {
  await call("DELETE", "/v1/login");
  keepLogin(undefined);
  chooseTenant("");
}
