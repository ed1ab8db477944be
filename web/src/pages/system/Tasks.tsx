// Work in the background: what waits, runs and ended; dead letters with a way back; each task with
// its steps and what went wrong.
import { useState } from "react";
import { call, get, type Schemas } from "../../api/client";
import { Link } from "../../app/router";
import { useMay } from "../../app/session";
import { useAction, useLoaded } from "../../app/use";
import { Button, Empty, Loading, Problem, Section, State, Table, Time, useNotice } from "../../parts";
import { moment, number, t, word } from "../../text";

type Task = Schemas["TaskResponse"];

const ROUND_MS = 5000;
/** Tasks that are shown; the filters find others. */
const SHOWN = 100;
const STATES = ["ready", "delayed", "running", "done", "dead", "parked", "cancelled"];
const KINDS = ["ingest", "sync", "tidy", "reindex", "webhook"];
/** Ends from which a task only begins anew by a person's word. */
const isLetter = (task: Task) => task.state === "dead" || task.state === "parked";

/** A task that is `ready` waits for a worker, which is not what the word says elsewhere. */
const stateOf = (task: Task) => (task.stalled_reason ? "stalled" : task.state === "ready" ? "queued" : task.state);

/** The documents that tasks are about, as far as they are. */
async function names(signal: AbortSignal): Promise<Map<string, string>> {
  const found = await get<Schemas["JobListResponse"]>("/v1/jobs", { limit: SHOWN }, signal);
  return new Map(found.jobs.flatMap((job) => (job.document ? [[job.id, job.document.name]] : [])));
}

export function Tasks({ chosen }: { chosen: string | undefined }) {
  const [state, setState] = useState("");
  const [kind, setKind] = useState("");
  const listed = useLoaded((signal) => get<Schemas["TaskListResponse"]>("/v1/tasks", { state, kind, limit: SHOWN }, signal), `${state} ${kind}`, ROUND_MS);
  const about = useLoaded(names, "names", ROUND_MS);
  const tasks = listed.data?.tasks;
  const filters = (
    <div className="row">
      <select value={state} onChange={(event) => setState(event.target.value)} aria-label={t("made.state")}>
        <option value="">{t("tasks.all_states")}</option>
        {STATES.map((value) => (
          <option key={value} value={value}>
            {word("state", value === "ready" ? "queued" : value)}
          </option>
        ))}
      </select>
      <select value={kind} onChange={(event) => setKind(event.target.value)} aria-label={t("tasks.kind")}>
        <option value="">{t("tasks.all_kinds")}</option>
        {KINDS.map((value) => (
          <option key={value} value={value}>
            {word("job", value)}
          </option>
        ))}
      </select>
    </div>
  );
  return (
    <>
      <Letters names={about.data} onReplayed={listed.reload} />
      <Section title={t("system.tasks")} actions={filters}>
        <Problem error={listed.error} retry={listed.reload} />
        {!tasks && !listed.error && <Loading />}
        {tasks?.length === 0 && (
          <Empty title={t("tasks.none")}>
            <p>{t("tasks.none.do")}</p>
          </Empty>
        )}
        {tasks && tasks.length > 0 && (
          <Table label={t("system.tasks")} head={[t("tasks.what"), t("made.state"), t("tasks.attempts"), t("tasks.moved"), ""]}>
            {tasks.map((task) => (
              <Row key={task.id} task={task} name={about.data?.get(task.id)} isOpen={task.id === chosen} onChanged={listed.reload} />
            ))}
          </Table>
        )}
        {listed.data?.next && <p className="fine">{t("tasks.more", { count: number(SHOWN) })}</p>}
        {chosen && tasks && !tasks.some((task) => task.id === chosen) && <Inside id={chosen} />}
      </Section>
    </>
  );
}

