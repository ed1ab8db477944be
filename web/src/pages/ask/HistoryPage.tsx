// Conversations as a page of their own, for narrow screens.
import { useTitle } from "../../app/use";
import { Page } from "../../parts";
import { t } from "../../text";
import { History } from "./History";

export default function HistoryPage() {
  useTitle(t("nav.history"));
  return (
    <Page title={t("nav.history")} lead={t("history.lead")}>
      <History isFull />
    </Page>
  );
}
