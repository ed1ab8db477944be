// The text of a document as it was read, with its passages, and a quote marked.
import { type ReactNode, useEffect, useRef, useState } from "react";
import { get } from "../api/client";
import type { Reading } from "../api/types";
import { Button, Loading, Problem } from "../parts";
import { asApiError } from "../app/use";
import { number, t } from "../text";
import type { ApiError } from "../api/client";
import { locate, unitOf } from "./locate";

/** What to show of a document. */
export interface Place {
  version?: string;
  passage?: string;
  /** Characters of the text: first, and first after. */
  chars?: [number, number];
  quote?: string;
}

const LIMIT = 30;

export function TextPages({ id, place, showPassages, onRead }: { id: string; place: Place; showPassages: boolean; onRead: (reading: Reading) => void }) {
  const [windows, setWindows] = useState<Reading[]>([]);
  const [error, setError] = useState<ApiError>();
  const frame = useRef<HTMLDivElement>(null);
  const path = `/v1/documents/${id}/text`;
  const { version, passage, chars, quote } = place;

  useEffect(() => {
    const stop = new AbortController();
    setWindows([]);
    setError(undefined);
    get<Reading>(path, { version, passage: chars ? undefined : passage, around: chars?.[0], limit: LIMIT }, stop.signal)
      .then((reading) => {
        setWindows([reading]);
        onRead(reading);
      })
      .catch((problem: unknown) => !stop.signal.aborted && setError(asApiError(problem)));
    return () => stop.abort();
  }, [path, version, passage, chars?.[0], onRead]);

  useEffect(() => {
    if (windows.length === 1) frame.current?.querySelector("mark")?.scrollIntoView({ block: "center" });
  }, [windows]);

  const first = windows[0];
  const last = windows.at(-1);
  const next = last ? last.first + last.passages.length : 0;
  const more = async (from: number, limit: number, isEarlier: boolean) => {
    const reading = await get<Reading>(path, { version: first?.version_id, from, limit });
    setWindows((old) => (isEarlier ? [reading, ...old] : [...old, reading]));
  };
  if (error) return <Problem error={error} />;
  if (!first || !last) return <Loading />;
  return (
    <div className="text-pages" ref={frame} tabIndex={0} role="region" aria-label={t("viewer.text")}>
      {first.total === 0 && <p className="muted">{t("viewer.no_text")}</p>}
      {first.first > 0 && (
        <Button onPress={() => void more(Math.max(0, first.first - LIMIT), Math.min(LIMIT, first.first), true)}>{t("viewer.earlier")}</Button>
      )}
      {windows.map((window) => (
        <Part key={window.first} window={window} chars={chars} quote={quote} showPassages={showPassages} />
      ))}
      {next < last.total && (
        <div className="row">
          <Button onPress={() => void more(next, LIMIT, false)}>{t("viewer.later")}</Button>
          <span className="fine">{t("viewer.passages_of", { seen: number(next), total: number(last.total) })}</span>
        </div>
      )}
    </div>
  );
}

/** Cuts a text at passages and marks the quote. */
function Part({ window, chars, quote, showPassages }: { window: Reading; chars?: [number, number]; quote?: string; showPassages: boolean }) {
  const { text, start } = window;
  let marked: [number, number] | undefined;
  if (chars && chars[0] >= start) marked = [unitOf(text, chars[0] - start), unitOf(text, chars[1] - start)];
  else if (quote) marked = locate(text, quote);
  const parts: ReactNode[] = [];
  let at = 0;
  window.passages.forEach((passage, index) => {
    const following = window.passages[index + 1];
    const end = following ? unitOf(text, following.start - start) : text.length;
    if (end <= at) return;
    const heading = passage.heading_path.join(" › ");
    parts.push(
      <div className="passage" key={passage.id} data-shown={showPassages}>
        {showPassages && (
          <p className="passage-name">
            {t("viewer.passage", { number: number(window.first + index + 1) })}
            {passage.page ? ` · ${t("cite.page", { page: passage.page })}` : ""}
            {heading && ` · ${heading}`}
          </p>
        )}
        {slice(text, at, end, marked)}
      </div>,
    );
    at = end;
  });
  return <div className="text-part">{parts}</div>;
}

function slice(text: string, from: number, to: number, marked: [number, number] | undefined): ReactNode {
  const [start, end] = marked ?? [0, 0];
  if (!marked || end <= from || start >= to) return text.slice(from, to);
  return (
    <>
      {text.slice(from, Math.max(from, start))}
      <mark>{text.slice(Math.max(from, start), Math.min(to, end))}</mark>
      {text.slice(Math.min(to, end), to)}
    </>
  );
}
