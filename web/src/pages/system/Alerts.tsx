// What is promised and whether it is kept: alerts, objectives with their error budgets, and how
// answers fared in the last minute, hour and day.
import { get, type Schemas } from "../../api/client";
import { useLoaded } from "../../app/use";
import { Empty, Loading, Problem, Section, State, Table, Time } from "../../parts";
import { duration, number, percent, t, word } from "../../text";

const ROUND_MS = 15_000;

export function Alerts() {
  return (
    <>
      <Now />
      <Objectives />
      <Windows />
    </>
  );
}

function Now() {
  const { data, error, reload } = useLoaded((signal) => get<Schemas["AlertsResponse"]>("/v1/alerts", undefined, signal), "alerts", ROUND_MS);
  return (
    <Section title={t("system.alerts")}>
      <Problem error={error} retry={reload} />
      {!data && !error && <Loading />}
      {data?.alerts.length === 0 && (
        <Empty title={t("alerts.none")}>
          <p>{t("alerts.none.do")}</p>
        </Empty>
      )}
      {data && data.alerts.length > 0 && (
        <Table label={t("system.alerts")} head={[t("alerts.what"), t("made.state"), t("guard.severity"), t("alerts.since"), t("alerts.do")]}>
          {data.alerts.map((alert) => (
            <tr key={`${alert.rule} ${JSON.stringify(alert.labels)}`}>
              <td>
                {alert.summary}
                <div className="fine">
                  {alert.rule}
                  {Object.entries(alert.labels).map(([name, value]) => ` · ${name} ${value}`)}
                </div>
              </td>
              <td>
                <State value={alert.state} />
              </td>
              <td>
                <State value={alert.severity} />
              </td>
              <td>
                <Time at={alert.since} />
              </td>
              <td className="fine">
                {alert.runbook} · {alert.owner}
              </td>
            </tr>
          ))}
        </Table>
      )}
    </Section>
  );
}

function Objectives() {
  const { data, error, reload } = useLoaded((signal) => get<Schemas["SloResponse"]>("/v1/slo", undefined, signal), "slo", ROUND_MS);
  return (
    <Section title={t("slo.title")}>
      <p className="muted">{t("slo.lead")}</p>
      <Problem error={error} retry={reload} />
      {data && (
        <ul className="objectives">
          {data.objectives.map((objective) => (
            <Objective key={objective.name} objective={objective} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function Objective({ objective }: { objective: Schemas["Objective"] }) {
  const { error_budget_left: left, achieved, exhausted_in_s: ends } = objective;
  const fastest = objective.burn_rates.reduce((most, burn) => Math.max(most, burn.long_rate ?? 0), 0);
  const isKnown = typeof left === "number";
  return (
    <li className="objective">
      <div className="objective-head">
        <strong>{objective.summary}</strong>
        <State value={objective.status} />
      </div>
      <p className="fine">
        {t("slo.promise", { target: percent(objective.target, 2), days: number(objective.window_days) })}
        {typeof achieved === "number" && ` · ${t("slo.achieved", { share: percent(achieved, 2) })}`}
      </p>
      {isKnown ? (
        <>
          <meter min={0} max={1} low={0.2} high={0.5} optimum={1} value={Math.max(0, left)} aria-label={t("slo.left_of", { name: objective.name })} />
          <p className="fine">
            {t("slo.left", { share: percent(left), bad: number(objective.bad_events), all: number(objective.events) })}
            {fastest > 0 && ` · ${t("slo.burns", { rate: number(fastest, 1) })}`}
            {typeof ends === "number" && ` · ${t("slo.ends", { time: duration(ends * 1000) })}`}
          </p>
        </>
      ) : (
        <p className="fine">{t("slo.no_events")}</p>
      )}
    </li>
  );
}

const WINDOWS = ["1m", "5m", "1h", "24h"];

function Windows() {
  const { data, error, reload } = useLoaded((signal) => get<Schemas["PerformanceResponse"]>("/metrics/performance", undefined, signal), "performance", ROUND_MS);
  const measures = Object.entries(data?.performance_summary.key_metrics ?? {}).filter(([name]) => name !== "error_rate");
  const time = (value: number | null | undefined) => (typeof value === "number" ? duration(value) : "–");
  return (
    <Section title={t("windows.title")}>
      <Problem error={error} retry={reload} />
      {data && (
        <Table label={t("windows.title")} head={[t("windows.what"), t("windows.window"), t("windows.count"), "P50", "P95", "P99", t("windows.failed")]}>
          {measures.flatMap(([name, measure]) =>
            WINDOWS.map((window, at) => {
              const found = measure.windows[window];
              return (
                <tr key={`${name} ${window}`}>
                  {at === 0 && (
                    <th scope="rowgroup" rowSpan={WINDOWS.length}>
                      {word("measure", name)}
                      <div className="fine">{t("windows.promise", { time: duration(measure.sla_target) })}</div>
                    </th>
                  )}
                  <td>{word("span", window)}</td>
                  <td className="numeric">{number(found?.count ?? 0)}</td>
                  <td className="numeric">{time(found?.p50)}</td>
                  <td className="numeric">{time(found?.p95)}</td>
                  <td className="numeric">{time(found?.p99)}</td>
                  <td className="numeric">{typeof found?.error_rate === "number" ? percent(found.error_rate, 1) : "–"}</td>
                </tr>
              );
            }),
          )}
        </Table>
      )}
      {(data?.recommendations ?? []).map((text) => (
        <p key={text} className="fine">
          {text}
        </p>
      ))}
    </Section>
  );
}
