// The rules of the guard, with what each is for and what is done.
import { useState } from "react";
import { get, type Schemas } from "../../api/client";
import { useLoaded } from "../../app/use";
import { Problem, State, Table } from "../../parts";
import { t, word } from "../../text";

export function Guard() {
  const [wanted, setWanted] = useState("");
  const { data, error, reload } = useLoaded((signal) => get<Schemas["GuardRulesResponse"]>("/v1/guard/rules", undefined, signal), "rules");
  const words = wanted.trim().toLowerCase();
  const rules = (data?.rules ?? []).filter((rule) => `${rule.id} ${rule.kind} ${rule.reason}`.toLowerCase().includes(words));
  return (
    <>
      <input type="search" value={wanted} onChange={(event) => setWanted(event.target.value)} placeholder={t("guard.search")} aria-label={t("guard.search")} />
      <Problem error={error} retry={reload} />
      <Table label={t("admin.guard")} head={[t("guard.rule"), t("guard.finds"), t("guard.severity"), t("guard.action"), t("guard.why")]}>
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
    </>
  );
}
