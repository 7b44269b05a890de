import { useEffect, useMemo, useState } from "preact/hooks";

import { readRoute, type Route, type Screen, SCREENS, showRoute } from "../model/route.ts";
import { type Language, languageFor, wordsOf, type Words } from "../words/index.ts";
import { createApi, forgetKey, shareKey } from "./api.ts";
import { ExchangesScreen } from "./exchanges-screen.tsx";
import { KeyMissing } from "./key-missing.tsx";
import { MapScreen } from "./map-screen.tsx";
import { Playground } from "./playground.tsx";
import { ProvidersScreen } from "./providers-screen.tsx";
import { RolesScreen } from "./roles-screen.tsx";
import { ShellContext } from "./shell.ts";
import { type Connection, useCloud } from "./use-cloud.ts";

const VIEWS: Readonly<Record<Screen, () => preact.JSX.Element | null>> = {
  map: MapScreen,
  playground: Playground,
  exchanges: ExchangesScreen,
  roles: RolesScreen,
  providers: ProvidersScreen,
};

export function App({ firstKey }: { readonly firstKey: string | null }) {
  const [key, setKey] = useState(firstKey);
  const [language, setLanguage] = useLanguage();
  const words = wordsOf(language);
  const api = useMemo(() => (key === null ? null : createApi(key)), [key]);
  const { account, exchanges, connection, refresh } = useCloud(api);
  const route = useRoute();
  useEffect(() => shareKey(firstKey, setKey), [firstKey]);
  useEffect(() => {
    document.title = `${words.screens[route.screen]} · rolecall`;
  }, [words, route.screen]);
  const isRefused = connection === "refused";
  useEffect(() => {
    if (isRefused) forgetKey();
  }, [isRefused]);

  const View = VIEWS[route.screen];
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => (event.preventDefault(), focusMain())}>
        {words.skip}
      </a>
      <header class="bar">
        <a class="brand" href="#/map" aria-label="rolecall">
          <svg viewBox="0 0 16 16" width="18" height="18" aria-hidden="true">
            <path
              d="M2 8h5M9 4.5 12.5 8 9 11.5"
              fill="none"
              stroke="currentColor"
              stroke-width="2"
              stroke-linecap="round"
              stroke-linejoin="round"
            />
            <circle cx="2.6" cy="8" r="1.6" fill="currentColor" />
          </svg>
          rolecall
        </a>
        <nav aria-label={words.navigation}>
          {SCREENS.map((screen) => (
            <a
              key={screen}
              href={showRoute({ screen, query: "" })}
              aria-current={route.screen === screen ? "page" : undefined}
            >
              {words.screens[screen]}
            </a>
          ))}
        </nav>
        <div class="status">
          {account && (
            <span class="account">
              {words.account} <code>{account.account}</code>
            </span>
          )}
          {key !== null && !isRefused && <ConnectionState connection={connection} words={words} />}
          <LanguageChoice language={language} label={words.language} choose={setLanguage} />
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        {key === null || isRefused ? (
          <KeyMissing words={words} stale={isRefused} />
        ) : (
          api &&
          account && (
            <ShellContext.Provider value={{ words, account, exchanges, route, api, refresh }}>
              <View />
            </ShellContext.Provider>
          )
        )}
      </main>
    </>
  );
}

function focusMain(): void {
  document.querySelector<HTMLElement>("main h1, main")?.focus();
}

function ConnectionState({ connection, words }: { readonly connection: Connection; readonly words: Words }) {
  const text = connection === "live" ? words.live : connection === "lost" ? words.lost : words.connecting;
  return (
    <span class={`connection connection-${connection}`} role="status">
      {text}
    </span>
  );
}

function LanguageChoice({
  language,
  label,
  choose,
}: {
  readonly language: Language;
  readonly label: string;
  readonly choose: (language: Language) => void;
}) {
  return (
    <div class="switch" role="group" aria-label={label}>
      <button type="button" lang="en" aria-pressed={language === "en"} onClick={() => choose("en")}>
        English
      </button>
      <button type="button" lang="ko" aria-pressed={language === "ko"} onClick={() => choose("ko")}>
        한국어
      </button>
    </div>
  );
}

const SLOT = "rolecall-language";

function useLanguage(): readonly [Language, (language: Language) => void] {
  const [language, setLanguage] = useState(() =>
    languageFor([localStorage.getItem(SLOT) ?? "", ...navigator.languages]),
  );
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  return [
    language,
    (chosen) => {
      localStorage.setItem(SLOT, chosen);
      setLanguage(chosen);
    },
  ];
}

function useRoute(): Route {
  const [fragment, setFragment] = useState(location.hash);
  useEffect(() => {
    const read = (): void => setFragment(location.hash);
    addEventListener("hashchange", read);
    return () => removeEventListener("hashchange", read);
  }, []);
  return useMemo(() => readRoute(fragment), [fragment]);
}
