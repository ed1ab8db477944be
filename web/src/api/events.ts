// Server-sent events of a call that needs a body, which EventSource cannot send.
import { ApiError } from "./client";

/** An event: its name and its data. */
export interface Told {
  name: string;
  data: unknown;
}

/** The events of an answer, as they come. */
export async function* events(response: Response): AsyncGenerator<Told> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) return;
  let waiting = "";
  for (;;) {
    const { value, done } = await reader.read().catch(() => {
      throw new ApiError(0, "offline", "the connection was lost");
    });
    if (done) return;
    waiting += value;
    const whole = waiting.split("\n\n");
    waiting = whole.pop() ?? "";
    for (const block of whole) {
      const told = parse(block);
      if (told) yield told;
    }
  }
}

function parse(block: string): Told | undefined {
  let name = "message";
  const data: string[] = [];
  for (const line of block.split("\n")) {
    if (line.startsWith("event:")) name = line.slice(6).trim();
    else if (line.startsWith("data:")) data.push(line.slice(5).replace(/^ /, ""));
  }
  return data.length > 0 ? { name, data: JSON.parse(data.join("\n")) } : undefined;
}
