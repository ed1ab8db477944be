// Whether the deployment is ready: a run that `assay ready check` kept, blockers first, each check with
// what was seen and wanted and how it was before; what people have to bring, and what to run.
import { useState } from "react";
import { get, type Schemas } from "../../api/client";
import { navigate, useSearch } from "../../app/router";
import { useLoaded } from "../../app/use";
import { Empty, Figure, Icon, IconButton, Loading, Problem, Section, State, Table, Time, useNotice } from "../../parts";
import { duration, moment, number, t, word } from "../../text";
import { Check } from "./Check";
import "../../style/readiness.css";

type Run = Schemas["ReadinessRun"];
type Whole = Schemas["ReadinessRunResponse"];
type CheckOf = Schemas["ReadinessCheck"];

/** Runs that can be chosen; older ones are read by command. */
const SHOWN = 50;
/** Commands that the checks ask for, in their own words. */
const ASKED = /assay (?:drill|backup|eval|alerts) [a-z-]+/g;
const SEVERITIES = ["blocker", "major", "minor"] as const;

export function Readiness({ chosen }: { chosen: string | undefined }) {
  const id = chosen ?? "latest";
  const listed = useLoaded((signal) => get<Schemas["ReadinessRunListResponse"]>("/v1/readiness/runs", { limit: SHOWN }, signal), "runs");
  const runs = listed.data?.runs ?? [];
  const isEmpty = listed.data !== undefined && runs.length === 0 && listed.data.unreadable.length === 0;
  const { data, error, reload } = useLoaded(
    (signal) => (isEmpty || !listed.data ? Promise.resolve(undefined) : get<Whole>(`/v1/readiness/runs/${encodeURIComponent(id)}`, undefined, signal)),
    `${id} ${runs[0]?.id ?? ""} ${isEmpty}`,
  );
  if (listed.error) return <Problem error={listed.error} retry={listed.reload} />;
  if (isEmpty) return <NoRun />;
  return (
    <>
      {listed.data?.unreadable.map(({ id: broken, why }) => <p key={broken} className="fine">{t("ready.unreadable", { id: broken, why })}</p>)}
      <Problem error={error} retry={reload} />
      {!data && !error && <Loading />}
      {data && <Shown whole={data} runs={runs} />}
    </>
  );
}

function NoRun() {
  return (
    <Empty title={t("ready.none")}>
      <p>{t("ready.none.do")}</p>
      <Command text="assay ready check --profile prod" />
      <p className="fine">{t("ready.none.elsewhere")}</p>
    </Empty>
  );
}

const named = (run: Run) => t("ready.run_of", { when: moment(run.started_at), profile: run.profile, word: t(run.ready ? "ready.yes" : "ready.no") });

function Shown({ whole, runs }: { whole: Whole; runs: Run[] }) {
  const { run } = whole;
  const from = useSearch().get("from") ?? "";
  const go = (id: string, earlier: string) => navigate(`/system/readiness/${id}${earlier && earlier < id ? `?from=${earlier}` : ""}`, true);
  const others = runs.some((one) => one.id === run.id) ? runs : [run, ...runs];
  return (
    <>
      <section className="ready-head" data-ready={run.ready} aria-label={t("ready.title")}>
        <div>
          <p className="ready-word">
            <Icon name={run.ready ? "check" : "alert"} /> {t(run.ready ? "ready.yes" : "ready.no")}
          </p>
          <p>{t("ready.open", { blockers: number(run.blockers), major: number(run.major), minor: number(run.minor) })}</p>
          <p className="muted">
            {t("ready.decided", { decided: number(run.decided), asked: number(run.asked) })} · <Time at={run.started_at} />
          </p>
        </div>
        <div className="ready-choice">
          <label>
            {t("ready.run")}
            <select value={run.id} onChange={(event) => go(event.target.value, from)}>
              {others.map((one) => (
                <option key={one.id} value={one.id}>
                  {named(one)}
                </option>
              ))}
            </select>
          </label>
          <label>
            {t("ready.compare")}
            <select value={from} onChange={(event) => go(run.id, event.target.value)}>
              <option value="">{t("ready.compare.none")}</option>
              {others
                .filter((one) => one.id < run.id)
                .map((one) => (
                  <option key={one.id} value={one.id}>
                    {named(one)}
                  </option>
                ))}
            </select>
          </label>
        </div>
      </section>
      <Remarks title={t("ready.faults")} lines={whole.faults} />
      <Remarks title={t("ready.problems")} lines={run.problems} />
      <dl className="figures ready-facts">
        <Figure name={t("ready.profile")} value={run.profile} note={run.url} />
        <Figure name={t("ready.build")} value={run.server_version} note={<code title={run.build}>{run.build.slice(0, 8)}</code>} />
        <Figure name={t("ready.took")} value={duration(run.seconds * 1000)} note={run.config ? `${t("ready.config")} ${run.config.slice(0, 8)}` : `${t("ready.config")}: ${t("ready.unknown")}`} />
        <Figure name={t("ready.signed")} value={whole.signed.length} note={whole.signed.map(({ role, by }) => `${by} (${word("ready_role", role)})`).join(", ") || t("ready.nobody")} />
      </dl>
      {from && from < run.id && <Changes from={from} to={run.id} />}
      <Checks whole={whole} />
      <People checks={whole.checks} />
      <Commands run={run} checks={whole.checks} />
    </>
  );
}

