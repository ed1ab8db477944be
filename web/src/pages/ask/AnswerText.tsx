// The text of an answer: claims that look like their verdict, and chips where it cites.
import type { ReactNode } from "react";
import { Button } from "react-aria-components/Button";
import { OverlayArrow, Tooltip, TooltipTrigger } from "react-aria-components/Tooltip";
import { unitOf } from "../../document/locate";
import { percent, t, word } from "../../text";
import type { Turn } from "./talk";

type Cited = Turn["citations"][number];

export const verdictOf = (citation: Cited): string | undefined => ("verdict" in citation ? citation.verdict : undefined);
export const pageOf = (citation: Cited): number | undefined =>
  "page" in citation && citation.page !== null ? citation.page : undefined;

/** What a screen reader says before a claim that is not simply supported, and a sign for all. */
const SIGNS: Record<string, string> = { partial: "◐", contradicted: "✕", unsupported: "?" };

export function AnswerText({ turn, onOpen }: { turn: Turn; onOpen: (citation: Cited) => void }) {
  const { text } = turn;
  const parts: ReactNode[] = [];
  let at = 0;
  for (const claim of turn.claims) {
    const start = unitOf(text, claim.start);
    const end = unitOf(text, claim.end);
    if (start < at || end > text.length) continue;
    parts.push(<Plain key={`p${at}`} text={text.slice(at, start)} turn={turn} onOpen={onOpen} />);
    const sign = SIGNS[claim.verdict];
    parts.push(
      <span key={`c${start}`} className={`claim claim-${claim.verdict}`} title={t("claim.title", { verdict: word("verdict", claim.verdict), sure: percent(claim.confidence) })}>
        {sign && (
          <span className="claim-sign">
            <span aria-hidden="true">{sign} </span>
            <span className="claim-word">{word("verdict", claim.verdict)}</span>{" "}
          </span>
        )}
        <Plain text={text.slice(start, end)} turn={turn} onOpen={onOpen} />
      </span>,
    );
    at = end;
  }
  parts.push(<Plain key={`p${at}-end`} text={text.slice(at)} turn={turn} onOpen={onOpen} />);
  return <div className="answer-text">{parts}</div>;
}

/** Text in which `[n]` is a chip. */
function Plain({ text, turn, onOpen }: { text: string; turn: Turn; onOpen: (citation: Cited) => void }) {
  return text.split(/(\[\d{1,3}\])/).map((part, index) => {
    const wanted = /^\[(\d{1,3})\]$/.exec(part)?.[1];
    const citation = wanted ? turn.citations.find((it) => it.number === Number(wanted)) : undefined;
    return citation ? <Chip key={index} citation={citation} onOpen={onOpen} /> : part;
  });
}

export function Chip({ citation, onOpen }: { citation: Cited; onOpen: (citation: Cited) => void }) {
  const verdict = verdictOf(citation);
  const page = pageOf(citation);
  return (
    <TooltipTrigger delay={120} closeDelay={80}>
      <Button
        className={`chip verdict-${verdict ?? "none"}`}
        aria-label={t("cite.open", { number: citation.number, title: citation.title })}
        onPress={() => onOpen(citation)}
      >
        {citation.number}
      </Button>
      <Tooltip className="quote-card" placement="top">
        <OverlayArrow className="quote-arrow" />
        <p className="quote-words">{citation.quote}</p>
        <p className="fine">
          {citation.title}
          {page ? ` · ${t("cite.page", { page })}` : ""}
        </p>
        {verdict && (
          <p className={`quote-verdict verdict-${verdict}`}>
            {word("verdict", verdict)} {"confidence" in citation && percent(citation.confidence)}
          </p>
        )}
      </Tooltip>
    </TooltipTrigger>
  );
}
