// How the server is, what is promised and whether it is kept, whether it is ready, and the work in the
// background.
import { Subpages } from "../../app/Subpages";
import { Alerts } from "./Alerts";
import { Health } from "./Health";
import { Readiness } from "./Readiness";
import { Schedules } from "./Schedules";
import { Tasks } from "./Tasks";

export default function SystemPage({ part, chosen }: { part: string | undefined; chosen: string | undefined }) {
  return (
    <Subpages
      place="system"
      title="nav.system"
      lead="system.lead"
      part={part}
      parts={[
        { id: "health", name: "system.health", show: () => <Health /> },
        { id: "alerts", name: "system.alerts", needs: "platform.read", show: () => <Alerts /> },
        { id: "readiness", name: "system.readiness", needs: "settings.read", show: () => <Readiness chosen={chosen} /> },
        { id: "tasks", name: "system.tasks", needs: "content.read", show: () => <Tasks chosen={chosen} /> },
        { id: "schedules", name: "system.schedules", needs: "content.read", show: () => <Schedules /> },
      ]}
    />
  );
}
