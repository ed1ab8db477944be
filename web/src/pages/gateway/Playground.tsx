// Trying a text: what the guard finds in it, and what a model answers.
import { type ReactNode, useState } from "react";
import { call, get, type Schemas } from "../../api/client";
import { useAction, useLoaded } from "../../app/use";
import { unitOf } from "../../document/locate";
import { Button, Problem, Section, State, Table } from "../../parts";
import { t, word } from "../../text";

interface Completion {
  choices: { message: { content?: string | null } }[];
}

export function Playground() {
  const { data: models } = useLoaded((signal) => get<{ data: { id: string }[] }>("/v1/models", undefined, signal), "models");
  const [text, setText] = useState("");
  const [model, setModel] = useState("assay");
  const [scan, setScan] = useState<{ text: string; found: Schemas["GuardScanResponse"] }>();
  const [answer, setAnswer] = useState<string>();
  const look = useAction(async () => {
    const found = await call<Schemas["GuardScanResponse"]>("POST", "/v1/guard/scan", { body: { text, redact: true } });
    setScan({ text, found });
  });
  const ask = useAction(async () => {
    setAnswer(undefined);
    await look.run();
    const body = { model, messages: [{ role: "user", content: text }] };
    const completion = await call<Completion>("POST", "/v1/chat/completions", { body });
    setAnswer(completion.choices[0]?.message.content ?? "");
  });
  return (
    <div className="playground">
      <label>
        <span className="fine">{t("playground.text")}</span>
        <textarea value={text} onChange={(event) => setText(event.target.value)} />
      </label>
      <div className="row">
        <select value={model} onChange={(event) => setModel(event.target.value)} aria-label={t("gateway.model")}>
          {(models?.data ?? [{ id: "assay" }]).map(({ id }) => (
            <option key={id}>{id}</option>
          ))}
        </select>
        <Button kind="primary" isDisabled={!text.trim()} isPending={ask.isRunning} onPress={() => void ask.run()}>
          {t("playground.send")}
        </Button>
        <Button icon="shield" isDisabled={!text.trim()} isPending={look.isRunning} onPress={() => void look.run()}>
          {t("playground.scan")}
        </Button>
      </div>
      <Problem error={look.error ?? ask.error} />
      {answer !== undefined && (
        <Section title={t("playground.answer")}>
          <p className="output">{answer}</p>
        </Section>
      )}
      {scan && (
        <Section title={t("playground.findings")}>
          {scan.found.blocked && <p className="answer-state answer-conflicting">{t("playground.blocked")}</p>}
          {scan.found.findings.length === 0 ? (
            <p className="muted">{t("playground.clean")}</p>
          ) : (
            <>
              <p className="output">{marked(scan.text, scan.found.findings)}</p>
              <Table label={t("playground.findings")} head={[t("guard.event"), t("guard.severity"), t("guard.action"), t("guard.why")]}>
                {scan.found.findings.map((finding, at) => (
                  <tr key={at}>
                    <td>{word("guard", finding.kind)}</td>
                    <td>
                      <State value={finding.severity} />
                    </td>
                    <td>
                      <State value={finding.action} />
                    </td>
                    <td className="fine">{finding.reason}</td>
                  </tr>
                ))}
              </Table>
              {scan.found.text && scan.found.text !== scan.text && (
                <>
                  <h3>{t("playground.passes")}</h3>
                  <p className="output">{scan.found.text}</p>
                </>
              )}
            </>
          )}
        </Section>
      )}
    </div>
  );
}

function marked(text: string, findings: Schemas["GuardFinding"][]): ReactNode[] {
  const parts: ReactNode[] = [];
  let at = 0;
  for (const finding of [...findings].sort((a, b) => a.start - b.start)) {
    const [start, end] = [unitOf(text, finding.start), unitOf(text, finding.end)];
    if (start < at) continue;
    parts.push(text.slice(at, start), <mark key={start}>{text.slice(start, end)}</mark>);
    at = end;
  }
  return [...parts, text.slice(at)];
}
