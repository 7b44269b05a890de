#!/bin/sh
# rolecall.sh: temporary AWS credentials for a CI job, for images without Node.js. Needs curl or wget, and sed.
#
#   eval "$(sh rolecall.sh --token-env OIDC_TOKEN)"
#
# Prints what `rolecall creds --format env` prints. When there are no credentials it prints `false`, so that the eval
# fails the job, and says why on stderr. Options: --role ARN, --token-env NAME, --token-file FILE, --audience AUD,
# --region REGION, --session-name NAME, --duration TIME, --endpoint-url URL. Secrets are never put on a command line.
set -u
umask 077
export LC_ALL=C

die() { # status, message, hint
  printf 'rolecall: error: %s\n' "$2" >&2
  [ -z "${3-}" ] || printf 'rolecall: hint: %s\n' "$3" >&2
  echo false
  exit "$1"
}

role=${ROLECALL_ROLE_ARN:-${AWS_ROLE_ARN:-${ROLE_ARN:-}}}
region=${AWS_REGION:-${AWS_DEFAULT_REGION:-}}
endpoint=${AWS_ENDPOINT_URL_STS:-${AWS_ENDPOINT_URL:-}}
session=${ROLECALL_SESSION_NAME:-${AWS_ROLE_SESSION_NAME:-}}
duration=${ROLECALL_DURATION:-}
audience=${ROLECALL_AUDIENCE:-sts.amazonaws.com}
token_env='' token_file='' token=''
while [ $# -gt 0 ]; do
  [ $# -gt 1 ] || die 2 "$1 needs a value"
  case $1 in
    --role) role=$2 ;;
    --region) region=$2 ;;
    --endpoint-url) endpoint=$2 ;;
    --session-name) session=$2 ;;
    --duration) duration=$2 ;;
    --audience) audience=$2 ;;
    --token-env) token_env=$2 ;;
    --token-file) token_file=$2 ;;
    *) die 2 "unknown option $1" ;;
  esac
  shift 2
done

case $role in
  arn:aws:iam::* | arn:aws-*:iam::*) ;;
  '') die 2 'no role: expected --role ARN, or one of ROLECALL_ROLE_ARN, AWS_ROLE_ARN, ROLE_ARN' ;;
  *) die 2 "the role is not a role ARN: expected arn:aws:iam::123456789012:role/NAME, got $role" ;;
esac
case $duration in *m) unit=60 ;; *h) unit=3600 ;; *) unit=1 ;; esac
seconds=${duration%[smh]}
case $seconds in *[!0-9]*) die 2 "not a duration: expected one like 900, 15m or 1h, got $duration" ;; esac
[ -z "$seconds" ] || duration=$((seconds * unit))
case $region in *[!a-z0-9-]*) die 2 "not a region: expected one like eu-central-1, got $region" ;; esac

# Secrets reach curl by its standard input, and wget by a file that nobody else can read.
scratch=$(mktemp -d "${TMPDIR:-/tmp}/rolecall.XXXXXX") || die 1 'cannot make a folder for temporary files'
trap 'rm -rf "$scratch"' EXIT
: >"$scratch/why"
trap 'exit 130' INT TERM

if command -v curl >/dev/null 2>&1; then
  client=curl
elif ! command -v wget >/dev/null 2>&1; then
  die 1 'neither curl nor wget is installed'
elif wget --help 2>&1 | grep -q content-on-error; then
  client=wget
else
  client=busybox # its wget has no configuration file, no time limit, and shows no body of a refusal
fi

post() { # URL, body: prints the answer, that of a refusal too
  case $client in
    curl) printf '%s' "$2" | curl -sS --max-time 10 --data-binary @- "$1" 2>"$scratch/why" ;;
    wget) printf '%s' "$2" >"$scratch/body" && wget -q -T 10 -t 1 --content-on-error -O - --post-file "$scratch/body" "$1" 2>"$scratch/why" ;;
    busybox) printf '%s' "$2" >"$scratch/body" && wget -q -O - --post-file "$scratch/body" "$1" 2>"$scratch/why" ;;
  esac
}

get() { # URL, bearer token
  case $client in
    curl) printf 'header = "Authorization: Bearer %s"\n' "$2" | curl -sS --max-time 10 -K - "$1" 2>"$scratch/why" ;;
    wget)
      printf 'header = Authorization: Bearer %s\n' "$2" >"$scratch/wgetrc"
      WGETRC=$scratch/wgetrc wget -q -T 10 -O - "$1" 2>"$scratch/why"
      ;;
  esac
}

