// The guard: what it did, one by one, and its rules with what each is for.
import { useState } from "react";
import { get, type Schemas } from "../../api/client";
import { useMay } from "../../app/session";
import { useLoaded } from "../../app/use";
import { Empty, Problem, Section, State, Table, Time } from "../../parts";
import { number, t, word } from "../../text";

const ROUND_MS = 15_000;

export function Guard() {
  const canSeeEvents = useMay("audit.read");
  return (
    <>
      {canSeeEvents && <Events />}
      <Rules />
    </>
  );
}

/** Without the texts: the guard keeps none. */
function Events() {
  const { data, error, reload } = useLoaded((signal) => get<Schemas["GuardEventsResponse"]>("/v1/guard/events", undefined, signal), "events", ROUND_MS);
  return (
    <Section title={t("guard.events")}>
      <p className="muted">{t("guard.events.lead")}</p>
      <Problem error={error} retry={reload} />
      {data?.events.length === 0 && (
        <Empty title={t("guard.events.none")}>
          <p>{t("guard.events.none.do")}</p>
        </Empty>
      )}
      {data && data.events.length > 0 && (
        <Table label={t("guard.events")} head={[t("audit.when"), t("guard.place"), t("guard.event"), t("audit.who"), "#"]}>
          {data.events.map((event) => (
            <tr key={event.seq}>
              <td>
                <Time at={event.at} />
              </td>
              <td>{word("place", event.place)}</td>
              <td>
                {event.findings.length === 0 && event.detail}
                {event.findings.map((found) => (
                  <div key={`${found.kind} ${found.action}`}>
                    <State value={found.action} /> {word("guard", found.kind)} × {number(found.count)}
                  </div>
                ))}
              </td>
              <td className="fine">{event.actor}</td>
              <td className="numeric">{number(event.seq)}</td>
            </tr>
          ))}
        </Table>
      )}
    </Section>
  );
}

function Rules() {
  const [wanted, setWanted] = useState("");
  const { data, error, reload } = useLoaded((signal) => get<Schemas["GuardRulesResponse"]>("/v1/guard/rules", undefined, signal), "rules");
  const words = wanted.trim().toLowerCase();
  const rules = (data?.rules ?? []).filter((rule) => `${rule.id} ${rule.kind} ${rule.reason}`.toLowerCase().includes(words));
  return (
    <Section title={t("guard.rules")} actions={<input type="search" value={wanted} onChange={(event) => setWanted(event.target.value)} placeholder={t("guard.search")} aria-label={t("guard.search")} />}>
      <Problem error={error} retry={reload} />
      <Table label={t("guard.rules")} head={[t("guard.rule"), t("guard.finds"), t("guard.severity"), t("guard.action"), t("guard.why")]}>
        {rules.map((rule) => (
          <tr key={rule.id}>
            <td>
              <code>{rule.id}</code>
            </td>
            <td>{word("guard", rule.kind)}</td>
            <td>
              <State value={rule.severity} />
            </td>
            <td>
              <State value={rule.action} />
            </td>
            <td className="fine">{rule.reason}</td>
          </tr>
        ))}
      </Table>
    </Section>
  );
}
