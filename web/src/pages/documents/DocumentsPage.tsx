// Documents: putting them in, seeing how far they are, finding one, reading one.
import { type DragEvent, useEffect, useMemo, useRef, useState } from "react";
import { call, get } from "../../api/client";
import type { Collection, DocumentInfo, SearchResponse } from "../../api/types";
import { navigate } from "../../app/router";
import { useMay } from "../../app/session";
import { asApiError, useAction, useLoaded, useTitle } from "../../app/use";
import { Viewer } from "../../document/Viewer";
import { Button, Empty, Icon, Problem } from "../../parts";
import type { ApiError } from "../../api/client";
import { number, t } from "../../text";
import { useListing } from "./listing";
import { Manage } from "./Manage";
import { Rows } from "./Rows";
import { UploadList } from "./UploadList";
import { dropped, uploads, useUploads } from "./uploads";
import "../../style/documents.css";

/** How long a deletion can be taken back. */
const UNDO_MS = 6000;
const deletions = new Map<string, number>();

export default function DocumentsPage({ selected }: { selected: string | undefined }) {
  const [collection, setCollection] = useState("");
  const [tag, setTag] = useState("");
  const [wanted, setWanted] = useState("");
  const canWrite = useMay("content.write");
  const listing = useListing(collection, tag);
  const reload = useRef(listing.reload);
  reload.current = listing.reload;
  const sent = useUploads();
  const [gone, setGone] = useState<DocumentInfo[]>([]);
  const [error, setError] = useState<ApiError>();
  const [isOver, setOver] = useState(false);
  const { data: known, reload: reloadCollections } = useLoaded((signal) => get<{ collections: Collection[] }>("/v1/collections", undefined, signal), "collections");
  useTitle(t("nav.documents"));

  const done = sent.filter((upload) => upload.state === "done" || upload.document).length;
  useEffect(() => {
    if (done === 0) return;
    const timer = setTimeout(() => {
      listing.reload();
      reloadCollections();
    }, 400);
    return () => clearTimeout(timer);
  }, [done]);

  const add = (files: { file: File; path: string }[]) => uploads.add(files, collection);
  const drop = async (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    add(await dropped(event.dataTransfer.items));
  };
  const bringBack = (document: DocumentInfo) => setGone((others) => others.filter((other) => other.id !== document.id));
  // Deleted after a while, also when another page is looked at meanwhile, unless it is taken back.
  const remove = (document: DocumentInfo) => {
    setGone((others) => [...others, document]);
    if (selected === document.id) navigate("/documents");
    const act = async () => {
      await call("DELETE", `/documents/${document.id}`).catch((problem: unknown) => setError(asApiError(problem)));
      reload.current();
      bringBack(document);
    };
    deletions.set(document.id, window.setTimeout(() => void act(), UNDO_MS));
  };
  const undo = (document: DocumentInfo) => {
    clearTimeout(deletions.get(document.id));
    bringBack(document);
  };
  const shown = listing.documents.filter((document) => !gone.some((other) => other.id === document.id));
  const current = listing.documents.find((document) => document.id === selected);
  const title = current?.title || current?.name || t("viewer.name");
  // The same as long as it is: the viewer begins anew with another.
  const opened = useMemo(() => (selected ? { document: selected, title } : undefined), [selected, title]);
  const isEmpty = shown.length === 0 && listing.isEnd && !collection && !tag;
  const dropping = canWrite
    ? {
        onDragOver: (event: DragEvent) => {
          event.preventDefault();
          setOver(true);
        },
        onDragLeave: (event: DragEvent) => event.currentTarget === event.target && setOver(false),
        onDrop: (event: DragEvent) => void drop(event),
      }
    : {};
  return (
    <div className="ask" data-viewer={selected !== undefined} {...dropping}>
      <div className="documents" data-over={isOver}>
        <header className="page-head">
          <div>
            <h1>{t("nav.documents")}</h1>
            <p className="muted" role="status">
              {t(listing.isEnd ? "documents.count" : "documents.count_more", { count: number(shown.length) })}
            </p>
          </div>
          {canWrite && <Choose onFiles={add} />}
        </header>
        <Filters collections={known?.collections ?? []} collection={collection} onCollection={setCollection} tag={tag} onTag={setTag} wanted={wanted} onWanted={setWanted} onMade={reloadCollections} />
        <UploadList onOpen={(id) => navigate(`/documents/${id}`)} />
        <Problem error={error ?? listing.error} retry={listing.reload} />
        {wanted.trim() ? (
          <Found wanted={wanted.trim()} collection={collection} />
        ) : isEmpty ? (
          <Empty title={t("documents.none")}>
            <p>{t(canWrite ? "documents.none.do" : "documents.none.wait")}</p>
          </Empty>
        ) : (
          <Rows documents={shown} selected={selected} onMore={listing.more} onDelete={remove} />
        )}
        {gone.map((document) => (
          <div className="undo" role="status" key={document.id}>
            <span>{t("documents.deleted", { name: document.name })}</span>
            <Button onPress={() => undo(document)}>{t("documents.undo")}</Button>
          </div>
        ))}
        {isOver && (
          <div className="drop-here" aria-hidden="true">
            <Icon name="upload" /> {t("documents.drop")}
          </div>
        )}
      </div>
      {opened && <Viewer opened={opened} onClose={() => navigate("/documents")} onChanged={listing.reload} />}
    </div>
  );
}

