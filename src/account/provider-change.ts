import type { IamProvider } from "../wire/aws-sdk.ts";
import type { Change, Step } from "./change.ts";
import type { DesiredProvider } from "./desired.ts";
import { audienceTags, MANAGED } from "./tags.ts";

/** What to do with a provider: create it, or add the audiences that it lacks. Nothing of it is ever taken away. */
export function providerChange(provider: DesiredProvider, live: IamProvider | undefined, config: string): Change {
  const { arn, url, audiences } = provider;
  const change = { kind: "provider", name: url, arn } as const;
  const missing = audiences.filter((audience) => !live?.audiences.includes(audience));
  const what = missing.map((audience) => `audience ${audience}`);
  if (!live) {
    const tags = { [MANAGED]: config, ...audienceTags(audiences, config, 1) };
    const step: Step = { kind: "create-provider", provider: { url, audiences, tags } };
    return { ...change, action: "create", what, steps: [step] };
  }
  if (missing.length === 0) return { ...change, action: "keep", what: [], steps: [] };
  return { ...change, action: "add-audience", what, steps: audienceSteps(arn, missing, live, config) };
}

/** Tagged first: an audience that was added and not tagged would be taken for somebody else's. */
function audienceSteps(
  arn: string,
  audiences: readonly string[],
  { tags: taken }: IamProvider,
  config: string,
): readonly Step[] {
  const tags = audienceTags(audiences, config, Object.keys(taken).length);
  return [
    ...(Object.keys(tags).length > 0 ? [{ kind: "tag-provider", arn, tags } as const] : []),
    ...audiences.map((audience): Step => ({ kind: "add-audience", arn, audience })),
  ];
}
