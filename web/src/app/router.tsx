// Addresses of the page and how to get from one to another.
import { type ComponentProps, type MouseEvent, useSyncExternalStore } from "react";

const BASE = "/app";
const CHANGED = "assay:address";

/** The address inside the page, such as `/documents`; `/ask` at the root. */
export function currentPath(): string {
  const path = location.pathname;
  return path.startsWith(`${BASE}/`) ? path.slice(BASE.length) : "/ask";
}

function subscribe(changed: () => void): () => void {
  addEventListener("popstate", changed);
  addEventListener(CHANGED, changed);
  return () => {
    removeEventListener("popstate", changed);
    removeEventListener(CHANGED, changed);
  };
}

export function usePath(): string {
  return useSyncExternalStore(subscribe, currentPath);
}

/** The part of the address behind `?`. */
export function useSearch(): URLSearchParams {
  return new URLSearchParams(useSyncExternalStore(subscribe, () => location.search));
}

export function href(path: string): string {
  return BASE + path;
}

export function navigate(path: string, replace = false): void {
  if (replace) history.replaceState(null, "", href(path));
  else history.pushState(null, "", href(path));
  dispatchEvent(new Event(CHANGED));
}

/** A link inside the page. */
export function Link({ to, ...rest }: { to: string } & Omit<ComponentProps<"a">, "href">) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    rest.onClick?.(event);
    if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    navigate(to);
  };
  return <a {...rest} href={href(to)} onClick={follow} />;
}
