// The gateway: providers, where a call goes and why, what calls cost, budgets, and a playground.
import { useState } from "react";
import { call, get, type Schemas } from "../../api/client";
import { type Part, Subpages } from "../../app/Subpages";
import { useMay } from "../../app/session";
import { useAction, useLoaded } from "../../app/use";
import { Button, Empty, Figure, Problem, Section, State, Table, Time } from "../../parts";
import { Plot } from "../../parts/Plot";
import { dollars, duration, moment, number, percent, t, word } from "../../text";
import { Playground } from "./Playground";

type Usage = Schemas["UsageResponse"];

const PARTS: Part[] = [
  { id: "providers", name: "gateway.providers", needs: "platform.read", show: () => <Providers /> },
  { id: "cost", name: "gateway.cost", needs: "usage.read", show: () => <Cost /> },
  { id: "budgets", name: "gateway.budgets", needs: "usage.read", show: () => <Budgets /> },
  { id: "playground", name: "gateway.playground", show: () => <Playground /> },
];

export default function GatewayPage({ part }: { part: string | undefined }) {
  return <Subpages place="gateway" title="nav.gateway" lead="gateway.lead" parts={PARTS} part={part} />;
}

function Providers() {
  const { data, error, reload } = useLoaded((signal) => get<Schemas["RouterMetricsResponse"]>("/metrics/router", undefined, signal), "router", 5000);
  if (error) return <Problem error={error} retry={reload} />;
  if (!data) return null;
  const { metrics } = data;
  const providers = Object.entries(metrics.provider_stats);
  const reasons = Object.entries(metrics.recent_routing_reasons);
  return (
    <>
      <dl className="figures">
        <Figure name={t("gateway.attempts")} value={number(metrics.total_requests)} />
        <Figure name={t("gateway.free_share")} value={typeof metrics.free_share === "number" ? percent(metrics.free_share) : t("system.no_data")} />
        <Figure name={t("made.cost")} value={typeof metrics.total_cost === "number" ? dollars(metrics.total_cost) : t("system.no_data")} />
      </dl>
      <Section title={t("gateway.providers")}>
        {providers.length <= 1 && <p className="muted">{t("gateway.none")}</p>}
        <Table label={t("gateway.providers")} head={[t("made.by"), t("made.state"), t("gateway.attempts"), t("gateway.success"), t("gateway.latency"), t("made.cost"), t("gateway.this_minute")]}>
          {providers.map(([name, stats]) => (
            <tr key={name}>
              <td>{name}</td>
              <td>
                <State value={stats.circuit_state} />
              </td>
              <td className="numeric">{number(stats.total_requests)}</td>
              <td className="numeric">{typeof stats.success_rate === "number" ? percent(stats.success_rate, 1) : "–"}</td>
              <td className="numeric">{typeof stats.avg_latency_ms === "number" ? duration(stats.avg_latency_ms) : "–"}</td>
              <td className="numeric">{typeof stats.total_cost === "number" ? dollars(stats.total_cost) : "–"}</td>
              <td className="numeric">{number(stats.requests_this_minute)}</td>
            </tr>
          ))}
        </Table>
      </Section>
      {reasons.length > 0 && (
        <Section title={t("gateway.reasons")}>
          <Table label={t("gateway.reasons")} head={[t("gateway.reason"), t("system.runs")]}>
            {reasons.map(([reason, count]) => (
              <tr key={reason}>
                <td>{word("reason", reason)}</td>
                <td className="numeric">{number(count)}</td>
              </tr>
            ))}
          </Table>
        </Section>
      )}
      <Explain />
    </>
  );
}

