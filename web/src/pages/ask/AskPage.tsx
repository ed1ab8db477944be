// Asking: a question, its answer as it comes, and the document that it cites beside it.
import { useEffect, useRef, useState } from "react";
import { get } from "../../api/client";
import type { Collection, DocumentInfo } from "../../api/types";
import { Link, navigate } from "../../app/router";
import { isLocal, useMe } from "../../app/session";
import { asApiError, useLoaded, useTitle } from "../../app/use";
import type { ApiError } from "../../api/client";
import { type Opened, Viewer } from "../../document/Viewer";
import { Empty, IconButton, Problem } from "../../parts";
import { t } from "../../text";
import { Share } from "./Share";
import { type Scope, startAnew, talkOf, useTurns } from "./talk";
import { TurnView } from "./TurnView";

/** Characters of a question at most. */
const QUESTION_MAX = 1000;

export function AskPage({ session }: { session: string | undefined }) {
  const talk = talkOf(session);
  const turns = useTurns(talk);
  const [opened, setOpened] = useState<Opened>();
  const [collection, setCollection] = useState("");
  const [error, setError] = useState<ApiError>();
  const end = useRef<HTMLDivElement>(null);
  const scope: Scope = { collections: collection ? [collection] : [] };
  useTitle(turns[0]?.question ?? t("nav.ask"));

  useEffect(() => {
    setOpened(undefined);
    setError(undefined);
    if (session && talk.session !== session) talk.load(session).catch((problem) => setError(asApiError(problem)));
  }, [session, talk]);
  useEffect(() => {
    if (turns.length > 0) end.current?.scrollIntoView({ block: "nearest" });
  }, [turns.length]);

  const ask = async (question: string, documents?: string[]) => {
    await talk.ask(question, { ...scope, documents });
    if (!session && talk.session) navigate(`/ask/${talk.session}`, true);
  };
  return (
    <div className="ask" data-viewer={opened !== undefined}>
      <div className="ask-main">
        <div className="ask-scroll">
          <div className="ask-column">
            {turns.length === 0 && !session && <Welcome />}
            <Problem error={error} />
            {turns.map((turn) => (
              <TurnView
                key={turn.key}
                turn={turn}
                session={talk.session}
                onOpen={setOpened}
                onAsk={(question, documents) => void ask(question, documents)}
                onResume={() => void talk.resume(turn, scope)}
              />
            ))}
            <div ref={end} />
          </div>
        </div>
        <Composer
          isAsking={talk.isAsking}
          hasTurns={turns.length > 0}
          session={turns.some((turn) => turn.state === "done" || turn.state === "kept") ? talk.session : undefined}
          collection={collection}
          onCollection={setCollection}
          onAsk={(question) => void ask(question)}
          onStop={() => talk.stop()}
        />
      </div>
      {opened && <Viewer opened={opened} onClose={() => setOpened(undefined)} />}
    </div>
  );
}

function Welcome() {
  const { data } = useLoaded((signal) => get<{ documents: DocumentInfo[] }>("/v1/documents", { limit: 1 }, signal), "any");
  const isEmpty = data?.documents.length === 0;
  return (
    <div className="welcome">
      <h1>{t("ask.title")}</h1>
      <p className="lead">{t("ask.lead")}</p>
      {isEmpty && (
        <Empty title={t("ask.no_documents")}>
          <Link className="button button-primary" to="/documents">
            {t("ask.add_documents")}
          </Link>
        </Empty>
      )}
      {data && !isEmpty && (
        <ul className="welcome-hints">
          <li>{t("ask.hint.one")}</li>
          <li>{t("ask.hint.two")}</li>
          <li>{t("ask.hint.three")}</li>
        </ul>
      )}
    </div>
  );
}

interface ComposerProps {
  isAsking: boolean;
  hasTurns: boolean;
  /** The conversation, once it holds something. */
  session: string | undefined;
  collection: string;
  onCollection: (name: string) => void;
  onAsk: (question: string) => void;
  onStop: () => void;
}

function Composer({ isAsking, hasTurns, session, collection, onCollection, onAsk, onStop }: ComposerProps) {
  const [text, setText] = useState("");
  const me = useMe();
  const canShare = me.permissions.includes("content.share") && !isLocal(me);
  const box = useRef<HTMLTextAreaElement>(null);
  const { data } = useLoaded((signal) => get<{ collections: Collection[] }>("/v1/collections", undefined, signal), "collections");
  const collections = data?.collections ?? [];
  const left = QUESTION_MAX - [...text].length;
  const isReady = text.trim() !== "" && left >= 0 && !isAsking;
  useEffect(() => {
    const focus = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
      if (event.key === "/" && !isTyping) {
        event.preventDefault();
        box.current?.focus();
      }
    };
    addEventListener("keydown", focus);
    box.current?.focus();
    return () => removeEventListener("keydown", focus);
  }, []);
  const send = () => {
    if (!isReady) return;
    onAsk(text.trim());
    setText("");
  };
  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div className="composer-box">
        <textarea
          ref={box}
          value={text}
          rows={1}
          aria-label={t("ask.question")}
          placeholder={hasTurns ? t("ask.follow_up") : t("ask.placeholder")}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
              event.preventDefault();
              send();
            }
          }}
        />
        <div className="composer-row">
          {collections.length > 1 && (
            <label className="composer-scope">
              <span className="hidden">{t("ask.in")}</span>
              <select value={collection} onChange={(event) => onCollection(event.target.value)}>
                <option value="">{t("ask.everything")}</option>
                {collections.map(({ name }) => (
                  <option key={name} value={name}>
                    {name}
                  </option>
                ))}
              </select>
            </label>
          )}
          {left < 100 && (
            <span className={left < 0 ? "fine bad" : "fine"} role="status">
              {t("ask.left", { left })}
            </span>
          )}
          <span className="composer-space" />
          {session && canShare && <Share session={session} />}
          {hasTurns && (
            <IconButton
              icon="plus"
              label={t("ask.new")}
              onPress={() => {
                startAnew();
                navigate("/ask");
              }}
            />
          )}
          {isAsking ? (
            <IconButton icon="stop" label={t("ask.stop")} onPress={onStop} />
          ) : (
            <IconButton icon="send" label={t("ask.send")} isDisabled={!isReady} onPress={send} />
          )}
        </div>
      </div>
    </form>
  );
}
