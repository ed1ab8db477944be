// What must never happen on a page: errors in its console, a request to another host, a dialog.
import { type Page, expect } from "@playwright/test";

export interface Watched {
  problems: string[];
  /** Fails the test where something happened; `allowed` names what the test brought about itself. */
  check: (allowed?: RegExp) => void;
}

export function watch(page: Page, own: string): Watched {
  const problems: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") problems.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol !== "data:" && protocol !== "blob:" && origin !== new URL(own).origin) problems.push(`request to ${origin}`);
  });
  return {
    problems,
    check: (allowed) => expect(problems.filter((problem) => !allowed?.test(problem))).toEqual([]),
  };
}

/** Asks on the page that is open and waits for the whole answer. */
export async function ask(page: Page, question: string): Promise<void> {
  await page.getByRole("textbox", { name: "Question" }).fill(question);
  await page.keyboard.press("Enter");
  await expect(page.locator(".turn").last()).toHaveAttribute("aria-busy", "false");
  await expect(page.locator(".turn").last().locator(".deeds, .problem").first()).toBeVisible();
}
