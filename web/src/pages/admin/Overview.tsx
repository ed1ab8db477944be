// The tenant of the one who is here: what it has and may have, and what this caller may do.
import { get, type Schemas } from "../../api/client";
import { useMe } from "../../app/session";
import { useLoaded } from "../../app/use";
import { Figure, Problem, Section, State } from "../../parts";
import { bytes, number, t, word } from "../../text";

export function Overview() {
  const me = useMe();
  const { data, error, reload } = useLoaded((signal) => get<Schemas["TenantResponse"]>("/v1/tenant", undefined, signal), "tenant");
  if (error) return <Problem error={error} retry={reload} />;
  const of = (limit: number | null | undefined, show: (value: number) => string) => (limit ? t("tenant.of", { limit: show(limit) }) : t("tenant.no_limit"));
  return (
    <>
      <dl className="figures">
        <Figure name={t("admin.tenant")} value={me.tenant_name} note={data && <State value={data.state} />} />
        {data?.usage && (
          <>
            <Figure name={t("nav.documents")} value={number(data.usage.documents)} note={of(data.limits.documents, number)} />
            <Figure name={t("details.size")} value={bytes(data.usage.bytes)} note={of(data.limits.bytes, bytes)} />
            <Figure name={t("admin.members")} value={number(data.usage.members)} note={of(data.limits.members, number)} />
          </>
        )}
      </dl>
      <Section title={t("tenant.you")}>
        <dl className="pairs">
          <dt>{t("tenant.principal")}</dt>
          <dd>
            <code>{me.principal}</code>
          </dd>
          <dt>{t("tenant.known_by")}</dt>
          <dd>
            <code>{me.credential}</code>
          </dd>
          <dt>{t("members.role")}</dt>
          <dd>{word("role", me.role)}</dd>
          <dt>{t("tenant.may")}</dt>
          <dd>{me.permissions.join(", ")}</dd>
        </dl>
      </Section>
    </>
  );
}