/** What is wrong with the run itself. */
function Remarks({ title, lines }: { title: string; lines: string[] }) {
  if (lines.length === 0) return null;
  return (
    <div className="problem" role="alert">
      <Icon name="alert" />
      <div>
        <p>{title}</p>
        <ul>
          {lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      </div>
    </div>
  );
}

/** The checks in the order of what they mean for the deployment. */
function Checks({ whole }: { whole: Whole }) {
  const [wanted, setWanted] = useState("");
  const lower = wanted.trim().toLowerCase();
  const fits = ({ id, title, section, says }: CheckOf) => `${id} ${title} ${section} ${says}`.toLowerCase().includes(lower);
  const checks = lower ? whole.checks.filter(fits) : whole.checks;
  const open = (severity: string) => checks.filter((check) => !check.lets_through && check.severity === severity);
  const through = (...verdicts: string[]) => checks.filter(({ verdict }) => verdicts.includes(verdict));
  const [blockers, major, minor] = SEVERITIES.map(open);
  const parts = [
    { title: t("ready.blockers"), of: blockers, isOpen: true },
    { title: t("ready.major"), of: major, isOpen: false },
    { title: t("ready.minor"), of: minor, isOpen: false },
    { title: t("ready.accepted"), of: through("waived", "attested"), isOpen: false },
    { title: t("ready.passed"), of: through("pass"), isOpen: false },
    { title: t("ready.not_asked"), of: through("not_applicable"), isOpen: false },
  ];
  return (
    <section className="section" aria-label={t("ready.title")}>
      <input type="search" className="ready-find" value={wanted} onChange={(event) => setWanted(event.target.value)} placeholder={t("ready.find")} aria-label={t("ready.find")} />
      {checks.length === 0 && <p className="muted">{t("ready.not_found")}</p>}
      {parts
        .filter((part) => part.of && part.of.length > 0)
        .map((part) => (
          // Another key closes and opens the parts anew when the search begins or ends.
          <details key={`${part.title} ${lower !== ""}`} className="ready-part" open={part.isOpen || lower !== ""}>
            <summary>
              <h2>{part.title}</h2> <span className="state">{number(part.of?.length ?? 0)}</span>
            </summary>
            <ul>
              {part.of?.map((check) => (
                <Check key={check.id} check={check} history={whole.history} />
              ))}
            </ul>
          </details>
        ))}
    </section>
  );
}

/** What waits for the word of somebody, by role. */
function People({ checks }: { checks: CheckOf[] }) {
  const waiting = checks.filter((check) => check.waits_for_person);
  const roles = [...new Set(waiting.map(({ role }) => role))].sort();
  return (
    <Section title={t("ready.bring")}>
      <p className="muted">{t(waiting.length > 0 ? "ready.bring.lead" : "ready.bring.none")}</p>
      {roles.length > 0 && (
        <ul className="ready-roles">
          {roles.map((role) => {
            const theirs = waiting.filter((check) => check.role === role);
            return (
              <li key={role}>
                <details>
                  <summary>
                    <strong>{word("ready_role", role)}</strong> <span className="fine">{t("ready.bring.count", { count: number(theirs.length) })}</span>
                  </summary>
                  <ul>
                    {theirs.map((check) => (
                      <li key={check.id}>
                        <code>{check.id}</code> {check.title} {check.severity === "blocker" && <State value="blocker" />}
                      </li>
                    ))}
                  </ul>
                </details>
                <Command text={`assay ready ask --role ${role}`} />
              </li>
            );
          })}
        </ul>
      )}
    </Section>
  );
}

function Commands({ run, checks }: { run: Run; checks: CheckOf[] }) {
  const decides = new Map<string, number>();
  for (const { need, lets_through } of checks) {
    if (lets_through) continue;
    for (const command of new Set(need.match(ASKED))) decides.set(command, (decides.get(command) ?? 0) + 1);
  }
  const drills = [...decides].sort(([, a], [, b]) => b - a);
  return (
    <Section title={t("ready.commands")}>
      <p className="muted">{t("ready.commands.lead")}</p>
      <ul className="ready-commands">
        <li>
          <span>{t("ready.again")}</span> <Command text={`assay ready check --profile ${run.profile}`} />
        </li>
        {!run.ready && (
          <li>
            <span>{t("ready.why")}</span> <Command text={`assay ready why-not ${run.id}`} />
          </li>
        )}
        {drills.map(([command, count]) => (
          <li key={command}>
            <span>{t("ready.decides", { count: number(count) })}</span> <Command text={command} />
          </li>
        ))}
        <li>
          <span>{t("ready.sign")}</span> <Command text={`assay ready sign ${run.id} --role ROLE --by NAME --key FILE`} />
        </li>
        <li>
          <span>{t("ready.verify")}</span> <Command text={`assay ready verify ${run.id}`} />
        </li>
      </ul>
    </Section>
  );
}

function Command({ text }: { text: string }) {
  const [notice, tell] = useNotice();
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    tell(t("secret.copied"));
  };
  return (
    <span className="command">
      <code>{text}</code>
      <IconButton icon="copy" label={t("ready.copy")} onPress={() => void copy()} />
      {notice}
    </span>
  );
}