encode() { printf '%s' "$1" | sed 's/%/%25/g; s/+/%2B/g; s/=/%3D/g; s/,/%2C/g; s/@/%40/g; s/:/%3A/g; s|/|%2F|g; s/&/%26/g; s/ /%20/g'; }

if [ -n "$token_env" ]; then
  case $token_env in [0-9]* | *[!A-Za-z0-9_]*) die 2 '--token-env: expected the name of a variable' ;; esac
  eval "token=\${$token_env-}"
elif [ -n "$token_file" ]; then
  [ -r "$token_file" ] || die 4 "the token file $token_file cannot be read"
  token=$(cat "$token_file")
elif [ -n "${ACTIONS_ID_TOKEN_REQUEST_URL-}" ] && [ -n "${ACTIONS_ID_TOKEN_REQUEST_TOKEN-}" ]; then
  [ "$client" != busybox ] || die 1 "this wget would show the job's bearer token to every process" 'install curl'
  answer=$(get "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=$(encode "$audience")" "$ACTIONS_ID_TOKEN_REQUEST_TOKEN")
  token=$(printf '%s' "$answer" | sed -n 's/.*"value" *: *"\([^"]*\)".*/\1/p')
else
  token=${CIRCLE_OIDC_TOKEN_V2:-${BITBUCKET_STEP_OIDC_TOKEN:-}}
fi
token=$(printf '%s' "$token" | tr -d ' \r\n')
case $token in
  '') die 4 'no ID token' 'GitLab: id_tokens: { OIDC_TOKEN: { aud: sts.amazonaws.com } }, then --token-env OIDC_TOKEN' ;;
  *[!A-Za-z0-9._-]*) die 2 'the ID token is not a JWT' ;;
  eyJ*.*.*) ;;
  *) die 2 'the ID token is not a JWT' ;;
esac

if [ -z "$session" ]; then
  session=rolecall
  [ -z "${CI_JOB_ID-}" ] || session=gitlab-${CI_PROJECT_ID-}-${CI_PIPELINE_ID-}-$CI_JOB_ID
  [ -z "${GITHUB_RUN_ID-}" ] || session=github-${GITHUB_REPOSITORY-}-$GITHUB_RUN_ID-${GITHUB_RUN_ATTEMPT-}
fi
session=$(printf '%s' "$session" | tr -c 'A-Za-z0-9_+=,.@-' '-' | cut -c 1-64)

case $role in
  arn:aws-cn:*) host=sts.${region:-cn-north-1}.amazonaws.com.cn ;;
  arn:aws-us-gov:*) host=sts.${region:-us-gov-west-1}.amazonaws.com ;;
  *) host=sts.${region:-us-east-1}.amazonaws.com ;;
esac
body="Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=$(encode "$role")"
body="$body&RoleSessionName=$(encode "$session")${duration:+&DurationSeconds=$duration}&WebIdentityToken=$token"

element() { printf '%s' "$answer" | tr -d '\n' | sed -n "s|.*<$1>\([^<]*\)</$1>.*|\1|p"; }

# Tried again: no answer, 5xx, throttling, an issuer that AWS could not reach. Never a denial.
for wait in 1 3 0; do
  answer=$(post "${endpoint:-https://$host}/" "$body")
  code=$(element Code)
  case $code/$(element AccessKeyId) in
    /?*) break ;;
    / | Throttling* | IDPCommunicationError/* | InternalFailure/* | ServiceUnavailable/* | RequestLimitExceeded/*) ;;
    *) element Message | grep -q 'verification key' || break ;;
  esac
  # Busybox's wget gives the status alone: 4xx is a refusal.
  if grep -q ' 4[0-9][0-9] ' "$scratch/why"; then code='a refusal'; break; fi
  [ "$wait" -eq 0 ] || sleep "$wait"
done

[ -z "$code" ] || die 3 "STS refused: $code: $(element Message | sed 's/&quot;/"/g; s/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g') $(sed -n '1p' "$scratch/why")" 'rolecall explain says why'
id=$(element AccessKeyId) secret=$(element SecretAccessKey) session_token=$(element SessionToken) until=$(element Expiration)
[ -n "$id" ] || die 5 "STS does not answer: $(sed -n '1p' "$scratch/why")"
case $id$secret$session_token$until in *[!A-Za-z0-9+/=_.:-]*) die 5 'STS answered something that is no credential' ;; esac
printf 'export %s=%s\n' AWS_ACCESS_KEY_ID "$id" AWS_SECRET_ACCESS_KEY "$secret" AWS_SESSION_TOKEN "$session_token" \
  AWS_CREDENTIAL_EXPIRATION "$(printf '%s' "$until" | sed 's/Z$/+00:00/')"
