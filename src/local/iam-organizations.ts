import { jobId, oneOf, paging } from "./iam-shapes.ts";
import { operation, type Operation, type Operations, result } from "./operation.ts";
import { optional, text } from "./parameters.ts";
import { iamError, refuse } from "./refusal.ts";

/**
 * What an account has of an organisation, or of partners that ask to act in it: nothing, here. Codes are the API
 * model's (an error without a code of its own is named as its shape, with status 400); the texts are not verified.
 */

const outside = operation({
  parameters: {},
  access: () => "*",
  run: () =>
    refuse(
      400,
      "OrganizationNotFoundException",
      "The request was rejected because no organization is associated with your account.",
    ),
});

const sortKey = oneOf(
  "SERVICE_NAMESPACE_ASCENDING",
  "SERVICE_NAMESPACE_DESCENDING",
  "LAST_AUTHENTICATED_TIME_ASCENDING",
  "LAST_AUTHENTICATED_TIME_DESCENDING",
);

const getReport = operation({
  parameters: { JobId: jobId, ...paging, SortKey: optional(sortKey) },
  access: () => "*",
  run: ({ values }) => iamError("NoSuchEntity", `Job ${values.JobId} cannot be found.`),
});

const requestId = text({ min: 16, max: 128, pattern: String.raw`[\w-]+` });

const notes = text({ max: 500, pattern: String.raw`[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*` });

const noRequest = operation({
  parameters: { DelegationRequestId: requestId, Notes: optional(notes) },
  access: ({ DelegationRequestId: id }, { store }) => `arn:aws:iam::${store.identity.account}:delegation-request/${id}`,
  run: ({ values }) => iamError("NoSuchEntity", `Delegation request ${values.DelegationRequestId} cannot be found.`),
});

const listRequests = operation({
  parameters: {
    OwnerId: optional(text({ min: 20, max: 2048, pattern: "^[a-zA-Z0-9:/+=,.@_-]+$" })),
    ...paging,
  },
  access: () => "*",
  // The member is spelt so in the API model.
  run: () => result({ DelegationRequests: [], isTruncated: false }),
});

/** A call that IAM has and this cloud does not play; better said than answered wrongly. */
function unplayed(name: string): Operation {
  return operation({
    parameters: {},
    access: () => "*",
    run: () => refuse(501, "UnsupportedOperation", `rolecall's local cloud does not play iam:${name}`),
  });
}

// The last four are in the SDKs of late 2026 and not yet in IAM's documentation.
const UNPLAYED = [
  "CreateDelegationRequest",
  "GenerateOrganizationsAccessReport",
  "GetHumanReadableSummary",
  "AcquireRole",
  "GetAccountProperties",
  "GetRoleTemplateVersion",
  "PutAccountProperties",
];

export const ORGANIZATION_OPERATIONS: Operations = {
  EnableOrganizationsRootCredentialsManagement: outside,
  EnableOrganizationsRootSessions: outside,
  DisableOrganizationsRootCredentialsManagement: outside,
  DisableOrganizationsRootSessions: outside,
  ListOrganizationsFeatures: outside,
  GetOrganizationsAccessReport: getReport,
  ListDelegationRequests: listRequests,
  GetDelegationRequest: noRequest,
  UpdateDelegationRequest: noRequest,
  AssociateDelegationRequest: noRequest,
  AcceptDelegationRequest: noRequest,
  RejectDelegationRequest: noRequest,
  SendDelegationToken: noRequest,
  ...Object.fromEntries(UNPLAYED.map((name) => [name, unplayed(name)])),
};
