import { providerFacts } from "../model/provider-facts.ts";
import { Action, InTerminal } from "./parts.tsx";
import { useShell } from "./shell.ts";

export function ProvidersScreen() {
  const { words, account } = useShell();
  return (
    <div class="screen">
      <h1 tabIndex={-1}>{words.providersTitle}</h1>
      <p class="lead">{words.providersLead}</p>
      {account.providers.length === 0 && <p class="empty-line">{words.noProvidersYet}</p>}
      <ul class="cards">
        {account.providers.map(({ arn }) => (
          <li key={arn}>
            <ProviderCard arn={arn} />
          </li>
        ))}
      </ul>
      <InTerminal text={`aws iam list-open-id-connect-providers --endpoint-url ${location.origin}`} />
    </div>
  );
}

function ProviderCard({ arn }: { readonly arn: string }) {
  const { words, account, exchanges, api, refresh } = useShell();
  const facts = providerFacts(arn, account, exchanges);
  if (!facts) return null;
  const { url, audiences, unlisted, roles, isPlayed } = facts;
  const add = async (audience: string): Promise<void> => {
    const parameters = { OpenIDConnectProviderArn: arn, ClientID: audience };
    await api.change({ action: "AddClientIDToOpenIDConnectProvider", parameters });
    await refresh();
  };
  return (
    <article class="card" aria-label={url}>
      <header>
        <h2 lang="en">https://{url}</h2>
        <span class={roles.length > 0 ? "faint" : "text-fail"}>
          {roles.length > 0 ? words.usedBy(roles.length) : words.unused}
        </span>
      </header>
      <code class="faint arn" lang="en">
        {arn}
      </code>
      <table class="rows audiences">
        <caption class="unseen">{words.audience}</caption>
        <tbody>
          {audiences.map(({ audience, asked }) => (
            <tr key={audience}>
              <th scope="row">
                <code lang="en">{audience}</code>
              </th>
              <td class="faint">{asked > 0 ? words.askedBy(asked) : words.unasked}</td>
            </tr>
          ))}
          {unlisted.map((audience) => (
            <tr key={audience} class="unlisted">
              <th scope="row">
                <code lang="en">{audience}</code>
              </th>
              <td>
                <span class="text-fail">{words.unlisted}</span>{" "}
                <Action label={words.addAudience} act={() => add(audience)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {audiences.length === 0 && <p class="text-fail">{words.noAudience}</p>}
      <p class="faint">{isPlayed ? words.keysHere : words.keysThere}</p>
    </article>
  );
}
