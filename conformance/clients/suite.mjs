// Runs cases and says of each what was wrong, as a line of JSON.

import { setTimeout as sleep } from "node:timers/promises";

export const { ASSAY, UPSTREAM, CLIENT } = process.env;
export const MESSAGES = [{ role: "user", content: "hi" }];
export const SCHEMA = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
};
export const CITIES = [{ city: "Oslo" }, { city: "Rome" }];

/** The name by which this client asks for a script of the provider. */
export const model = (script) => `${script}@${CLIENT}`;

export async function test(name, run) {
  try {
    await run();
    console.log(JSON.stringify([name, ""]));
  } catch (error) {
    console.log(JSON.stringify([name, String(error?.stack ?? error)]));
  }
}

/** The error of the kind that the function has to raise. */
export async function raises(kind, run) {
  let found;
  try {
    found = await run();
  } catch (error) {
    if (error instanceof kind) return error;
    throw error;
  }
  throw new Error(`no ${kind.name} but ${JSON.stringify(found)}`);
}

/** All that comes from a stream. */
export async function all(stream) {
  const seen = [];
  for await (const part of await stream) seen.push(part);
  return seen;
}

/** Waits until the provider has seen the caller of a script leave. */
export async function left(script) {
  for (let at = 0; at < 100; at += 1) {
    const answer = await fetch(`${UPSTREAM}/left`);
    if ((await answer.json())[model(script)]) return;
    await sleep(50);
  }
  throw new Error("the call goes on at the provider");
}