/** Where a call would go and why; nothing is sent. */
function Explain() {
  const { data: models } = useLoaded((signal) => get<{ data: { id: string }[] }>("/v1/models", undefined, signal), "models");
  const [model, setModel] = useState("");
  const [found, setFound] = useState<Schemas["RouteExplanation"]>();
  const wanted = model || models?.data[0]?.id || "";
  const { run, isRunning, error } = useAction(async () => {
    setFound(undefined);
    const body = { model: wanted, messages: [{ role: "user", content: "Hello" }] };
    setFound(await call<Schemas["RouteExplanation"]>("POST", "/v1/gateway/explain", { body }));
  });
  return (
    <Section title={t("gateway.explain")}>
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        <select value={wanted} onChange={(event) => setModel(event.target.value)} aria-label={t("gateway.model")}>
          {(models?.data ?? []).map(({ id }) => (
            <option key={id}>{id}</option>
          ))}
        </select>
        <Button type="submit" isPending={isRunning}>
          {t("gateway.explain.go")}
        </Button>
      </form>
      <Problem error={error} />
      {found && (
        <>
          <p>{found.reasons.join(" · ")}</p>
          <Table label={t("gateway.explain")} head={[t("made.by"), t("gateway.model"), t("gateway.tier"), t("made.state"), t("system.remark")]}>
            {found.targets.map((target, at) => (
              <tr key={at}>
                <td>{target.provider}</td>
                <td>{target.model}</td>
                <td>{target.tier}</td>
                <td>
                  <State value={target.circuit_state} />
                </td>
                <td className="fine">{t("gateway.tried", { place: at + 1 })}</td>
              </tr>
            ))}
            {found.skipped.map((target, at) => (
              <tr key={`s${at}`}>
                <td>{target.provider}</td>
                <td>{target.model}</td>
                <td>{target.tier}</td>
                <td>
                  <State value={target.circuit_state} />
                </td>
                <td className="fine">{target.why}</td>
              </tr>
            ))}
          </Table>
        </>
      )}
    </Section>
  );
}

const DIMENSIONS = ["model", "provider", "user", "tenant", "key", "day"];

function Cost() {
  const [by, setBy] = useState("model");
  const days = useLoaded((signal) => get<Usage>("/v1/usage", { group_by: "day" }, signal), "days", 15_000);
  const { data, error, reload } = useLoaded((signal) => get<Usage>("/v1/usage", { group_by: by }, signal), by, 15_000);
  const { data: keys } = useLoaded((signal) => get<Schemas["MemberListResponse"]>("/v1/members", undefined, signal).catch(() => undefined), "members");
  const nameOf = (value: string) => keys?.members.find((member) => member.id === value)?.name ?? value;
  if (error) return <Problem error={error} retry={reload} />;
  if (!data) return null;
  const { total, cost_summary: summary } = data;
  const perDay = [...(days.data?.groups ?? [])].sort((a, b) => (a.values.day ?? "").localeCompare(b.values.day ?? ""));
  const choose = (
    <select value={by} onChange={(event) => setBy(event.target.value)} aria-label={t("cost.by")}>
      {DIMENSIONS.map((dimension) => (
        <option key={dimension} value={dimension}>
          {t("cost.by")} {word("dimension", dimension)}
        </option>
      ))}
    </select>
  );
  return (
    <>
      <p className="muted">{t("cost.since", { from: moment(data.from) })}</p>
      <dl className="figures">
        <Figure name={t("made.cost")} value={dollars(total.cost_usd)} note={t("cost.projection", { month: dollars(summary.monthly_projection_usd) })} />
        <Figure name={t("cost.calls")} value={number(total.calls)} note={t("cost.failed", { count: number(total.failed_calls) })} />
        <Figure name={t("cost.cached")} value={total.calls > 0 ? percent(total.cached_calls / total.calls) : t("system.no_data")} note={t("cost.saved", { saved: dollars(total.saved_usd) })} />
        <Figure name={t("cost.tokens")} value={number(total.input_tokens + total.output_tokens)} note={t("cost.written", { count: number(total.output_tokens) })} />
      </dl>
      {perDay.length > 0 && (
        <Plot
          label={t("cost.days")}
          kind="bars"
          times={perDay.map((group) => Date.parse(group.values.day ?? "") / 1000)}
          format={dollars}
          lines={[{ name: t("made.cost"), values: perDay.map((group) => group.sums.cost_usd) }]}
        />
      )}
      <Section title={t("cost.title")} actions={choose}>
        {data.groups.length === 0 ? (
          <Empty title={t("cost.none")}>
            <p>{t("cost.none.do")}</p>
          </Empty>
        ) : (
          <Table label={t("cost.title")} head={[word("dimension", by), t("cost.calls"), t("cost.cached"), t("cost.tokens"), t("made.cost")]}>
            {data.groups.map((group) => (
              <tr key={JSON.stringify(group.values)}>
                <td>{nameOf(group.values[by] ?? "") || "–"}</td>
                <td className="numeric">{number(group.sums.calls)}</td>
                <td className="numeric">{number(group.sums.cached_calls)}</td>
                <td className="numeric">{number(group.sums.input_tokens + group.sums.output_tokens)}</td>
                <td className="numeric">{dollars(group.sums.cost_usd)}</td>
              </tr>
            ))}
          </Table>
        )}
      </Section>
    </>
  );
}

