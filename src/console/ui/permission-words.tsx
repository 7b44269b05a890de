import type { AccountRole } from "../model/account.ts";
import { permissionsOf } from "../model/permissions.ts";
import { useShell } from "./shell.ts";

const SHORT = 2;

/** What a role may do. `short`: as much as fits on a card. */
export function PermissionWords({ role, short = false }: { readonly role: AccountRole; readonly short?: boolean }) {
  const { words } = useShell();
  const { services, denies, unknown, names } = permissionsOf(role);
  if (names.length === 0) return <span class="faint">{words.mayNothing}</span>;
  const shown = short ? services.slice(0, SHORT) : services;
  return (
    <span class="permissions">
      {shown.map(({ service, actions }) => (
        <span key={service} class="permission">
          {service === "*" ? (
            <strong>{words.everything}</strong>
          ) : (
            <>
              <strong lang="en">{service}</strong> <span lang="en">{listed(actions, short)}</span>
            </>
          )}
        </span>
      ))}
      {services.length > shown.length && <span class="faint">{words.andMore(services.length - shown.length)}</span>}
      {unknown.length > 0 && (
        <span class="faint">
          <span lang="en">{unknown.join(", ")}</span> ({words.unknownPolicies})
        </span>
      )}
      {denies && <span class="faint">{words.denies}</span>}
    </span>
  );
}

function listed(actions: readonly string[], short: boolean): string {
  const shown = short ? actions.slice(0, 3) : actions;
  return shown.join(", ") + (shown.length < actions.length ? " …" : "");
}