/** Files and folders by the dialog of the system, for those who do not drag. */
function Choose({ onFiles }: { onFiles: (files: { file: File; path: string }[]) => void }) {
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  useEffect(() => folder.current?.setAttribute("webkitdirectory", ""), []);
  const chosen = (input: HTMLInputElement) => {
    onFiles([...(input.files ?? [])].map((file) => ({ file, path: file.webkitRelativePath || file.name })));
    input.value = "";
  };
  return (
    <div className="row">
      <input ref={files} type="file" multiple className="hidden" tabIndex={-1} aria-label={t("documents.add")} onChange={(event) => chosen(event.target)} />
      <input ref={folder} type="file" multiple className="hidden" tabIndex={-1} aria-label={t("documents.add_folder")} onChange={(event) => chosen(event.target)} />
      <Button icon="folder" onPress={() => folder.current?.click()}>
        {t("documents.add_folder")}
      </Button>
      <Button kind="primary" icon="upload" onPress={() => files.current?.click()}>
        {t("documents.add")}
      </Button>
    </div>
  );
}

interface FilterProps {
  collections: Collection[];
  collection: string;
  onCollection: (name: string) => void;
  tag: string;
  onTag: (tag: string) => void;
  wanted: string;
  onWanted: (words: string) => void;
  onMade: () => void;
}

function Filters({ collections, collection, onCollection, tag, onTag, wanted, onWanted, onMade }: FilterProps) {
  const canWrite = useMay("content.write");
  const [words, setWords] = useState(wanted);
  const [name, setName] = useState("");
  const [isOpen, setOpen] = useState(false);
  const chosen = collections.find((other) => other.name === collection);
  useEffect(() => {
    const timer = setTimeout(() => onWanted(words), 250);
    return () => clearTimeout(timer);
  }, [words, onWanted]);
  const { run, isRunning, error } = useAction(async () => {
    await call("POST", "/v1/collections", { body: { name: name.trim() } });
    onMade();
    onCollection(name.trim());
    setName("");
  });
  return (
    <div className="filters">
      <input type="search" value={words} onChange={(event) => setWords(event.target.value)} placeholder={t("documents.search")} aria-label={t("documents.search")} />
      <select value={collection} onChange={(event) => onCollection(event.target.value)} aria-label={t("details.collection")}>
        <option value="">{t("ask.everything")}</option>
        {collections.map((other) => (
          <option key={other.name} value={other.name}>
            {other.name} ({number(other.documents)})
          </option>
        ))}
      </select>
      <input value={tag} onChange={(event) => onTag(event.target.value)} placeholder={t("documents.tag")} aria-label={t("documents.tag")} />
      {canWrite && (
        <Button kind="quiet" onPress={() => setOpen(!isOpen)} aria-expanded={isOpen}>
          {t("documents.collections")}
        </Button>
      )}
      {isOpen && (
        <div className="collection-box">
          <form
            className="row"
            onSubmit={(event) => {
              event.preventDefault();
              void run();
            }}
          >
            <input value={name} onChange={(event) => setName(event.target.value)} aria-label={t("documents.new_collection")} placeholder={t("documents.new_collection")} required />
            <Button type="submit" icon="plus" isPending={isRunning}>
              {t("documents.make")}
            </Button>
          </form>
          <Problem error={error} />
          {chosen && (
            <Manage
              key={chosen.name}
              collection={chosen}
              onChanged={(changed) => {
                onCollection(changed);
                onMade();
              }}
            />
          )}
          {!chosen && <p className="fine">{t("collection.choose")}</p>}
        </div>
      )}
    </div>
  );
}

/** Documents that hold what was typed, best first, with counts by type and tag to narrow them. */
function Found({ wanted, collection }: { wanted: string; collection: string }) {
  const [narrowed, setNarrowed] = useState<{ field: string; value: string }>();
  useEffect(() => setNarrowed(undefined), [wanted]);
  const body = {
    query: wanted,
    collections: collection ? [collection] : [],
    sources: ["files"],
    limit: 50,
    facet_fields: ["media_type", "tags", "language"],
    filter: narrowed && { field: narrowed.field, op: "=", value: narrowed.value },
  };
  const { data, error, reload } = useLoaded((signal) => call<SearchResponse>("POST", "/search", { body, signal }), JSON.stringify(body));
  if (error) return <Problem error={error} retry={reload} />;
  if (!data) return null;
  return (
    <div className="found">
      <div className="facets">
        {narrowed && (
          <Button onPress={() => setNarrowed(undefined)} icon="close">
            {narrowed.value}
          </Button>
        )}
        {!narrowed &&
          Object.entries(data.facets ?? {}).flatMap(([field, facet]) =>
            facet.values.map(({ value, count }) => (
              <Button key={`${field} ${value}`} kind="quiet" onPress={() => setNarrowed({ field, value: String(value) })}>
                {String(value)} <span className="fine">{number(count)}</span>
              </Button>
            )),
          )}
      </div>
      {data.results.length === 0 && <p className="muted">{t("documents.not_found")}</p>}
      <ul className="nearest">
        {data.results.map((found) => (
          <li key={found.passage_id}>
            <button type="button" onClick={() => navigate(`/documents/${found.document_id}`)}>
              <strong>{found.title}</strong>
              {found.page && <span className="fine"> · {t("cite.page", { page: found.page })}</span>}
              <span className="nearest-text">{found.snippet}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
