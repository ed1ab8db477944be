// Getting things from the server into components.
import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError } from "../api/client";

/** What a call gave, its failure, and how to make it again. */
export interface Loaded<T> {
  data: T | undefined;
  error: ApiError | undefined;
  isLoading: boolean;
  reload: () => void;
}

export function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(-1, "page", String(error));
}

/** Loads when `key` changes; the old data stays until the new is there. With `everyMs`, again and
 * again while the page is seen. */
export function useLoaded<T>(load: (signal: AbortSignal) => Promise<T>, key: string, everyMs?: number): Loaded<T> {
  const [state, setState] = useState<{ data?: T; error?: ApiError; isLoading: boolean }>({ isLoading: true });
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    const stop = new AbortController();
    setState((old) => ({ ...old, isLoading: true }));
    latest
      .current(stop.signal)
      .then((data) => !stop.signal.aborted && setState({ data, isLoading: false }))
      .catch((error: unknown) => {
        if (!stop.signal.aborted) setState((old) => ({ data: old.data, error: asApiError(error), isLoading: false }));
      });
    return () => stop.abort();
  }, [key, round]);
  useEffect(() => {
    if (!everyMs) return;
    const timer = setInterval(() => !document.hidden && setRound((n) => n + 1), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  const reload = useCallback(() => setRound((n) => n + 1), []);
  return { data: state.data, error: state.error, isLoading: state.isLoading, reload };
}

/** A deed that a person starts: whether it is under way and what became of it. */
export function useAction<A extends unknown[]>(
  act: (...args: A) => Promise<void>,
): { run: (...args: A) => Promise<boolean>; isRunning: boolean; error: ApiError | undefined } {
  const [isRunning, setRunning] = useState(false);
  const [error, setError] = useState<ApiError>();
  const run = async (...args: A): Promise<boolean> => {
    setRunning(true);
    setError(undefined);
    try {
      await act(...args);
      return true;
    } catch (problem) {
      setError(asApiError(problem));
      return false;
    } finally {
      setRunning(false);
    }
  };
  return { run, isRunning, error };
}

/** Says the title of the page to browser and screen reader. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${title} · Assay` : "Assay";
  }, [title]);
}
