// Small parts that every page uses.
import { type ReactNode, useEffect, useState } from "react";
import { Button as AriaButton, type ButtonProps } from "react-aria-components/Button";
import type { ApiError } from "../api/client";
import { ago, moment, t, useLanguage, word } from "../text";
import { Icon, type IconName } from "./Icon";

export { Icon } from "./Icon";

type Kind = "plain" | "primary" | "danger" | "quiet";

export function Button({
  kind = "plain",
  icon,
  children,
  ...rest
}: ButtonProps & { kind?: Kind; icon?: IconName; children?: ReactNode }) {
  return (
    <AriaButton {...rest} className={`button button-${kind}`}>
      {icon && <Icon name={icon} />}
      {children}
    </AriaButton>
  );
}

/** A button that is only a picture; `label` is what a screen reader says. */
export function IconButton({ icon, label, ...rest }: ButtonProps & { icon: IconName; label: string }) {
  return (
    <AriaButton {...rest} aria-label={label} className="icon-button">
      <Icon name={icon} />
      <span className="tip" aria-hidden="true">
        {label}
      </span>
    </AriaButton>
  );
}

/** A text of the server, in which names stand between backticks. */
export function Words({ text }: { text: string }) {
  return text.split("`").map((part, at) => (at % 2 === 1 ? <code key={at}>{part}</code> : part));
}

/** What happened and what to try. */
export function Problem({ error, retry }: { error: ApiError | undefined; retry?: () => void }) {
  if (!error) return null;
  const message = error.isOffline ? t("error.offline") : error.message;
  const hint = error.isOffline ? t("error.offline.hint") : error.hint;
  return (
    <div className="problem" role="alert">
      <Icon name="alert" />
      <div>
        <p>
          <Words text={message} />
        </p>
        {hint && (
          <p className="muted">
            <Words text={hint} />
          </p>
        )}
        {error.requestId && <p className="fine">{t("error.request", { id: error.requestId })}</p>}
      </div>
      {retry && (
        <Button onPress={retry} icon="retry">
          {t("error.retry")}
        </Button>
      )}
    </div>
  );
}

/** What to do where there is nothing yet. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children}
    </div>
  );
}

/** A moment, in words; in full when pointed at. */
export function Time({ at }: { at: string | null | undefined }) {
  useLanguage();
  if (!at) return <span className="muted">–</span>;
  return (
    <time dateTime={at} title={moment(at)}>
      {ago(at)}
    </time>
  );
}

export function Page({ title, lead, actions, children }: { title: string; lead?: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <div className="page">
      <header className="page-head">
        <div>
          <h1>{title}</h1>
          {lead && <p className="lead">{lead}</p>}
        </div>
        {actions && <div className="row">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

export function Section({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <section className="section">
      <div className="section-head">
        <h2>{title}</h2>
        {actions}
      </div>
      {children}
    </section>
  );
}

/** A figure with its name. */
export function Figure({ name, value, note }: { name: string; value: ReactNode; note?: ReactNode }) {
  return (
    <div className="figure">
      <dt>{name}</dt>
      <dd>{value}</dd>
      {note && <dd className="fine">{note}</dd>}
    </div>
  );
}

const GOOD = new Set(["ready", "current", "done", "active", "closed", "healthy", "supported", "completed", "accepted", "allow", "met", "resolved", "pass", "attested", "better"]);
const BAD = new Set(["failed", "not_ready", "open", "suspended", "cancelled", "denied", "contradicted", "high", "critical", "block", "revoked", "dead", "parked", "firing", "missed", "fail", "error", "blocker", "worse"]);
const WARN = new Set(["degraded", "half_open", "stalled", "partial", "expired", "medium", "redact", "pseudonymise", "partly_supported", "conflicting", "timed_out", "delayed", "warning", "at_risk", "paused", "stale", "inconclusive", "waived", "major"]);

/** The state of something, by word and colour. */
export function State({ value }: { value: string }) {
  const tone = GOOD.has(value) ? "good" : BAD.has(value) ? "bad" : WARN.has(value) ? "warn" : "calm";
  return <span className={`state state-${tone}`}>{word("state", value)}</span>;
}

/** A table that scrolls inside itself on a narrow screen. */
export function Table({ label, head, children }: { label: string; head: string[]; children: ReactNode }) {
  return (
    <div className="table-frame" tabIndex={0} role="region" aria-label={label}>
      <table>
        <thead>
          <tr>
            {head.map((name, column) => (
              <th key={column} scope="col">
                {name || <span className="hidden">{t("table.actions")}</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

/** Says something for a short time, also to a screen reader. */
export function useNotice(): [ReactNode, (text: string) => void] {
  const [text, setText] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setText(""), 4000);
    return () => clearTimeout(timer);
  }, [text]);
  return [
    <div className="notice" role="status" key="notice" data-shown={text !== ""}>
      {text}
    </div>,
    setText,
  ];
}

export function Loading() {
  return (
    <p className="loading" role="status">
      {t("loading")}
    </p>
  );
}
