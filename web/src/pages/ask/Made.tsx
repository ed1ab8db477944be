// How an answer was made: lanes and times, model, cost, what the guard found.
import { Disclosure, DisclosurePanel } from "react-aria-components/Disclosure";
import { Button } from "react-aria-components/Button";
import { Heading } from "react-aria-components/Heading";
import { useState } from "react";
import { get, type Schemas } from "../../api/client";
import { useLoaded } from "../../app/use";
import { Icon, State } from "../../parts";
import { dollars, duration, number, percent, t, word } from "../../text";
import type { Turn } from "./talk";

export function Made({ turn }: { turn: Turn }) {
  const [isOpen, setOpen] = useState(false);
  const { answer } = turn;
  if (!answer) return null;
  return (
    <Disclosure className="made" isExpanded={isOpen} onExpandedChange={setOpen}>
      <Heading level={3} className="made-head">
        <Button slot="trigger" className="button button-quiet">
          <Icon name="clock" />
          {t("made.title", { time: duration(answer.total_time_ms), lanes: answer.summary.successful_lanes })}
        </Button>
      </Heading>
      <DisclosurePanel>{isOpen && <Inside turn={turn} answer={answer} />}</DisclosurePanel>
    </Disclosure>
  );
}

function Inside({ turn, answer }: { turn: Turn; answer: NonNullable<Turn["answer"]> }) {
  const lanes = Object.values(answer.lane_results);
  const slowest = Math.max(1, ...lanes.map((lane) => lane.duration_ms));
  return (
    <div className="made-body">
      <table className="lanes">
        <caption className="hidden">{t("made.lanes")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("made.lane")}</th>
            <th scope="col">{t("made.state")}</th>
            <th scope="col">{t("made.found")}</th>
            <th scope="col">{t("made.time")}</th>
          </tr>
        </thead>
        <tbody>
          {lanes.map((lane) => (
            <tr key={lane.lane_name}>
              <th scope="row">{word("lane", lane.lane_name)}</th>
              <td>
                <State value={lane.status} />
                {lane.error && <span className="fine"> {lane.error}</span>}
              </td>
              <td className="numeric">{number(lane.found)}</td>
              <td className="lane-time">
                <span>{duration(lane.duration_ms)}</span>
                <meter min={0} max={slowest} value={lane.duration_ms} aria-label={lane.lane_name} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <dl className="pairs">
        <dt>{t("made.model")}</dt>
        <dd>{answer.final_answer.model_used}</dd>
        <dt>{t("made.by")}</dt>
        <dd>{answer.final_answer.provider_used}</dd>
        {turn.requestId && <Cost request={turn.requestId} />}
        <dt>{t("made.confidence")}</dt>
        <dd>{percent(answer.final_answer.confidence)}</dd>
        {answer.rewritten_query && (
          <>
            <dt>{t("made.understood")}</dt>
            <dd>{answer.rewritten_query}</dd>
          </>
        )}
        {turn.requestId && (
          <>
            <dt>{t("made.request")}</dt>
            <dd>
              <code>{turn.requestId}</code>
            </dd>
          </>
        )}
      </dl>
    </div>
  );
}

/** Absent for those who may not see what things cost. */
function Cost({ request }: { request: string }) {
  const { data } = useLoaded((signal) => get<Schemas["UsageResponse"]>("/v1/usage", { query: request }, signal), request);
  if (!data) return null;
  return (
    <>
      <dt>{t("made.cost")}</dt>
      <dd>
        {dollars(data.total.cost_usd)} · {t("made.calls", { calls: number(data.total.calls) })}
      </dd>
    </>
  );
}
