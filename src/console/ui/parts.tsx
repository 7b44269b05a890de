import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import type { State } from "../model/ladder.ts";
import type { Piece } from "../model/text-diff.ts";
import { useShell } from "./shell.ts";

/** A sign that differs by its form, not by its colour alone. */
export function Sign({ state }: { readonly state: State }) {
  return (
    <svg class={`sign sign-${state}`} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      {state === "skipped" || state === "aside" ? (
        <circle cx="8" cy="8" r="6.25" fill="none" stroke="currentColor" stroke-width="1.5" stroke-dasharray="2 2.4" />
      ) : (
        <circle cx="8" cy="8" r="7" fill="currentColor" />
      )}
      {SIGNS[state] && (
        <path d={SIGNS[state]} fill="none" stroke="var(--on-sign)" stroke-width="1.8" stroke-linecap="round" />
      )}
    </svg>
  );
}

const SIGNS: Readonly<Partial<Record<State, string>>> = {
  pass: "M4.8 8.3 7 10.5 11.3 5.8",
  fail: "M5.4 5.4 10.6 10.6 M10.6 5.4 5.4 10.6",
  unknown: "M5 8h6",
};

/** A verdict as a word with its sign. */
export function Verdict({ allowed }: { readonly allowed: boolean }) {
  const { words } = useShell();
  return (
    <span class={`verdict verdict-${allowed ? "pass" : "fail"}`}>
      <Sign state={allowed ? "pass" : "fail"} />
      {allowed ? words.allowed : words.refused}
    </span>
  );
}

/** A button that copies a text. */
export function Copy({ text, label }: { readonly text: string; readonly label?: string }) {
  const { words } = useShell();
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return undefined;
    const timer = setTimeout(() => setDone(false), 1600);
    return () => clearTimeout(timer);
  }, [done]);
  return (
    <button
      type="button"
      class="quiet"
      onClick={() => {
        navigator.clipboard.writeText(text).then(
          () => setDone(true),
          () => undefined,
        );
      }}
    >
      <span aria-live="polite">{done ? `✓ ${words.copied}` : (label ?? words.copy)}</span>
    </button>
  );
}

/** Text to be pasted, with its button. */
export function Code({
  text,
  label,
  children,
}: {
  readonly text: string;
  readonly label: string;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class="code" tabIndex={0} role="group" aria-label={label}>
      <Copy text={text} />
      <pre lang="en">{children ?? text}</pre>
    </div>
  );
}

/** A text with the characters marked that the other text has not. */
export function Pieces({ pieces }: { readonly pieces: readonly Piece[] }) {
  return (
    <code class="value" lang="en">
      {pieces.map(({ text, same }, at) => (same ? <span key={at}>{text}</span> : <mark key={at}>{text}</mark>))}
    </code>
  );
}

export interface Tab {
  readonly id: string;
  readonly label: string;
  readonly content: ComponentChildren;
}

/** Tabs as the ARIA authoring practices have them: arrow keys move, one of them is in the tab order. */
export function Tabs({ tabs, label }: { readonly tabs: readonly Tab[]; readonly label: string }) {
  const [chosen, setChosen] = useState(tabs[0]?.id ?? "");
  const current = tabs.find(({ id }) => id === chosen) ?? tabs[0];
  const list = useRef<HTMLDivElement>(null);
  const move = (step: number): void => {
    const at = tabs.findIndex(({ id }) => id === current?.id);
    const next = tabs[(at + step + tabs.length) % tabs.length];
    if (!next) return;
    setChosen(next.id);
    list.current?.querySelector<HTMLElement>(`[data-tab="${next.id}"]`)?.focus();
  };
  if (!current) return null;
  return (
    <div class="tabs">
      <div
        role="tablist"
        aria-label={label}
        ref={list}
        onKeyDown={({ key }) => {
          if (key === "ArrowRight") move(1);
          if (key === "ArrowLeft") move(-1);
        }}
      >
        {tabs.map(({ id, label: name }) => (
          <button
            key={id}
            type="button"
            role="tab"
            data-tab={id}
            aria-selected={id === current.id}
            tabIndex={id === current.id ? 0 : -1}
            onClick={() => setChosen(id)}
          >
            {name}
          </button>
        ))}
      </div>
      <div role="tabpanel" aria-label={current.label}>
        {current.content}
      </div>
    </div>
  );
}

/** A name that may be long, to be broken where it has dots and slashes. */
export function Name({ text }: { readonly text: string }) {
  return (
    <span lang="en">{text.split(/(?<=[./])/).map((part, at) => [at > 0 && <wbr key={`${at} break`} />, part])}</span>
  );
}

/** The same on the command line. */
export function InTerminal({ text }: { readonly text: string }) {
  const { words } = useShell();
  return (
    <section class="terminal" aria-label={words.inTerminal}>
      <h2>{words.inTerminal}</h2>
      <Code text={text} label={words.inTerminal} />
    </section>
  );
}

/** A few names, and how many more there are. */
export function useFew(): (names: readonly string[]) => string {
  const { words } = useShell();
  return (names) => {
    const more = names.length - NAMED;
    return names.slice(0, NAMED).join(", ") + (more > 0 ? ` ${words.andMore(more)}` : "");
  };
}

const NAMED = 3;

/** Something that takes a while and may fail; what went wrong is told beside the button. */
export function Action({
  label,
  busy,
  act,
  primary = false,
  done,
}: {
  readonly label: string;
  readonly busy?: string;
  readonly act: () => Promise<unknown>;
  readonly primary?: boolean;
  readonly done?: string;
}) {
  const { words } = useShell();
  const [state, setState] = useState<"idle" | "busy" | "done" | { readonly error: string }>("idle");
  const run = (): void => {
    if (state === "busy") return;
    setState("busy");
    act().then(
      () => setState("done"),
      (error: unknown) => setState({ error: error instanceof Error ? error.message : String(error) }),
    );
  };
  return (
    <span class="action">
      <button type="button" class={primary ? "primary" : ""} onClick={run} aria-busy={state === "busy"}>
        {state === "busy" ? (busy ?? label) : label}
      </button>
      <span role="status">
        {state === "done" && done !== undefined && <span class="done">✓ {done}</span>}
        {typeof state === "object" && (
          <span class="error">
            {words.failed}: <span lang="en">{state.error}</span>
          </span>
        )}
      </span>
    </span>
  );
}
