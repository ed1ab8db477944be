// The list of documents. Only the rows in view are drawn, however many there are.
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import type { DocumentInfo } from "../../api/types";
import { Link } from "../../app/router";
import { useMay } from "../../app/session";
import { IconButton, State, Time } from "../../parts";
import { bytes, t } from "../../text";

const ROW = 56;

interface Props {
  documents: DocumentInfo[];
  selected: string | undefined;
  onMore: () => void;
  onDelete: (document: DocumentInfo) => void;
}

export function Rows({ documents, selected, onMore, onDelete }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const canDelete = useMay("content.delete");
  const list = useVirtualizer({ count: documents.length, getScrollElement: () => frame.current, estimateSize: () => ROW, overscan: 12 });
  const items = list.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= documents.length - 30) onMore();
  }, [last, documents.length, onMore]);
  return (
    <div className="rows" ref={frame}>
      <ul style={{ height: `${list.getTotalSize()}px` }}>
        {items.map((item) => {
          const document = documents[item.index];
          if (!document) return null;
          return (
            <li
              key={document.id}
              className="doc-row"
              aria-setsize={documents.length}
              aria-posinset={item.index + 1}
              data-selected={document.id === selected}
              style={{ transform: `translateY(${item.start}px)`, height: `${ROW}px` }}
            >
              <Link to={`/documents/${document.id}`} className="doc-link" aria-current={document.id === selected ? "true" : undefined}>
                <span className="doc-name">{document.title || document.name}</span>
                <span className="doc-sub fine">
                  {document.source !== (document.title || document.name) && `${document.source} · `}
                  {bytes(document.size_bytes)} · <Time at={document.received_at} />
                  {(document.tags ?? []).map((tag) => (
                    <span className="tag" key={tag}>
                      {tag}
                    </span>
                  ))}
                </span>
              </Link>
              {document.problem_count > 0 && <span className="state state-warn">{t("documents.problems", { count: document.problem_count })}</span>}
              <State value={document.state} />
              {canDelete && <IconButton icon="trash" label={t("documents.delete")} onPress={() => onDelete(document)} />}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
