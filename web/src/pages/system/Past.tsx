// The last hour or day of the server as plots, from what it remembers of itself.
import { useState } from "react";
import { get, type Schemas } from "../../api/client";
import { useLoaded } from "../../app/use";
import { Problem, Section } from "../../parts";
import { Plot } from "../../parts/Plot";
import { bytes, duration, number, t } from "../../text";

const ROUND_MS = 30_000;
const WINDOWS = ["1h", "24h"];

/** A figure that is measured, or a gap. */
const gaps = (values: (number | null | undefined)[]) => values.map((value) => value ?? null);

export function Past() {
  const [window, setWindow] = useState("1h");
  const { data, error, reload } = useLoaded((signal) => get<Schemas["HistoryResponse"]>("/metrics/history", { window }, signal), window, ROUND_MS);
  const choice = (
    <select value={window} onChange={(event) => setWindow(event.target.value)} aria-label={t("past.window")}>
      {WINDOWS.map((value) => (
        <option key={value} value={value}>
          {t(value === "1h" ? "past.hour" : "past.day")}
        </option>
      ))}
    </select>
  );
  return (
    <Section title={t("past.title")} actions={choice}>
      <Problem error={error} retry={reload} />
      {data && (
        <div className="plots">
          <Plot
            label={t("past.latency")}
            times={data.times}
            format={duration}
            lines={[
              { name: t("past.half"), values: gaps(data.p50_ms) },
              { name: t("past.most"), values: gaps(data.p95_ms) },
            ]}
          />
          <Plot
            label={t("system.rate")}
            times={data.times}
            format={(value) => number(value, 2)}
            lines={[
              { name: t("system.all"), values: gaps(data.requests) },
              { name: t("system.failed"), values: gaps(data.failures) },
            ]}
          />
          <Plot label={t("system.memory")} times={data.times} format={bytes} lines={[{ name: t("system.memory"), values: gaps(data.memory_bytes) }]} />
        </div>
      )}
    </Section>
  );
}
