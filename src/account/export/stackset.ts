import type { Config } from "../config.ts";
import { configError } from "../problem.ts";
import { quotaNotes, renderYaml } from "./cloudformation.ts";
import { audienceNote, type Exported, headLines, type Model } from "./model.ts";
import { buildTemplate, existsParameters, stackName } from "./template.ts";

const TEMPLATE = "rolecall-stackset.template.yaml";
const SCRIPT = "rolecall-stackset.sh";
const SERVICE = "member.org.stacksets.cloudformation.amazonaws.com";

/**
 * A template for every account of an organization, and the script that rolls it out by a stack set that
 * CloudFormation looks after: accounts that join later get it too.
 */
export function exportStackSet(model: Model): Exported {
  const template = buildTemplate(model);
  const text = renderYaml(template, headLines(model, "stackset"));
  return {
    files: [
      { name: TEMPLATE, text },
      { name: SCRIPT, text: script(model), executable: true },
    ],
    notes: [
      `sh ${SCRIPT} ou-… rolls it out; it checks first what it can: trusted access, and whose credentials these are`,
      "the management account gets no stack of a stack set: rolecall export cloudformation makes one for it",
      ...model.desired.providers.map(
        (one) => `an account that has the provider ${audienceNote(one)} must be named on the script's command line`,
      ),
      ...quotaNotes(text, template),
    ],
  };
}

/**
 * A stack set puts every role into every account.
 *
 * @throws RolecallError `config` for a role that the file limits to some accounts
 */
export function checkEverywhere({ file, roles }: Config): void {
  const limited = roles.filter(({ accounts }) => accounts !== null);
  if (limited.length === 0) return;
  throw configError(
    file,
    limited.map(({ name, position, accounts }) => ({
      position,
      text: `roles.${name}: expected a role of every account, as a stack set makes them, got accounts: [${(accounts ?? []).join(", ")}]`,
      hints: ["export these by account: rolecall export cloudformation --out stacks/"],
    })),
  );
}

function script(model: Model): string {
  const parameters = existsParameters(model);
  const [parameter = ""] = parameters;
  return `#!/bin/sh
${headLines(model, "stackset")
  .map((line) => `# ${line}`)
  .join("\n")}
#
# usage: sh ${SCRIPT} OU... [ACCOUNT=PARAMETER[,PARAMETER]...]
#   OU       an organizational unit, ou-…, or the organization's root, r-…
#   ACCOUNT  has a provider already, so that none must be made: 111111111111=${parameter}
#            (${parameters.join(", ")})
#
# What must be true, and what of it is checked here:
#   - the credentials are the management account's, or a delegated administrator's with
#     ROLECALL_CALL_AS=DELEGATED_ADMIN (checked)
#   - AWS Organizations trusts CloudFormation StackSets (checked)
#   - no target account has a role of these names (not checked: the stack of such an account fails)
#   - every target account that has one of the providers is named, and its provider has the audiences
#     (not checked). CloudFormation gives an account that joins later the defaults: its provider is made
#   - the management account gets no stack, whatever OU it is in
# Exit status 2: something that is checked is not so, and nothing was changed.
set -eu
AWS_PAGER=
export AWS_PAGER
name=${stackName(model.config)}
call_as=\${ROLECALL_CALL_AS:-SELF}
# IAM is one for all Regions, so one Region makes the stacks.
region=\${AWS_REGION:-\${AWS_DEFAULT_REGION:-us-east-1}}
AWS_DEFAULT_REGION=$region
export AWS_DEFAULT_REGION

fail() {
  echo "$1; nothing was changed" >&2
  exit 2
}

units=
named=
for argument in "$@"; do
  case $argument in
    ou-* | r-*) units="$units\${units:+,}\\"$argument\\"" ;;
    [0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]=*)
      named="$named\${named:+,}\\"\${argument%%=*}\\""
      for parameter in $(printf '%s' "\${argument#*=}" | tr , ' '); do
        case $parameter in
          ${parameters.join(" | ")}) ;;
          *) fail "expected ${parameters.join(" or ")}, got $parameter" ;;
        esac
      done
      ;;
    *) fail "expected an OU or ACCOUNT=PARAMETER, got $argument" ;;
  esac
done
[ -n "$units" ] || fail "expected an OU: sh ${SCRIPT} ou-…"

account=$(aws sts get-caller-identity --query Account --output text)
management=$(aws organizations describe-organization --query Organization.MasterAccountId --output text)
if [ "$call_as" = SELF ]; then
  [ "$account" = "$management" ] ||
    fail "expected credentials of the management account $management, got those of $account (a delegated administrator sets ROLECALL_CALL_AS=DELEGATED_ADMIN)"
  trusted=$(aws organizations list-aws-service-access-for-organization --output text \\
    --query "EnabledServicePrincipals[?ServicePrincipal=='${SERVICE}'].ServicePrincipal")
  [ -n "$trusted" ] ||
    fail "expected trusted access for StackSets: aws cloudformation activate-organizations-access"
fi

# Waits for an operation of the stack set, since there can be but one at a time.
wait_for() {
  while :; do
    status=$(aws cloudformation describe-stack-set-operation --stack-set-name "$name" --call-as "$call_as" \\
      --operation-id "$1" --query StackSetOperation.Status --output text)
    case $status in
      SUCCEEDED) return ;;
      FAILED | STOPPED)
        echo "operation $1 of stack set $name: $status (aws cloudformation list-stack-set-operation-results tells why)" >&2
        exit 1
        ;;
    esac
    sleep 5
  done
}

# roll_out TARGETS OVERRIDES, both as JSON.
roll_out() {
  operation=$(aws cloudformation create-stack-instances --stack-set-name "$name" --call-as "$call_as" \\
    --regions "$region" --deployment-targets "$1" --parameter-overrides "$2" --query OperationId --output text)
  wait_for "$operation"
}

template=$(cat "$(dirname "$0")/${TEMPLATE}")
if aws cloudformation describe-stack-set --stack-set-name "$name" --call-as "$call_as" >/dev/null 2>&1; then
  operation=$(aws cloudformation update-stack-set --stack-set-name "$name" --call-as "$call_as" \\
    --template-body "$template" --capabilities CAPABILITY_NAMED_IAM --query OperationId --output text)
  wait_for "$operation"
else
  aws cloudformation create-stack-set --stack-set-name "$name" --call-as "$call_as" --permission-model SERVICE_MANAGED \\
    --auto-deployment Enabled=true,RetainStacksOnAccountRemoval=false \\
    --template-body "$template" --capabilities CAPABILITY_NAMED_IAM >/dev/null
fi

# Accounts that have a provider first, each by itself, since what is overridden is so for all of a call.
for argument in "$@"; do
  case $argument in
    *=*)
      overrides=
      for parameter in $(printf '%s' "\${argument#*=}" | tr , ' '); do
        overrides="$overrides\${overrides:+,}{\\"ParameterKey\\":\\"$parameter\\",\\"ParameterValue\\":\\"yes\\"}"
      done
      roll_out "{\\"OrganizationalUnitIds\\":[$units],\\"Accounts\\":[\\"\${argument%%=*}\\"],\\"AccountFilterType\\":\\"INTERSECTION\\"}" "[$overrides]"
      ;;
  esac
done
if [ -n "$named" ]; then
  roll_out "{\\"OrganizationalUnitIds\\":[$units],\\"Accounts\\":[$named],\\"AccountFilterType\\":\\"DIFFERENCE\\"}" "[]"
else
  roll_out "{\\"OrganizationalUnitIds\\":[$units]}" "[]"
fi
`;
}
