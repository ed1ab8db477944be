// A question with its answer, and what can be done with it.
import type { SearchResult } from "../../api/types";
import type { Opened } from "../../document/Viewer";
import { Button, Icon, IconButton, Problem, Words, useNotice } from "../../parts";
import { t, word } from "../../text";
import { AnswerText, Chip, pageOf, verdictOf } from "./AnswerText";
import { Made } from "./Made";
import { Comment, useOpinion } from "./Opinion";
import type { Turn } from "./talk";

interface Props {
  turn: Turn;
  /** The conversation, for the one whose it is. */
  session?: string;
  onOpen: (opened: Opened) => void;
  onAsk?: (question: string, documents?: string[]) => void;
  onResume?: () => void;
}

type Cited = Turn["citations"][number];

/** What to open for a citation; one of a public page has no document here. */
function openedBy(citation: Cited): Opened {
  const chars: [number, number] | undefined = "start" in citation ? [citation.start, citation.end] : undefined;
  return {
    document: citation.document_id,
    title: citation.title,
    passage: citation.passage_id,
    version: "version_id" in citation ? citation.version_id : undefined,
    page: pageOf(citation),
    chars,
    quote: citation.quote,
    verdict: verdictOf(citation),
  };
}

const WITHOUT_ANSWER = new Set(["not_in_sources", "off_topic"]);

