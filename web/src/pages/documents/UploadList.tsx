// Files under way: each with its step, its progress, or why it failed and how to try again.
import { useState } from "react";
import { Button, Icon } from "../../parts";
import { bytes, number, t, word } from "../../text";
import { type Upload, uploads, useUploads } from "./uploads";

/** Files that are listed one by one; of more only those that failed. */
const SHOWN_MAX = 60;

export function UploadList({ onOpen }: { onOpen: (document: string) => void }) {
  const list = useUploads();
  const [isOpen, setOpen] = useState(true);
  if (list.length === 0) return null;
  const ended = list.filter((upload) => upload.state === "done" || upload.state === "unchanged").length;
  const failed = list.filter((upload) => upload.state === "failed").length;
  const shown = list.length <= SHOWN_MAX ? list : [...list.filter((it) => it.state === "failed"), ...list.filter((it) => it.state === "sending" || it.state === "working")].slice(0, SHOWN_MAX);
  return (
    <section className="uploads" aria-label={t("uploads.title")}>
      <div className="section-head">
        <h2 role="status">
          {t("uploads.progress", { done: number(ended), all: number(list.length) })}
          {failed > 0 && <span className="bad"> · {t("uploads.failed", { count: number(failed) })}</span>}
        </h2>
        <div className="row">
          <Button kind="quiet" onPress={() => setOpen(!isOpen)} aria-expanded={isOpen}>
            {t(isOpen ? "uploads.less" : "uploads.more")}
          </Button>
          {ended > 0 && (
            <Button kind="quiet" onPress={() => uploads.forgetDone()}>
              {t("uploads.clear")}
            </Button>
          )}
        </div>
      </div>
      <progress max={list.length} value={ended + failed} aria-label={t("uploads.title")} />
      {isOpen && (
        <ul className="upload-rows">
          {shown.map((upload) => (
            <Row key={upload.key} upload={upload} onOpen={onOpen} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Row({ upload, onOpen }: { upload: Upload; onOpen: (document: string) => void }) {
  const { state, document } = upload;
  const progress = upload.total ? ` ${number(upload.done ?? 0)} / ${number(upload.total)}` : "";
  const told = state === "working" ? `${word("step", upload.step ?? "queued")}${progress}` : t(`upload.${state}`);
  return (
    <li className={`upload upload-${state}`}>
      <Icon name={state === "failed" ? "alert" : state === "done" || state === "unchanged" ? "check" : "clock"} />
      <span className="upload-name" title={upload.source}>
        {document ? (
          <button type="button" className="link" onClick={() => onOpen(document)}>
            {upload.name}
          </button>
        ) : (
          upload.name
        )}
        <span className="fine"> {bytes(upload.size)}</span>
      </span>
      <span className="upload-state">{told}</span>
      {upload.isLong && <span className="upload-note fine">{t("upload.long")}</span>}
      {state === "failed" && (
        <span className="upload-reason">
          {upload.error?.message ?? upload.reason} {upload.error?.hint ?? upload.hint}
          <Button kind="quiet" icon="retry" onPress={() => uploads.retry(upload.key)}>
            {t("error.retry")}
          </Button>
        </span>
      )}
    </li>
  );
}
