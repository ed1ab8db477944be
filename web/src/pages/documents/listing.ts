// The documents of the tenant, page by page as the list is scrolled.
import { useCallback, useEffect, useRef, useState } from "react";
import { type ApiError, get } from "../../api/client";
import type { DocumentInfo } from "../../api/types";
import { asApiError } from "../../app/use";

/** Documents of the first page, which is soon there, and of those that follow as one scrolls. */
const LIMIT = 200;
const LIMIT_MORE = 1000;

export interface Listing {
  documents: DocumentInfo[];
  isEnd: boolean;
  isLoading: boolean;
  error: ApiError | undefined;
  more: () => void;
  reload: () => void;
}

export function useListing(collection: string, tag: string): Listing {
  const [state, setState] = useState<{ documents: DocumentInfo[]; next: string | undefined; isEnd: boolean }>({ documents: [], next: undefined, isEnd: false });
  const [error, setError] = useState<ApiError>();
  const [isLoading, setLoading] = useState(false);
  const run = useRef(0);
  const load = useCallback(
    async (after: string | undefined, limit: number) => {
      const mine = after === undefined ? (run.current += 1) : run.current;
      setLoading(true);
      try {
        const query = { collection: collection || undefined, tag: tag || undefined, after, limit };
        const page = await get<{ documents: DocumentInfo[]; next?: string | null }>("/v1/documents", query);
        if (mine !== run.current) return;
        setError(undefined);
        setState((old) => ({
          documents: after === undefined ? page.documents : [...old.documents, ...page.documents],
          next: page.next ?? undefined,
          isEnd: !page.next,
        }));
      } catch (problem) {
        if (mine === run.current) setError(asApiError(problem));
      } finally {
        if (mine === run.current) setLoading(false);
      }
    },
    [collection, tag],
  );
  useEffect(() => void load(undefined, LIMIT), [load]);
  const more = useCallback(() => {
    if (!isLoading && !state.isEnd && state.next) void load(state.next, LIMIT_MORE);
  }, [isLoading, state, load]);
  const seen = state.documents.length;
  // What was seen stays in view: the same number of rows is asked for again.
  const reload = useCallback(() => void load(undefined, Math.min(LIMIT_MORE, Math.max(LIMIT, seen))), [load, seen]);
  return { documents: state.documents, isEnd: state.isEnd, isLoading, error, more, reload };
}
