// The frame of every page: where one can go, who is here, light or dark, which language.
import { Suspense, lazy, useEffect, useState } from "react";
import { I18nProvider } from "react-aria-components/I18nProvider";
import { Menu, MenuItem, MenuTrigger } from "react-aria-components/Menu";
import { Popover } from "react-aria-components/Popover";
import { WAITING, chooseTenant } from "../api/client";
import { AskPage } from "../pages/ask/AskPage";
import { History } from "../pages/ask/History";
import { startAnew } from "../pages/ask/talk";
import { Icon, IconButton, Loading } from "../parts";
import type { IconName } from "../parts/Icon";
import { LANGUAGE_NAMES, type Language, type MessageKey, setLanguage, t, useLanguage } from "../text";
import { Link, href, usePath } from "./router";
import { Logo, Session, isLocal, signOut, useMe } from "./session";
import { useTheme } from "./theme";

const DocumentsPage = lazy(() => import("../pages/documents/DocumentsPage"));
const GatewayPage = lazy(() => import("../pages/gateway/GatewayPage"));
const AdminPage = lazy(() => import("../pages/admin/AdminPage"));
const SystemPage = lazy(() => import("../pages/system/SystemPage"));
const SharedPage = lazy(() => import("../pages/ask/SharedPage"));
const HistoryPage = lazy(() => import("../pages/ask/HistoryPage"));

const PLACES: { path: string; name: MessageKey; icon: IconName; needs?: string }[] = [
  { path: "/ask", name: "nav.ask", icon: "ask" },
  { path: "/documents", name: "nav.documents", icon: "documents" },
  { path: "/gateway", name: "nav.gateway", icon: "gateway", needs: "model.call" },
  { path: "/admin", name: "nav.admin", icon: "admin", needs: "tenant.read" },
  { path: "/system", name: "nav.system", icon: "system" },
];

export function App() {
  const language = useLanguage();
  return (
    <I18nProvider locale={language}>
      <Session>
        <Frame />
      </Session>
    </I18nProvider>
  );
}

function Frame() {
  const me = useMe();
  const path = usePath();
  useEffect(() => {
    document.querySelector("main")?.scrollTo(0, 0);
  }, [path]);
  const places = PLACES.filter((place) => !place.needs || me.permissions.includes(place.needs));
  return (
    <div className="frame">
      <a className="skip" href="#main">
        {t("nav.skip")}
      </a>
      <div className="rail">
        <Link to="/ask" className="brand" onClick={startAnew}>
          <Logo /> Assay
        </Link>
        <nav aria-label={t("nav.name")}>
          {places.map((place) => (
            <Link key={place.path} to={place.path} className="nav-link" aria-current={path.startsWith(place.path) ? "page" : undefined}>
              <Icon name={place.icon} />
              <span>{t(place.name)}</span>
            </Link>
          ))}
          <Link to="/history" className="nav-link nav-history" aria-current={path === "/history" ? "page" : undefined}>
            <Icon name="clock" />
            <span>{t("nav.history")}</span>
          </Link>
        </nav>
        <History />
        <Person />
      </div>
      <main id="main" tabIndex={-1}>
        <Waiting />
        <Suspense fallback={<Loading />}>{page(path)}</Suspense>
      </main>
    </div>
  );
}

/** Says that the page waits, because the server asked it to, for as long as that takes. */
function Waiting() {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const wait = (event: Event) => setSeconds((event as CustomEvent<number>).detail);
    addEventListener(WAITING, wait);
    return () => removeEventListener(WAITING, wait);
  }, []);
  useEffect(() => {
    const timer = setTimeout(() => setSeconds(0), seconds * 1000);
    return () => clearTimeout(timer);
  }, [seconds]);
  return (
    <div className="waiting" role="status" data-shown={seconds > 0}>
      {seconds > 0 && t("wait.told", { seconds: Math.ceil(seconds) })}
    </div>
  );
}

function page(path: string) {
  const [, place, rest, more] = path.split("/");
  if (place === "documents") return <DocumentsPage selected={rest || undefined} />;
  if (place === "gateway") return <GatewayPage part={rest} />;
  if (place === "admin") return <AdminPage part={rest} />;
  if (place === "system") return <SystemPage part={rest} chosen={more} />;
  if (place === "history") return <HistoryPage />;
  if (place === "shared" && rest) return <SharedPage session={rest} />;
  return <AskPage session={rest || undefined} />;
}

/** What begins the key of an entry that leads to another tenant. */
const TENANT = "tenant ";

/** Everything on the page is of one tenant, so that the page begins anew. */
function switchTo(tenant: string): void {
  chooseTenant(tenant);
  location.assign(href("/ask"));
}

function Person() {
  const me = useMe();
  const [theme, setTheme] = useTheme();
  const others = (me.tenants ?? []).filter((tenant) => tenant.id !== me.tenant);
  const isDark = theme === "dark" || (theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  return (
    <div className="person">
      <div className="person-who">
        <strong>{isLocal(me) ? t("person.local") : me.tenant_name}</strong>
        <span className="fine">{isLocal(me) ? t("person.local.note") : t(`role.${me.role}` as MessageKey)}</span>
      </div>
      <IconButton icon={isDark ? "sun" : "moon"} label={isDark ? t("person.light") : t("person.dark")} onPress={() => setTheme(isDark ? "light" : "dark")} />
      <MenuTrigger>
        <IconButton icon="more" label={t("person.more")} />
        <Popover className="popover">
          <Menu
            className="menu"
            onAction={(key) => {
              if (key === "out") void signOut();
              else if (key === "docs") location.assign("/docs");
              else if (String(key).startsWith(TENANT)) switchTo(String(key).slice(TENANT.length));
              else setLanguage(key as Language);
            }}
          >
            {others.map((tenant) => (
              <MenuItem key={tenant.id} id={TENANT + tenant.id} className="menu-item" textValue={tenant.name}>
                {t("person.switch", { name: tenant.name })} <span className="fine">{t(`role.${tenant.role}` as MessageKey)}</span>
              </MenuItem>
            ))}
            {Object.entries(LANGUAGE_NAMES).map(([tag, name]) => (
              <MenuItem key={tag} id={tag} className="menu-item">
                {name}
              </MenuItem>
            ))}
            <MenuItem id="docs" className="menu-item">
              {t("person.api")}
            </MenuItem>
            {!isLocal(me) && (
              <MenuItem id="out" className="menu-item">
                {t("person.out")}
              </MenuItem>
            )}
          </Menu>
        </Popover>
      </MenuTrigger>
    </div>
  );
}