/** What failed too often waits here until somebody has seen to the reason. */
function Letters({ names, onReplayed }: { names: Map<string, string> | undefined; onReplayed: () => void }) {
  const canWrite = useMay("content.write");
  const [notice, tell] = useNotice();
  const { data, error, reload } = useLoaded(
    async (signal) => {
      const [dead, parked] = await Promise.all(
        ["dead", "parked"].map((state) => get<Schemas["TaskListResponse"]>("/v1/tasks", { state, limit: SHOWN }, signal)),
      );
      return [...(dead?.tasks ?? []), ...(parked?.tasks ?? [])];
    },
    "letters",
    ROUND_MS,
  );
  const replay = useAction(async (kind?: string) => {
    const done = await call<Schemas["TaskReplayResponse"]>("POST", "/v1/tasks/replay", { body: { kind } });
    tell(t("letters.replayed", { count: number(done.replayed) }));
    reload();
    onReplayed();
  });
  const letters = data ?? [];
  const kinds = [...new Set(letters.map((task) => task.kind))].sort();
  return (
    <>
      {notice}
      <Problem error={error ?? replay.error} retry={reload} />
      {letters.length > 0 && (
        <Section title={t("letters.title")}>
          <p className="muted">{t("letters.lead")}</p>
          <ul className="letters">
            {kinds.map((kind) => {
              const same = letters.filter((task) => task.kind === kind);
              const reasons = [...new Set(same.map((task) => task.error ?? word("state", task.state)))];
              return (
                <li key={kind} className="letter">
                  <div>
                    <strong>{word("job", kind)}</strong> <span className="state state-bad">{number(same.length)}</span>
                    <p className="fine">{same.slice(0, 3).map((task) => names?.get(task.id)).filter(Boolean).join(", ")}</p>
                    {reasons.slice(0, 3).map((reason) => (
                      <p key={reason}>{reason}</p>
                    ))}
                  </div>
                  {canWrite && (
                    <Button icon="retry" isPending={replay.isRunning} onPress={() => void replay.run(kind)}>
                      {t("letters.replay")}
                    </Button>
                  )}
                </li>
              );
            })}
          </ul>
          {canWrite && kinds.length > 1 && (
            <div className="row">
              <Button icon="retry" onPress={() => void replay.run()}>
                {t("letters.replay_all")}
              </Button>
            </div>
          )}
        </Section>
      )}
    </>
  );
}

function Row({ task, name, isOpen, onChanged }: { task: Task; name: string | undefined; isOpen: boolean; onChanged: () => void }) {
  const canWrite = useMay("content.write");
  const act = useAction(async (deed: "retry" | "cancel") => {
    await call("POST", `/v1/tasks/${task.id}/${deed}`);
    onChanged();
  });
  const canRetry = isLetter(task) || task.state === "cancelled" || (task.state === "delayed" && task.attempts > 0);
  const canCancel = task.state === "ready" || task.state === "delayed" || task.state === "running";
  const { progress } = task;
  return (
    <>
      <tr data-selected={isOpen}>
        <td>
          <Link to={isOpen ? "/system/tasks" : `/system/tasks/${task.id}`} aria-expanded={isOpen} className="quiet-link">
            {word("job", task.kind)}
          </Link>
          {name && <div className="fine">{name}</div>}
        </td>
        <td>
          <State value={stateOf(task)} />
          {task.state === "running" && progress && <div className="fine">{progress.message}</div>}
          {(task.stalled_reason ?? (task.state === "done" ? null : task.error)) && <div className="fine">{task.stalled_reason ?? task.error}</div>}
        </td>
        <td className="numeric">{task.attempts > 0 ? t("tasks.of", { count: number(task.attempts), max: number(task.attempts_max) }) : "–"}</td>
        <td>
          <Time at={task.changed_at} />
        </td>
        <td>
          {canWrite && canRetry && (
            <Button kind="quiet" icon="retry" isPending={act.isRunning} onPress={() => void act.run("retry")}>
              {t("error.retry")}
            </Button>
          )}
          {canWrite && canCancel && (
            <Button kind="quiet" isPending={act.isRunning} onPress={() => void act.run("cancel")}>
              {t("cancel")}
            </Button>
          )}
          <Problem error={act.error} />
        </td>
      </tr>
      {isOpen && (
        <tr>
          <td colSpan={5}>
            <Inside id={task.id} />
          </td>
        </tr>
      )}
    </>
  );
}

/** What happened to a task so far. */
function Inside({ id }: { id: string }) {
  const { data, error, reload } = useLoaded((signal) => get<Schemas["TaskDetailResponse"]>(`/v1/tasks/${id}`, undefined, signal), id, ROUND_MS);
  if (error) return <Problem error={error} retry={reload} />;
  if (!data) return <Loading />;
  return (
    <div className="task-inside">
      <dl className="pairs">
        <dt>{t("tasks.id")}</dt>
        <dd>
          <code>{data.id}</code>
        </dd>
        <dt>{t("tasks.made")}</dt>
        <dd>{moment(data.created_at)}</dd>
        {data.ended_at && (
          <>
            <dt>{t("tasks.ended")}</dt>
            <dd>{moment(data.ended_at)}</dd>
          </>
        )}
        {data.crashes > 0 && (
          <>
            <dt>{t("tasks.crashes")}</dt>
            <dd>{number(data.crashes)}</dd>
          </>
        )}
      </dl>
      <h3>{t("tasks.steps")}</h3>
      {data.steps.length === 0 && <p className="muted">{t("tasks.no_steps")}</p>}
      <ol className="steps">
        {data.steps.map((step) => (
          <li key={step.name}>
            {word("step", step.name)} <Time at={step.at} />
          </li>
        ))}
      </ol>
      {data.failures.length > 0 && (
        <>
          <h3>{t("tasks.failures")}</h3>
          <ol className="steps steps-bad">
            {data.failures.map((failure) => (
              <li key={failure.run}>
                {t("tasks.run", { number: number(failure.run) })}: {failure.reason} <Time at={failure.at} />
              </li>
            ))}
          </ol>
        </>
      )}
    </div>
  );
}