export function TurnView({ turn, session, onOpen, onAsk, onResume }: Props) {
  const state = turn.answer?.state ?? turn.keptState;
  const isWithout = state !== undefined && WITHOUT_ANSWER.has(state);
  const open = (citation: Cited) => {
    if (!("provider" in citation) || citation.provider === "assay") onOpen(openedBy(citation));
    else if (/^https?:\/\//i.test(citation.url)) window.open(citation.url, "_blank", "noopener,noreferrer");
  };
  return (
    <article className="turn" aria-busy={turn.state === "asking"}>
      <h2 className="question">{turn.question}</h2>
      <div className="answer" aria-live="polite">
        {state && !turn.isClosed && <StateLine state={state} />}
        {turn.isClosed && <p className="closed">{t("answer.closed")}</p>}
        {turn.text && !isWithout && !turn.isClosed && <AnswerText turn={turn} onOpen={open} />}
        {turn.state === "asking" && <p className="thinking">{turn.text ? t("answer.writing") : t("answer.searching")}</p>}
        {isWithout && <Without turn={turn} state={state} onOpen={onOpen} />}
        <Conflicts turn={turn} onOpen={open} />
        {onAsk && <Readings turn={turn} onAsk={onAsk} />}
        <Notices turn={turn} />
        {onResume && <Broken turn={turn} onResume={onResume} />}
        {turn.citations.length > 0 && turn.state !== "asking" && <Sources turn={turn} onOpen={open} />}
        {(turn.state === "done" || turn.state === "kept") && <Deeds turn={turn} session={session} />}
      </div>
    </article>
  );
}

function StateLine({ state }: { state: string }) {
  if (state === "supported") return null;
  return <p className={`answer-state answer-${state}`}>{word("answer", state)}</p>;
}

function Without({ turn, state, onOpen }: { turn: Turn; state: string; onOpen: (opened: Opened) => void }) {
  const nearest = turn.answer?.nearest ?? [];
  const open = (found: SearchResult) =>
    onOpen({
      document: found.document_id,
      title: found.title,
      passage: found.passage_id,
      version: found.version_id,
      page: found.page ?? undefined,
      chars: [found.start, found.end],
      quote: found.snippet,
    });
  return (
    <div className="without">
      <p className="without-text">{t(state === "off_topic" ? "without.off_topic" : "without.not_in_sources")}</p>
      {nearest.length > 0 && (
        <>
          <h3>{t("without.nearest")}</h3>
          <ul className="nearest">
            {nearest.map((found) => (
              <li key={found.passage_id}>
                <button type="button" onClick={() => open(found)}>
                  <strong>{found.title}</strong>
                  {found.page && <span className="fine"> · {t("cite.page", { page: found.page })}</span>}
                  <span className="nearest-text">{found.snippet}</span>
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
      <p className="muted">{t("without.try")}</p>
    </div>
  );
}

function Conflicts({ turn, onOpen }: { turn: Turn; onOpen: (citation: Cited) => void }) {
  const conflicts = turn.answer?.conflicts ?? [];
  return conflicts.map((conflict) => (
    <section className="conflict" key={conflict.claim} aria-label={t("conflict.title")}>
      <h3>{t("conflict.title")}</h3>
      <ul>
        {conflict.sides.map((side) => {
          const citation = turn.citations.find((it) => it.number === side.citation);
          return (
            <li key={`${side.citation}-${side.stance}`} className={side.stance === "supports" ? "side-for" : "side-against"}>
              <span className="side-stance">{word("stance", side.stance)}</span>
              <q>{side.quote}</q>
              <span className="fine">
                {side.title} · {side.date.slice(0, 10)} {citation && <Chip citation={citation} onOpen={onOpen} />}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  ));
}

function Readings({ turn, onAsk }: { turn: Turn; onAsk: NonNullable<Props["onAsk"]> }) {
  const readings = turn.answer?.readings ?? [];
  if (readings.length === 0) return null;
  return (
    <div className="readings">
      <p>{t("readings.title")}</p>
      {readings.map((reading) => (
        <Button key={reading.document_id + reading.label} onPress={() => onAsk(turn.question, [reading.document_id])}>
          {reading.label} <span className="fine">{reading.title}</span>
        </Button>
      ))}
    </div>
  );
}

/** What is missing from the answer, and what the guard found on the way. */
function Notices({ turn }: { turn: Turn }) {
  const notices = turn.answer?.notices ?? [];
  const guard = turn.answer?.guard ?? [];
  if (notices.length + guard.length === 0) return null;
  return (
    <ul className="notices">
      {notices.map((notice) => (
        <li key={notice}>
          <Icon name="alert" />{" "}
          <span>
            <Words text={notice} />
          </span>
        </li>
      ))}
      {guard.map((note) => (
        <li key={`${note.place}-${note.kind}`} className="guard-note">
          <Icon name="shield" />{" "}
          {t("guard.note", {
            kind: word("guard", note.kind),
            place: word("place", note.place),
            action: word("action", note.action),
            count: note.count,
          })}
        </li>
      ))}
    </ul>
  );
}

function Broken({ turn, onResume }: { turn: Turn; onResume: () => void }) {
  if (turn.state === "stopped") return <p className="muted">{t("answer.stopped")}</p>;
  if (turn.state === "lost") {
    return (
      <div className="problem" role="alert">
        <Icon name="alert" />
        <div>
          <p>{t("answer.lost")}</p>
          <p className="muted">{turn.text ? t("answer.lost.part") : t("answer.lost.nothing")}</p>
        </div>
        <Button icon="retry" onPress={onResume}>
          {t("answer.resume")}
        </Button>
      </div>
    );
  }
  return turn.state === "failed" ? <Problem error={turn.error} retry={onResume} /> : null;
}

function Sources({ turn, onOpen }: { turn: Turn; onOpen: (citation: Cited) => void }) {
  return (
    <ol className="sources" aria-label={t("sources.title")}>
      {turn.citations.map((citation) => (
        <li key={citation.number}>
          <button type="button" onClick={() => onOpen(citation)}>
            <span className={`source-number verdict-${verdictOf(citation) ?? "none"}`}>{citation.number}</span>
            <span className="source-title">{citation.title}</span>
            {pageOf(citation) && <span className="fine">{t("cite.page", { page: pageOf(citation) ?? 0 })}</span>}
          </button>
        </li>
      ))}
    </ol>
  );
}

function Deeds({ turn, session }: { turn: Turn; session: string | undefined }) {
  const [notice, tell] = useNotice();
  const copy = async () => {
    await navigator.clipboard.writeText(withBibliography(turn));
    tell(t("deed.copied"));
  };
  const judging = useOpinion(turn, session);
  const { said } = judging;
  const judge = async (useful: boolean) => {
    if (await judging.say.run(useful)) tell(t("deed.thanks"));
  };
  return (
    <>
      <div className="deeds">
        {turn.text && !turn.isClosed && <IconButton icon="copy" label={t("deed.copy")} onPress={() => void copy()} />}
        {session && (
          <>
            <span data-pressed={said === true}>
              <IconButton icon="up" label={t("deed.useful")} onPress={() => void judge(true)} />
            </span>
            <span data-pressed={said === false}>
              <IconButton icon="down" label={t("deed.useless")} onPress={() => void judge(false)} />
            </span>
          </>
        )}
        {notice}
      </div>
      {said !== undefined && <Comment useful={said} onSay={async (text) => judging.say.run(said, text)} />}
      <Problem error={judging.say.error} />
      <Made turn={turn} />
    </>
  );
}

/** The answer and what it cites, as text. */
function withBibliography(turn: Turn): string {
  const lines = turn.citations.map((citation) => {
    const page = pageOf(citation);
    const where = page ? `, ${t("cite.page", { page })}` : "";
    return `[${citation.number}] ${citation.title}${where}. “${citation.quote}”`;
  });
  return [turn.text, ...(lines.length > 0 ? [lines.join("\n")] : [])].join("\n\n");
}
