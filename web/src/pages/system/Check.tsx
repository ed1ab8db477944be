// One check of a run: what came of it, and opened what was seen, what was wanted, and how it was in
// earlier runs.
import { useState } from "react";
import type { Schemas } from "../../api/client";
import { Link } from "../../app/router";
import { State, Table } from "../../parts";
import { duration, moment, number, t, word } from "../../text";

type CheckOf = Schemas["ReadinessCheck"];
type Run = Schemas["ReadinessRun"];
type Seen = Schemas["ReadinessObservation"];

/** Height of the picture of measurements, and the width of one. */
const HEIGHT = 20;
const STEP = 3;
/** Measurements below which no picture says more than the figure. */
const PICTURED_MIN = 5;

export function Check({ check, history }: { check: CheckOf; history: Run[] }) {
  // Hundreds are listed; what is inside of one is made when it is opened.
  const [isOpen, setOpen] = useState(false);
  return (
    <li>
      <details className="ready-check" onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <code>{check.id}</code>
          <span className="ready-title">
            {check.title}
            <span className="fine">{check.says}</span>
          </span>
          <State value={check.verdict} />
        </summary>
        {isOpen && <Inside check={check} history={history} />}
      </details>
    </li>
  );
}

function Inside({ check, history }: { check: CheckOf; history: Run[] }) {
  const todo: [string, string][] = [];
  if (!check.lets_through && check.need) todo.push([t("ready.missing"), check.need]);
  if (check.verdict !== "pass" && check.remedy) todo.push([t("ready.remedy"), check.remedy]);
  if (check.runbook) todo.push([t("ready.page"), check.runbook]);
  const wanted = (name: string) => check.judged.filter(({ of }) => of === name);
  const unseen = check.judged.filter(({ of }) => !check.observations.some(({ name }) => name === of));
  return (
    <div className="ready-inside">
      <dl className="pairs">
        {todo.map(([name, text]) => (
          <div key={name} className="pair">
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      {check.observations.length === 0 && <p className="muted">{t("ready.nothing_seen")}</p>}
      {check.observations.length > 0 && (
        <Table label={`${check.id} ${t("ready.seen")}`} head={[t("ready.seen"), t("ready.value"), t("ready.wanted"), t("ready.rests_on"), t("ready.evidence")]}>
          {check.observations.map((seen) => (
            <tr key={seen.name}>
              <td>{seen.name}</td>
              <td className="numeric">
                {seen.value} {seen.unit}
                <Samples seen={seen} />
              </td>
              <td>
                <Judgements of={wanted(seen.name)} />
              </td>
              <td className="fine">{basis(seen)}</td>
              <td>{seen.artefact ? <code title={`ev/${seen.artefact}`}>ev/{seen.artefact.slice(0, 8)}…</code> : "–"}</td>
            </tr>
          ))}
        </Table>
      )}
      <Judgements of={unseen} />
      <Past check={check} history={history} />
      <p className="fine">{t("ready.from", { section: check.section, severity: word("state", check.severity), sources: check.sources })}</p>
    </div>
  );
}

function Judgements({ of }: { of: Schemas["ReadinessJudgement"][] }) {
  return (
    <ul className="plain-list">
      {of.map(({ says, verdict, need }) => (
        <li key={says + verdict}>
          <State value={verdict} /> {says} {need && <span className="fine">{need}</span>}
        </li>
      ))}
    </ul>
  );
}

/** What a value rests on, in words. */
function basis(seen: Seen): string {
  const parts = [];
  if (seen.size !== 1) parts.push(t("ready.times", { count: number(seen.size) }));
  if (seen.window_seconds != null) parts.push(t("ready.window", { time: duration(seen.window_seconds * 1000) }));
  if (seen.age_days != null) parts.push(t("ready.age", { days: number(seen.age_days, 1) }));
  return parts.join(", ") || "–";
}

/** Measurements as a picture, each a bar, in the order in which they were taken. */
function Samples({ seen }: { seen: Seen }) {
  const most = Math.max(...seen.samples);
  if (seen.samples.length < PICTURED_MIN || !(most > 0)) return null;
  const width = seen.samples.length * STEP;
  return (
    <svg className="samples" role="img" aria-label={t("ready.samples", { count: number(seen.samples.length), most: number(most, 1) })} width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`}>
      {seen.samples.map((sample, at) => {
        const height = Math.max(0.5, (sample / most) * HEIGHT);
        return <rect key={at} x={at * STEP} y={HEIGHT - height} width={STEP - 1} height={height} />;
      })}
    </svg>
  );
}

function Past({ check, history }: { check: CheckOf; history: Run[] }) {
  const past = history.map((run, at) => ({ run, verdict: check.past[at] })).reverse();
  if (past.length === 0) return null;
  return (
    <div>
      <h3>{t("ready.past")}</h3>
      <ol className="past">
        {past.map(({ run, verdict }) => (
          <li key={run.id}>
            <Link to={`/system/readiness/${run.id}`} title={moment(run.started_at)} className="quiet-link">
              {verdict ? <State value={verdict} /> : <span className="fine">–</span>}
              <span className="hidden">{moment(run.started_at)}</span>
            </Link>
          </li>
        ))}
      </ol>
    </div>
  );
}
