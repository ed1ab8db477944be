// A page of several parts, each with an address of its own; what the one who is here may not see is
// left out.
import { type JSX, useEffect, useRef } from "react";
import { Page } from "../parts";
import { type MessageKey, t } from "../text";
import { Link } from "./router";
import { useMe } from "./session";
import { useTitle } from "./use";

export interface Part {
  id: string;
  name: MessageKey;
  /** The permission without which it is not shown. */
  needs?: string;
  show: () => JSX.Element;
}

interface Props {
  /** The address of the page, such as `admin`. */
  place: string;
  title: MessageKey;
  lead: MessageKey;
  parts: Part[];
  /** The part that is wanted; the first where it is none. */
  part: string | undefined;
}

export function Subpages({ place, title, lead, parts, part }: Props) {
  useTitle(t(title));
  const { permissions } = useMe();
  const seen = parts.filter(({ needs }) => !needs || permissions.includes(needs));
  const shown = seen.find(({ id }) => id === part) ?? seen[0];
  const nav = useRef<HTMLElement>(null);
  // On a narrow screen the names scroll: the one of this part is brought into view.
  useEffect(() => {
    const current = nav.current?.querySelector<HTMLElement>("[aria-current]");
    if (nav.current && current) nav.current.scrollLeft = current.offsetLeft - (nav.current.clientWidth - current.offsetWidth) / 2;
  }, [shown?.id]);
  return (
    <Page title={t(title)} lead={t(lead)}>
      <nav ref={nav} className="subnav" aria-label={t(title)}>
        {seen.map(({ id, name }) => (
          <Link key={id} to={`/${place}/${id}`} aria-current={id === shown?.id ? "page" : undefined}>
            {t(name)}
          </Link>
        ))}
      </nav>
      {shown?.show()}
    </Page>
  );
}
