// Conversations that were held, newest first, with search.
import { useEffect, useState } from "react";
import { call, get } from "../../api/client";
import type { Session } from "../../api/types";
import { Link, navigate, usePath } from "../../app/router";
import { useLoaded } from "../../app/use";
import { IconButton, Problem } from "../../parts";
import { ago, t } from "../../text";
import { TALKED } from "./talk";

const LIMIT = 200;

export function History({ isFull = false }: { isFull?: boolean }) {
  const path = usePath();
  const [wanted, setWanted] = useState("");
  const { data, error, reload } = useLoaded(
    (signal) => get<{ sessions: Session[] }>("/v1/sessions", { limit: LIMIT }, signal),
    "sessions",
  );
  useEffect(() => {
    addEventListener(TALKED, reload);
    return () => removeEventListener(TALKED, reload);
  }, [reload]);
  const sessions = (data?.sessions ?? []).filter((session) => session.message_count > 0);
  const found = sessions.filter((session) => (session.title ?? "").toLowerCase().includes(wanted.trim().toLowerCase()));
  const remove = async (id: string) => {
    await call("DELETE", `/v1/sessions/${id}`);
    if (path === `/ask/${id}`) navigate("/ask");
    reload();
  };
  return (
    <section className={isFull ? "history history-full" : "history"} aria-label={t("history.title")}>
      {!isFull && sessions.length > 0 && <h2 className="history-title">{t("history.title")}</h2>}
      {(isFull || sessions.length > 6) && (
        <input type="search" className="history-search" value={wanted} onChange={(event) => setWanted(event.target.value)} placeholder={t("history.search")} aria-label={t("history.search")} />
      )}
      {isFull && <Problem error={error} retry={reload} />}
      {isFull && data && found.length === 0 && <p className="muted">{t("history.none")}</p>}
      <ul>
        {found.map((session) => (
          <li key={session.id} data-current={path === `/ask/${session.id}`}>
            <Link to={`/ask/${session.id}`} title={session.title ?? ""} aria-current={path === `/ask/${session.id}` ? "page" : undefined}>
              <span className="history-name">{session.title || t("history.untitled")}</span>
              {isFull && <span className="fine">{ago(session.used_at)}</span>}
            </Link>
            <IconButton icon="trash" label={t("history.delete")} onPress={() => void remove(session.id)} />
          </li>
        ))}
      </ul>
    </section>
  );
}
