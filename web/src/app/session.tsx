// Who is here and what may be done; signing in, also in the middle of something.
import { type ReactNode, createContext, useContext, useEffect, useState } from "react";
import { ApiError, chooseTenant, chosenTenant, get, keepLogin, logIn, logOut, post, whenSignedOut } from "../api/client";
import type { Me } from "../api/types";
import { Button, Problem } from "../parts";
import { forgetTalks } from "../pages/ask/talk";
import { t } from "../text";
import { asApiError, useAction, useTitle } from "./use";

const Here = createContext<Me | undefined>(undefined);

/** Who is here. Only inside {@link Session}. */
export function useMe(): Me {
  const me = useContext(Here);
  if (!me) throw new Error("useMe is used outside Session");
  return me;
}

/** Whether the one who is here may do something, such as `content.write`. */
export function useMay(permission: string): boolean {
  return useMe().permissions.includes(permission);
}

/** By which the server knows somebody who needs no login. */
export const isLocal = (me: Me): boolean => me.credential === "local";

/** Shows the page to whom the server knows, and the sign-in to others. A login that ends later is
 * asked for above the page, which stays as it is. */
export function Session({ children }: { children: ReactNode }) {
  const [me, setMe] = useState<Me>();
  const [error, setError] = useState<ApiError>();
  const [isOut, setOut] = useState(false);
  const [waiting, setWaiting] = useState<(() => void)[]>([]);

  const look = async () => {
    try {
      const found = await get<Me>("/v1/me");
      setMe((before) => {
        if (before && before.principal !== found.principal) forgetTalks();
        return found;
      });
      setError(undefined);
      setOut(false);
    } catch (problem) {
      const failure = asApiError(problem);
      if (failure.status === 401) setOut(true);
      else setError(failure);
    }
  };
  useEffect(() => {
    void look();
    whenSignedOut(
      () =>
        new Promise<void>((done) => {
          setOut(true);
          setWaiting((others) => [...others, done]);
        }),
    );
  }, []);

  const signedIn = async () => {
    setOut(false);
    for (const go of waiting) go();
    setWaiting([]);
    if (!me || waiting.length > 0) await look();
  };
  return (
    <>
      {me && (
        <Here.Provider value={me}>
          <div inert={isOut}>{children}</div>
        </Here.Provider>
      )}
      {isOut && <SignIn isAgain={me !== undefined} onDone={() => void signedIn()} />}
      {!me && !isOut && error && (
        <div className="center">
          <Problem error={error} retry={() => void look()} />
        </div>
      )}
    </>
  );
}

export async function signOut(): Promise<void> {
  await logOut().catch(() => keepLogin(undefined));
  forgetTalks();
  location.assign("/");
}

function SignIn({ isAgain, onDone }: { isAgain: boolean; onDone: () => void }) {
  const [mode, setMode] = useState<"login" | "invitation">("login");
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const [token, setToken] = useState("");
  const [tenant, setTenant] = useState(chosenTenant());
  useTitle(t("signin.title"));
  const { run, isRunning, error } = useAction(async () => {
    let name = user;
    if (mode === "invitation") {
      const accepted = await post<{ user: string; tenant: string }>("/v1/login/invitation", { token: token.trim(), password });
      name = accepted.user;
      setUser(name);
      setMode("login");
    }
    chooseTenant(tenant.trim());
    await logIn(name, password);
    onDone();
  });
  return (
    <div className={isAgain ? "signin signin-over" : "signin"} role={isAgain ? "dialog" : undefined} aria-modal={isAgain || undefined} aria-label={t("signin.title")}>
      <form
        className="signin-card"
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        <p className="brand">
          <Logo /> Assay
        </p>
        <h1>{isAgain ? t("signin.again") : t("signin.title")}</h1>
        <p className="muted">{isAgain ? t("signin.again.lead") : t("signin.lead")}</p>
        {mode === "invitation" ? (
          <label>
            {t("signin.token")}
            <input value={token} onChange={(event) => setToken(event.target.value)} required autoComplete="off" />
          </label>
        ) : (
          <label>
            {t("signin.user")}
            <input value={user} onChange={(event) => setUser(event.target.value)} required autoComplete="username" autoFocus />
          </label>
        )}
        <label>
          {mode === "invitation" ? t("signin.new_password") : t("signin.password")}
          <input type="password" value={password} onChange={(event) => setPassword(event.target.value)} required autoComplete="current-password" />
        </label>
        <details>
          <summary>{t("signin.several")}</summary>
          <label>
            {t("signin.tenant")}
            <input value={tenant} onChange={(event) => setTenant(event.target.value)} autoComplete="organization" />
          </label>
        </details>
        <Problem error={error} />
        <Button kind="primary" type="submit" isPending={isRunning} icon="lock">
          {t("signin.go")}
        </Button>
        <Button kind="quiet" onPress={() => setMode(mode === "login" ? "invitation" : "login")}>
          {mode === "login" ? t("signin.invited") : t("signin.back")}
        </Button>
      </form>
    </div>
  );
}

export function Logo() {
  return (
    <svg className="logo" viewBox="0 0 32 32" aria-hidden="true">
      <path d="M9 23.500 16 8l7 15.500M11.800 18h8.400" />
      <circle cx="24.200" cy="9" r="2.600" />
    </svg>
  );
}

