// The audit log, newest first, and its check in this browser.
import { useState } from "react";
import { get, open, type Schemas } from "../../api/client";
import { useAction, useLoaded } from "../../app/use";
import { Button, Empty, Problem, State, Table, Time } from "../../parts";
import { number, t } from "../../text";
import { type Verified, verify } from "./verify";

const PAGE = 100;

/** The number of the newest entry that is signed for, from the first line of the export. */
async function newest(signal: AbortSignal): Promise<number> {
  const response = await open("GET", "/v1/audit/export", { signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (reader && !text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) break;
    text += value;
  }
  await reader?.cancel();
  const line = text.split("\n")[0];
  return line ? (JSON.parse(line) as { checkpoint: number }).checkpoint : 0;
}

export function Audit() {
  const [back, setBack] = useState(0);
  const { data, error, reload } = useLoaded(async (signal) => {
    const last = await newest(signal);
    const after = Math.max(0, last - PAGE * (back + 1));
    const found = await get<Schemas["AuditResponse"]>("/v1/audit", { after, limit: back === 0 ? 1000 : PAGE }, signal);
    return { ...found, isFirst: after === 0 };
  }, String(back));
  const [verified, setVerified] = useState<Verified>();
  const check = useAction(async () => {
    setVerified(undefined);
    const response = await open("GET", "/v1/audit/export");
    setVerified(await verify(await response.text()));
  });
  const entries = [...(data?.entries ?? [])].reverse();
  return (
    <>
      <div className="row">
        <Button icon="check" onPress={() => void check.run()} isPending={check.isRunning}>
          {t("audit.verify")}
        </Button>
        <span role="status">
          {verified?.isWhole && <span className="state state-good">{t("audit.whole", { count: number(verified.entries) })}</span>}
          {verified && !verified.isWhole && <span className="state state-bad">{t("audit.broken", { line: verified.line, why: t(`audit.${verified.why}`) })}</span>}
        </span>
      </div>
      <Problem error={error ?? check.error} retry={reload} />
      {data && entries.length === 0 && <Empty title={t("audit.none")} />}
      {entries.length > 0 && (
        <Table label={t("admin.audit")} head={["#", t("audit.when"), t("audit.who"), t("audit.what"), t("audit.object"), t("audit.outcome"), t("audit.from")]}>
          {entries.map((entry) => (
            <tr key={entry.seq}>
              <td className="numeric">{number(entry.seq)}</td>
              <td>
                <Time at={entry.at} />
              </td>
              <td className="fine">
                {entry.actor} {entry.via !== entry.actor && `· ${entry.via}`}
              </td>
              <td>{entry.action}</td>
              <td className="fine">{entry.object}</td>
              <td>
                <State value={entry.outcome} /> <span className="fine">{entry.detail}</span>
              </td>
              <td className="fine">{entry.from}</td>
            </tr>
          ))}
        </Table>
      )}
      <div className="row">
        {back > 0 && <Button onPress={() => setBack(back - 1)}>{t("audit.newer")}</Button>}
        {data && !data.isFirst && <Button onPress={() => setBack(back + 1)}>{t("audit.older")}</Button>}
      </div>
    </>
  );
}