function Budgets() {
  const canManage = useMay("budget.manage");
  const { data, error, reload } = useLoaded((signal) => get<Schemas["BudgetListResponse"]>("/v1/budgets", undefined, signal), "budgets", 10_000);
  const [name, setName] = useState("");
  const [limit, setLimit] = useState("");
  const [unit, setUnit] = useState("limit_usd");
  const [window, setWindow] = useState("day");
  const make = useAction(async () => {
    await call("POST", "/v1/budgets", { body: { name, window, [unit]: Number(limit) } });
    setName("");
    setLimit("");
    reload();
  });
  const lift = useAction(async (id: string) => {
    await call("DELETE", `/v1/budgets/${id}`);
    reload();
  });
  const shown = (value: number, of: string) => (of === "usd" ? dollars(value) : number(value));
  return (
    <>
      <Problem error={error ?? lift.error} retry={reload} />
      {data?.budgets.length === 0 && (
        <Empty title={t("budgets.none")}>
          <p>{t("budgets.none.do")}</p>
        </Empty>
      )}
      {data && data.budgets.length > 0 && (
        <Table label={t("gateway.budgets")} head={[t("budgets.name"), t("budgets.used"), t("budgets.limit"), t("budgets.window"), t("budgets.resets"), ""]}>
          {data.budgets.map((budget) => {
            const counter = budget.counters[0];
            return (
              <tr key={budget.id}>
                <td>{budget.name}</td>
                <td>
                  <meter min={0} max={100} high={80} value={counter?.percent ?? 0} aria-label={t("budgets.used")} /> {percent((counter?.percent ?? 0) / 100)}
                </td>
                <td className="numeric">{shown(budget.limit, budget.unit)}</td>
                <td>{word("window", budget.window)}</td>
                <td>
                  <Time at={counter?.resets_at} />
                </td>
                <td>
                  {canManage && !budget.configured && (
                    <Button kind="danger" onPress={() => void lift.run(budget.id)}>
                      {t("budgets.lift")}
                    </Button>
                  )}
                  {budget.configured && <span className="fine">{t("budgets.configured")}</span>}
                </td>
              </tr>
            );
          })}
        </Table>
      )}
      {canManage && (
        <Section title={t("budgets.new")}>
          <form
            className="form"
            onSubmit={(event) => {
              event.preventDefault();
              void make.run();
            }}
          >
            <label>
              {t("budgets.name")}
              <input value={name} onChange={(event) => setName(event.target.value)} required />
            </label>
            <label>
              {t("budgets.limit")}
              <input type="number" min="0" step="any" value={limit} onChange={(event) => setLimit(event.target.value)} required />
            </label>
            <label>
              {t("budgets.unit")}
              <select value={unit} onChange={(event) => setUnit(event.target.value)}>
                <option value="limit_usd">{t("budgets.dollars")}</option>
                <option value="limit_tokens">{t("cost.tokens")}</option>
                <option value="limit_calls">{t("cost.calls")}</option>
              </select>
            </label>
            <label>
              {t("budgets.window")}
              <select value={window} onChange={(event) => setWindow(event.target.value)}>
                {["minute", "hour", "day", "month"].map((value) => (
                  <option key={value} value={value}>
                    {word("window", value)}
                  </option>
                ))}
              </select>
            </label>
            <Problem error={make.error} />
            <div className="row">
              <Button type="submit" kind="primary" isPending={make.isRunning}>
                {t("budgets.set")}
              </Button>
            </div>
          </form>
        </Section>
      )}
    </>
  );
}
