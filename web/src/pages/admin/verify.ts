// Checks an export of the audit log in the browser, as `assay audit verify` does: each line names
// the SHA-256 of the line before it, checkpoints are signed with Ed25519.

/** What the check came to. */
export type Verified = { isWhole: true; entries: number; key: string } | { isWhole: false; line: number; why: Fault };
/** Why a log does not hold; the words of the page have a text for each. */
export type Fault = "no_checkpoint" | "changed" | "order" | "signature" | "cut" | "unsigned";

const GENESIS = "0".repeat(64);

interface Checkpoint {
  checkpoint: number;
  at: string;
  tenant: string;
  hash: string;
  key: string;
  signature: string;
}
interface Entry {
  seq: number;
  tenant: string;
  prev: string;
}

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));

async function sha256(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function isSigned(point: Checkpoint, wanted: string): Promise<boolean> {
  if (point.key !== wanted) return false;
  const key = await crypto.subtle.importKey("raw", bytesOf(point.key), "Ed25519", false, ["verify"]);
  const message = `assay audit checkpoint 1\n${point.tenant}\n${point.checkpoint}\n${point.at}\n${point.hash}\n`;
  return crypto.subtle.verify("Ed25519", key, bytesOf(point.signature), new TextEncoder().encode(message));
}

export async function verify(text: string): Promise<Verified> {
  const lines = text.split("\n").filter(Boolean);
  const fault = (line: number, why: Fault): Verified => ({ isWhole: false, line, why });
  const newest = JSON.parse(lines[0] ?? "{}") as Partial<Checkpoint>;
  if (newest.checkpoint === undefined || !newest.key || !newest.hash) return fault(1, "no_checkpoint");
  const { key } = newest;
  if (!(await isSigned(newest as Checkpoint, key))) return fault(1, "signature");
  let [seq, hash, isEnded, isCovered] = [0, GENESIS, false, false];
  for (const [at, line] of lines.entries()) {
    if (at === 0) continue;
    const told = JSON.parse(line) as Checkpoint | Entry;
    if ("checkpoint" in told) {
      if (!(await isSigned(told, key))) return fault(at + 1, "signature");
      if (told.checkpoint !== seq || told.hash !== hash || told.tenant !== newest.tenant) return fault(at + 1, "changed");
      isCovered ||= line === lines[0];
      isEnded = true;
    } else {
      if (told.seq !== seq + 1) return fault(at + 1, "order");
      if (told.prev !== hash || told.tenant !== newest.tenant) return fault(at + 1, "changed");
      seq = told.seq;
      hash = await sha256(line);
      isEnded = false;
    }
  }
  if (!isCovered) return fault(lines.length, "cut");
  return isEnded ? { isWhole: true, entries: seq, key } : fault(lines.length, "unsigned");
}
