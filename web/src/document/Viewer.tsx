// A document beside what is being read: the original where the browser can show it, its text, and
// what is known of it.
import { Suspense, lazy, useCallback, useEffect, useState } from "react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components/Tabs";
import { type ApiError, get, open } from "../api/client";
import type { DocumentInfo, Reading } from "../api/types";
import { IconButton, Loading, Problem } from "../parts";
import { asApiError, useLoaded } from "../app/use";
import { t, word } from "../text";
import { Details } from "./Details";
import { type Place, TextPages } from "./TextPages";

const PdfPages = lazy(() => import("./PdfPages"));

/** What is opened, and why. */
export interface Opened extends Place {
  document: string;
  title: string;
  page?: number;
  verdict?: string;
}

export function Viewer({ opened, onClose, onChanged }: { opened: Opened; onClose: () => void; onChanged?: () => void }) {
  const { data, error, reload } = useLoaded((signal) => get<DocumentInfo>(`/documents/${opened.document}`, undefined, signal), opened.document);
  const [reading, setReading] = useState<Reading>();
  const [isPdfBroken, setBroken] = useState(false);
  const [isMarked, setMarked] = useState(true);
  const [showPassages, setShowPassages] = useState(false);
  const [version, setVersion] = useState(opened.version);
  const [page, setPage] = useState(opened.page);
  const failed = useCallback(() => setBroken(true), []);
  const media = data?.media_type ?? "";
  const isPdf = media === "application/pdf" && !isPdfBroken;
  const isPicture = /^image\/(png|jpeg|webp|gif|bmp)$/.test(media);
  const [tab, setTab] = useState<string>("");
  useEffect(() => {
    setVersion(opened.version);
    setPage(opened.page);
    setBroken(false);
    setMarked(true);
    setTab("");
  }, [opened]);
  // An answer of a conversation tells the passage alone; its page stands with the passage.
  useEffect(() => {
    if (opened.page || !opened.passage || !isPdf) return;
    get<Reading>(`/v1/documents/${opened.document}/text`, { passage: opened.passage, limit: 1 })
      .then((found) => setPage(found.passages[0]?.page ?? 1))
      .catch(() => setPage(1));
  }, [opened, isPdf]);
  const isReady = data !== undefined && data.id === opened.document;
  const isPlaced = page !== undefined || !opened.passage;
  return (
    <aside className="viewer" aria-label={t("viewer.name")}>
      <header className="viewer-head">
        <h2 title={opened.title}>{opened.title}</h2>
        <IconButton icon="close" label={t("viewer.close")} onPress={onClose} />
      </header>
      {opened.quote && (
        <blockquote className={`viewer-quote verdict-${opened.verdict ?? "none"}`}>
          <p>{opened.quote}</p>
          <footer className="fine">
            {[opened.verdict && word("verdict", opened.verdict), page && t("cite.page", { page })].filter(Boolean).join(" · ")}
            {!isMarked && ` · ${t("viewer.not_marked")}`}
          </footer>
        </blockquote>
      )}
      <Problem error={error} retry={reload} />
      {isPdfBroken && <p className="viewer-note" role="status">{t("viewer.pdf_broken")}</p>}
      {!isReady && !error && <Loading />}
      {isReady && (
        <Tabs className="viewer-tabs" selectedKey={tab || (isPdf || isPicture ? "original" : "text")} onSelectionChange={(key) => setTab(String(key))}>
          <TabList className="tabs" aria-label={t("viewer.views")}>
            {(isPdf || isPicture) && <Tab id="original">{t("viewer.original")}</Tab>}
            <Tab id="text">{t("viewer.text")}</Tab>
            <Tab id="details">{t("viewer.details")}</Tab>
          </TabList>
          {isPdf && (
            <TabPanel id="original" className="viewer-body">
              <Suspense fallback={<Loading />}>
                {isPlaced && <PdfPages id={opened.document} page={page} quote={opened.quote} onFailed={failed} onMarked={setMarked} />}
              </Suspense>
            </TabPanel>
          )}
          {isPicture && (
            <TabPanel id="original" className="viewer-body">
              <Picture id={opened.document} name={data.name} />
            </TabPanel>
          )}
          <TabPanel id="text" className="viewer-body">
            <label className="check">
              <input type="checkbox" checked={showPassages} onChange={(event) => setShowPassages(event.target.checked)} />
              {t("viewer.show_passages")}
            </label>
            <TextPages id={opened.document} place={{ ...opened, version }} showPassages={showPassages} onRead={setReading} />
          </TabPanel>
          <TabPanel id="details" className="viewer-body">
            <Details
              document={data}
              versions={reading?.versions}
              shown={version}
              onVersion={(wanted) => {
                setVersion(wanted);
                setTab("text");
              }}
              onChanged={() => {
                reload();
                onChanged?.();
              }}
            />
          </TabPanel>
        </Tabs>
      )}
    </aside>
  );
}

/** A picture by its bytes: the server never shows an original in place. */
function Picture({ id, name }: { id: string; name: string }) {
  const [url, setUrl] = useState<string>();
  const [error, setError] = useState<ApiError>();
  useEffect(() => {
    let made: string | undefined;
    open("GET", `/v1/documents/${id}/original`)
      .then((response) => response.blob())
      .then((blob) => {
        made = URL.createObjectURL(blob);
        setUrl(made);
      })
      .catch((problem: unknown) => setError(asApiError(problem)));
    return () => {
      if (made) URL.revokeObjectURL(made);
    };
  }, [id]);
  if (error) return <Problem error={error} />;
  return url ? <img className="picture" src={url} alt={name} /> : <Loading />;
}
