// Light, dark, or as the system has it.
import { useState } from "react";

export type Theme = "system" | "light" | "dark";
const KEPT = "assay.theme";

function apply(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

export function startTheme(): void {
  apply((localStorage.getItem(KEPT) as Theme | null) ?? "system");
}

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState((localStorage.getItem(KEPT) as Theme | null) ?? "system");
  const set = (wanted: Theme) => {
    localStorage.setItem(KEPT, wanted);
    apply(wanted);
    setTheme(wanted);
  };
  return [theme, set];
}
