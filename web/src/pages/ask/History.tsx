// Conversations that were held, newest first, found by what was asked and answered.
import { useCallback, useEffect, useRef, useState } from "react";
import { type ApiError, call, get, type Schemas } from "../../api/client";
import type { Session } from "../../api/types";
import { Link, navigate, usePath } from "../../app/router";
import { asApiError } from "../../app/use";
import { Button, IconButton, Problem } from "../../parts";
import { ago, t } from "../../text";
import { TALKED } from "./talk";

const LIMIT = 50;
/** Conversations above which there is a box to search them. */
const FEW = 6;
/** Time after the last letter before the server is asked. */
const PAUSE_MS = 200;

interface Sessions {
  sessions: Session[] | undefined;
  next: string | undefined;
  error: ApiError | undefined;
  more: () => void;
  reload: () => void;
}

/** The conversations that speak of `wanted`, page by page; all of them where nothing is wanted. */
function useSessions(wanted: string): Sessions {
  const [state, setState] = useState<{ sessions?: Session[]; next?: string; error?: ApiError }>({});
  const run = useRef(0);
  const load = useCallback(
    async (after?: string) => {
      const mine = (run.current += 1);
      try {
        const page = await get<Schemas["SessionListResponse"]>("/v1/sessions", { q: wanted || undefined, after, limit: LIMIT });
        if (mine !== run.current) return;
        setState((old) => ({ sessions: after ? [...(old.sessions ?? []), ...page.sessions] : page.sessions, next: page.next ?? undefined }));
      } catch (problem) {
        if (mine === run.current) setState((old) => ({ ...old, error: asApiError(problem) }));
      }
    },
    [wanted],
  );
  useEffect(() => {
    const timer = setTimeout(() => void load(), wanted ? PAUSE_MS : 0);
    return () => clearTimeout(timer);
  }, [load, wanted]);
  const { next } = state;
  const more = useCallback(() => void load(next), [load, next]);
  const reload = useCallback(() => void load(), [load]);
  return { sessions: state.sessions, next, error: state.error, more, reload };
}

export function History({ isFull = false }: { isFull?: boolean }) {
  const path = usePath();
  const [typed, setTyped] = useState("");
  // Without a letter or digit there is nothing to look for.
  const wanted = /[\p{L}\p{N}]/u.test(typed) ? typed.trim() : "";
  const { sessions, next, error, more, reload } = useSessions(wanted);
  const hasMany = useRef(false);
  useEffect(() => {
    addEventListener(TALKED, reload);
    return () => removeEventListener(TALKED, reload);
  }, [reload]);
  const found = (sessions ?? []).filter((session) => session.message_count > 0);
  if (!wanted && sessions) hasMany.current = found.length > FEW;
  const remove = async (id: string) => {
    await call("DELETE", `/v1/sessions/${id}`);
    if (path === `/ask/${id}`) navigate("/ask");
    reload();
  };
  return (
    <section className={isFull ? "history history-full" : "history"} aria-label={t("history.title")}>
      {!isFull && (found.length > 0 || wanted) && <h2 className="history-title">{t("history.title")}</h2>}
      {(isFull || hasMany.current) && (
        <input
          type="search"
          className="history-search"
          maxLength={200}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          placeholder={t("history.search")}
          aria-label={t("history.search")}
        />
      )}
      {(isFull || wanted) && <Problem error={error} retry={reload} />}
      {(isFull || wanted) && sessions && found.length === 0 && <p className="muted history-none">{t(wanted ? "history.not_found" : "history.none")}</p>}
      <ul>
        {found.map((session) => (
          <li key={session.id} data-current={path === `/ask/${session.id}`}>
            <Link to={`/ask/${session.id}`} title={session.title ?? ""} aria-current={path === `/ask/${session.id}` ? "page" : undefined}>
              <span className="history-name">{session.title || t("history.untitled")}</span>
              {session.found && <span className="history-found">{session.found.text}</span>}
              {isFull && <span className="fine">{ago(session.used_at)}</span>}
            </Link>
            <IconButton icon="trash" label={t("history.delete")} onPress={() => void remove(session.id)} />
          </li>
        ))}
      </ul>
      {next && (
        <Button kind="quiet" onPress={more}>
          {t("history.more")}
        </Button>
      )}
    </section>
  );
}
