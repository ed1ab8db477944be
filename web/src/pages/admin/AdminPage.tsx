// Administration: members, keys, the audit log, the guard, tenants and users of the installation.
import { Link } from "../../app/router";
import { useMe } from "../../app/session";
import { useTitle } from "../../app/use";
import { Page } from "../../parts";
import { type MessageKey, t } from "../../text";
import { Audit } from "./Audit";
import { Guard } from "./Guard";
import { Keys } from "./Keys";
import { Members } from "./Members";
import { Overview } from "./Overview";
import { Tenants } from "./Tenants";

const PARTS: { id: string; name: MessageKey; needs: string; show: () => React.JSX.Element }[] = [
  { id: "tenant", name: "admin.tenant", needs: "tenant.read", show: () => <Overview /> },
  { id: "members", name: "admin.members", needs: "member.read", show: () => <Members /> },
  { id: "keys", name: "admin.keys", needs: "key.own", show: () => <Keys /> },
  { id: "audit", name: "admin.audit", needs: "audit.read", show: () => <Audit /> },
  { id: "guard", name: "admin.guard", needs: "content.read", show: () => <Guard /> },
  { id: "tenants", name: "admin.tenants", needs: "platform.manage", show: () => <Tenants /> },
];

export default function AdminPage({ part }: { part: string | undefined }) {
  useTitle(t("nav.admin"));
  const { permissions } = useMe();
  const parts = PARTS.filter(({ needs }) => permissions.includes(needs));
  const shown = parts.find(({ id }) => id === part) ?? parts[0];
  return (
    <Page title={t("nav.admin")} lead={t("admin.lead")}>
      <nav className="subnav" aria-label={t("nav.admin")}>
        {parts.map(({ id, name }) => (
          <Link key={id} to={`/admin/${id}`} aria-current={id === shown?.id ? "page" : undefined}>
            {t(name)}
          </Link>
        ))}
      </nav>
      {shown?.show()}
    </Page>
  );
}
