// Administration: members, keys, the audit log, the guard, what people said of
// answers, settings, tenants and users of the installation.
import { type Part, Subpages } from "../../app/Subpages";
import { Audit } from "./Audit";
import { Guard } from "./Guard";
import { Keys } from "./Keys";
import { Members } from "./Members";
import { Opinions } from "./Opinions";
import { Overview } from "./Overview";
import { Settings } from "./Settings";
import { Tenants } from "./Tenants";

const PARTS: Part[] = [
  { id: "tenant", name: "admin.tenant", needs: "tenant.read", show: () => <Overview /> },
  { id: "members", name: "admin.members", needs: "member.read", show: () => <Members /> },
  { id: "keys", name: "admin.keys", needs: "key.own", show: () => <Keys /> },
  { id: "audit", name: "admin.audit", needs: "audit.read", show: () => <Audit /> },
  { id: "guard", name: "admin.guard", needs: "content.read", show: () => <Guard /> },
  { id: "opinions", name: "admin.opinions", needs: "opinion.read", show: () => <Opinions /> },
  { id: "settings", name: "admin.settings", needs: "settings.read", show: () => <Settings /> },
  { id: "tenants", name: "admin.tenants", needs: "platform.manage", show: () => <Tenants /> },
];

export default function AdminPage({ part }: { part: string | undefined }) {
  return <Subpages place="admin" title="nav.admin" lead="admin.lead" parts={PARTS} part={part} />;
}
