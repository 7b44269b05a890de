import { isRefusal } from "./iam-holders.ts";
import { paging, tagKeys, tagList } from "./iam-shapes.ts";
import { mergeTags, removeTags, tagsXml } from "./iam-tags.ts";
import { type Answer, type Call, operation, type Operations, result } from "./operation.ts";
import { paginate } from "./pages.ts";
import type { Parameter } from "./parameters.ts";
import type { Tag } from "./records.ts";
import type { Refusal } from "./refusal.ts";
import type { World } from "./world.ts";

/** Resources that one parameter names, and that have tags whose keys are told apart by case. */
export interface TaggedKind<Resource extends { readonly tags: readonly Tag[] }> {
  /** As in the names of the calls: `MFADevice`. */
  readonly title: string;
  /** The parameter that names one. */
  readonly parameter: string;
  readonly shape: Parameter<string>;
  /** The ARN that a call about one is authorised for. */
  readonly arnOf: (named: string, world: World) => string;
  readonly find: (named: string, world: World) => Resource | Refusal;
  readonly put: (resource: Resource, world: World) => void;
}

type Given = Readonly<Record<string, unknown>>;

/** The calls about the tags of a kind of resource. */
export function resourceTagOperations<Resource extends { readonly tags: readonly Tag[] }>(
  kind: TaggedKind<Resource>,
): Operations {
  const { title, parameter, shape } = kind;
  const target = { [parameter]: shape };
  const named = (values: Given): string => String(values[parameter]);
  const access = (values: Given, world: World): string => kind.arnOf(named(values), world);
  const change = (
    { values, world }: Pick<Call<Given>, "values" | "world">,
    update: (resource: Resource) => Resource | Refusal,
  ): Answer => {
    const found = kind.find(named(values), world);
    const changed = isRefusal(found) ? found : update(found);
    if (isRefusal(changed)) return changed;
    kind.put(changed, world);
    return result();
  };
  return {
    [`Tag${title}`]: operation({
      parameters: { ...target, Tags: tagList },
      access,
      run: (call) =>
        change(call, (resource) => {
          const tags = mergeTags(resource.tags, call.values.Tags, "exact");
          return tags.kind === "refused" ? tags : { ...resource, tags: tags.tags };
        }),
    }),
    [`Untag${title}`]: operation({
      parameters: { ...target, TagKeys: tagKeys },
      access,
      run: (call) =>
        change(call, (resource) => ({ ...resource, tags: removeTags(resource.tags, call.values.TagKeys, "exact") })),
    }),
    [`List${title}Tags`]: operation({
      parameters: { ...target, ...paging },
      access,
      run: (call) => {
        const resource = kind.find(named(call.values), call.world);
        if (isRefusal(resource)) return resource;
        const page = paginate(resource.tags, ({ key }) => key, call.values);
        return page.kind === "refused" ? page : result({ Tags: tagsXml(page.items), ...page.tail });
      },
    }),
  };
}
