// A conversation: its questions and answers, kept while the page is open, also when another page is
// looked at meanwhile.
import { useSyncExternalStore } from "react";
import { ApiError, call, get, open, post } from "../../api/client";
import { events } from "../../api/events";
import type { Answer, Citation, Claim, Piece, Session, SessionDetail } from "../../api/types";
import type { Schemas } from "../../api/client";
import { asApiError } from "../../app/use";

/** A question and as much of its answer as is there. */
export interface Turn {
  key: string;
  question: string;
  /** `lost`: the connection ended before the answer did. `kept`: read back from the conversation. */
  state: "asking" | "done" | "kept" | "lost" | "failed" | "stopped";
  text: string;
  claims: Claim[];
  citations: (Citation | Schemas["SessionCitation"])[];
  answer?: Answer;
  /** The state of an answer that was read back. */
  keptState?: string;
  error?: ApiError;
  requestId?: string;
  documents?: string[];
  /** Its place in the conversation, where that was told. */
  number?: number;
  /** The answer is withheld from this reader. */
  isClosed?: boolean;
}

/** What a question is asked of. */
export interface Scope {
  collections: string[];
  documents?: string[];
}

/** Bytes of a title at most, as the server has it. */
const TITLE_MAX = 200;
/** Minutes for which a conversation can be taken up again: a week, the longest that there is. */
const TTL_MINUTES = 10_080;

type Listener = () => void;

export class Talk {
  turns: readonly Turn[] = [];
  session: string | undefined;
  private listeners = new Set<Listener>();
  private stopping: AbortController | undefined;

  subscribe = (listener: Listener): Listener => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  snapshot = (): readonly Turn[] => this.turns;

  get isAsking(): boolean {
    return this.turns.at(-1)?.state === "asking";
  }

  stop(): void {
    this.stopping?.abort();
  }

  /** Asks, and follows the answer as it comes. */
  async ask(question: string, scope: Scope): Promise<void> {
    const turn: Turn = {
      key: crypto.randomUUID(),
      question,
      state: "asking",
      text: "",
      claims: [],
      citations: [],
      documents: scope.documents,
    };
    this.set([...this.turns, turn]);
    this.stopping = new AbortController();
    try {
      await this.follow(turn, scope, this.stopping.signal);
    } catch (error) {
      const problem = asApiError(error);
      const isStopped = error instanceof DOMException && error.name === "AbortError";
      const state = isStopped ? "stopped" : problem.isOffline ? "lost" : "failed";
      this.change(turn.key, { state, error: isStopped ? undefined : problem });
    }
  }

  /** Looks whether the answer was kept although the connection was lost, and asks again if not. */
  async resume(turn: Turn, scope: Scope): Promise<void> {
    if (this.session) {
      const kept = await get<SessionDetail>(`/v1/sessions/${this.session}`).catch(() => undefined);
      const last = kept?.messages.at(-1);
      if (kept && last && last.query === turn.question && kept.messages.length === this.turns.length) {
        this.set([...this.turns.filter((other) => other.key !== turn.key), fromKept(last)]);
        return;
      }
    }
    this.set(this.turns.filter((other) => other.key !== turn.key));
    await this.ask(turn.question, { ...scope, documents: turn.documents });
  }

  async load(session: string): Promise<void> {
    this.session = session;
    const detail = await get<SessionDetail>(`/v1/sessions/${session}`);
    this.set(detail.messages.map(fromKept));
  }

  private async follow(turn: Turn, scope: Scope, signal: AbortSignal): Promise<void> {
    this.session ??= await begin(turn.question);
    const body = {
      query: turn.question,
      stream: true,
      unsupported: "mark",
      session_id: this.session,
      collections: scope.collections,
      documents: scope.documents ?? [],
    };
    const response = await this.asked(body, signal);
    this.change(turn.key, { requestId: response.headers.get("x-request-id") ?? undefined });
    for await (const { name, data } of events(response)) {
      const before = this.turns.find((other) => other.key === turn.key);
      if (!before) return;
      if (name === "claim") {
        const piece = data as Piece;
        this.change(turn.key, {
          text: before.text + piece.text,
          claims: piece.claim ? [...before.claims, piece.claim] : before.claims,
          citations: [...before.citations, ...piece.citations],
        });
      } else if (name === "answer") {
        const answer = data as Answer;
        const { claims, citations } = answer;
        this.change(turn.key, { state: "done", answer, text: answer.final_answer.answer, claims, citations });
        dispatchEvent(new Event(TALKED));
        return;
      } else if (name === "error") {
        const { error } = data as Schemas["ErrorBody"];
        throw new ApiError(500, error.code, error.message, error.hint ?? undefined, error.request_id);
      }
    }
    throw new ApiError(0, "offline", "the connection was lost");
  }

  /** A conversation that was set aside or ran out is taken up again. */
  private async asked(body: { session_id: string }, signal: AbortSignal): Promise<Response> {
    try {
      return await open("POST", "/query", { body, signal });
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 409) throw error;
      await call("POST", `/v1/sessions/${body.session_id}/activate`);
      return open("POST", "/query", { body, signal });
    }
  }

  private change(key: string, change: Partial<Turn>): void {
    this.set(this.turns.map((turn) => (turn.key === key ? { ...turn, ...change } : turn)));
  }

  private set(turns: readonly Turn[]): void {
    this.turns = turns;
    for (const listener of this.listeners) listener();
  }
}

/** Told when an answer was given, so that the list of conversations follows. */
export const TALKED = "assay:talked";

async function begin(question: string): Promise<string> {
  let title = question.slice(0, TITLE_MAX);
  while (new TextEncoder().encode(title).length > TITLE_MAX) title = title.slice(0, -8);
  const session = await post<Session>("/v1/sessions", { title, ttl_minutes: TTL_MINUTES });
  return session.id;
}

export function fromKept(message: Schemas["SessionMessage"]): Turn {
  return {
    key: `kept-${message.number}`,
    question: message.query,
    state: "kept",
    keptState: message.state,
    text: message.answer,
    claims: [],
    citations: message.citations,
    number: message.number,
    isClosed: message.is_closed,
  };
}

const talks = new Map<string, Talk>();
let fresh = new Talk();

/** The conversation of an address; without one, a new one until its first question is asked. */
export function talkOf(session: string | undefined): Talk {
  if (!session) return fresh;
  let talk = talks.get(session);
  if (!talk) {
    talk = fresh.session === session ? fresh : new Talk();
    if (talk === fresh) fresh = new Talk();
    talks.set(session, talk);
  }
  return talk;
}

export function startAnew(): void {
  if (fresh.session) talks.set(fresh.session, fresh);
  fresh = new Talk();
}

/** Forgets everything: somebody else may sit here now. */
export function forgetTalks(): void {
  talks.clear();
  fresh = new Talk();
}

export function useTurns(talk: Talk): readonly Turn[] {
  return useSyncExternalStore(talk.subscribe, talk.snapshot);
}