/** What is different from an earlier run. */
function Changes({ from, to }: { from: string; to: string }) {
  const { data, error, reload } = useLoaded((signal) => get<Schemas["ReadinessDiffResponse"]>(`/v1/readiness/runs/${to}/diff`, { from }, signal), `${from} ${to}`);
  if (error) return <Problem error={error} retry={reload} />;
  if (!data) return <Loading />;
  const isSame = data.basis.length + data.checks.length + data.moved.length === 0;
  return (
    <Section title={t("ready.changed", { when: moment(data.from.started_at) })}>
      {isSame && <p className="muted">{t("ready.same")}</p>}
      {data.basis.map(({ what, before, after }) => (
        <p key={what}>{t("ready.basis", { what: word("basis", what), before: before || "–", after: after || "–" })}</p>
      ))}
      {data.checks.length > 0 && (
        <Table label={t("ready.changed", { when: moment(data.from.started_at) })} head={[t("ready.how"), t("ready.check"), t("ready.before"), t("ready.now")]}>
          {data.checks.map((change) => (
            <tr key={change.id}>
              <td>
                <span className={`state state-${change.kind === "worse" ? "bad" : change.kind === "better" ? "good" : "calm"}`}>{word("change", change.kind)}</span>
              </td>
              <td>
                <code>{change.id}</code> {change.title}
              </td>
              <td>{change.before ? <State value={change.before} /> : "–"}</td>
              <td>{change.after ? <State value={change.after} /> : "–"}</td>
            </tr>
          ))}
        </Table>
      )}
      {data.moved.length > 0 && (
        <Table label={t("ready.moved")} head={[t("ready.check"), t("ready.moved"), t("ready.before"), t("ready.now")]}>
          {data.moved.map((moved) => (
            <tr key={`${moved.id} ${moved.name}`}>
              <td>
                <code>{moved.id}</code>
              </td>
              <td>{moved.name}</td>
              <td className="numeric">
                {number(moved.before, 4)} {moved.unit}
              </td>
              <td className="numeric">
                {number(moved.after, 4)} {moved.unit}
              </td>
            </tr>
          ))}
        </Table>
      )}
    </Section>
  );
}
