// Something that is shown once.
import { Button, useNotice } from "../../parts";
import { t } from "../../text";

export function Secret({ title, text, onDone }: { title: string; text: string; onDone: () => void }) {
  const [notice, tell] = useNotice();
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    tell(t("secret.copied"));
  };
  return (
    <div className="secret" role="status">
      <strong>{title}</strong>
      <code>{text}</code>
      <p className="fine">{t("secret.once")}</p>
      <div className="row">
        <Button icon="copy" onPress={() => void copy()}>
          {t("secret.copy")}
        </Button>
        <Button kind="quiet" onPress={onDone}>
          {t("secret.done")}
        </Button>
        {notice}
      </div>
    </div>
  );
}
