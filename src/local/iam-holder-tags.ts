import { changeHolder, findHolder, holderArn, type HolderKind, isRefusal } from "./iam-holders.ts";
import { checkBoundary } from "./iam-managed-records.ts";
import { arn, paging, tagKeys, tagList } from "./iam-shapes.ts";
import { mergeTags, removeTags, tagsXml } from "./iam-tags.ts";
import { operation, type Operations, result } from "./operation.ts";
import { paginate } from "./pages.ts";
import type { Holder } from "./records.ts";

/** The calls about the tags and the boundary of roles, or of users. */
export function tagOperations<H extends Holder>(kind: HolderKind<H>): Operations {
  const { title } = kind;
  const target = { [kind.parameter]: kind.name };
  const tagged = { [kind.parameter]: kind.existingName };
  const access = holderArn(kind);
  return {
    [`Tag${title}`]: operation({
      parameters: { ...tagged, Tags: tagList },
      access,
      run: (call) =>
        changeHolder(kind, call, (holder) => {
          const tags = mergeTags(holder.tags, call.values.Tags, "folded");
          return tags.kind === "refused" ? tags : { ...holder, tags: tags.tags };
        }),
    }),
    [`Untag${title}`]: operation({
      parameters: { ...tagged, TagKeys: tagKeys },
      access,
      run: (call) =>
        changeHolder(kind, call, (holder) => ({
          ...holder,
          tags: removeTags(holder.tags, call.values.TagKeys, "folded"),
        })),
    }),
    [`List${title}Tags`]: operation({
      parameters: { ...tagged, ...paging },
      access,
      run: (call) => {
        const holder = findHolder(kind, call);
        if (isRefusal(holder)) return holder;
        const page = paginate(holder.tags, ({ key }) => key, call.values);
        return page.kind === "refused" ? page : result({ Tags: tagsXml(page.items), ...page.tail });
      },
    }),
    [`Put${title}PermissionsBoundary`]: operation({
      parameters: { ...target, PermissionsBoundary: arn },
      access,
      run: (call) =>
        changeHolder(kind, call, (holder) => {
          const { PermissionsBoundary: boundary } = call.values;
          return checkBoundary(boundary, call.world.store.iam) ?? { ...holder, boundary };
        }),
    }),
    [`Delete${title}PermissionsBoundary`]: operation({
      parameters: target,
      access,
      run: (call) => changeHolder(kind, call, (holder) => ({ ...holder, boundary: undefined })),
    }),
  };
}
