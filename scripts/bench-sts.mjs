// @ts-check
// The STS of `npm run bench`, in a process of its own: answers every request alike and at once, so that what is
// measured is the client. Prints its port.
import { createServer } from "node:http";

const ANSWER = `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult>
    <SubjectFromWebIdentityToken>project_path:acme/shop:ref_type:branch:ref:main</SubjectFromWebIdentityToken>
    <Audience>sts.amazonaws.com</Audience>
    <AssumedRoleUser>
      <Arn>arn:aws:sts::123456789012:assumed-role/deploy/gitlab-1-574-302</Arn>
      <AssumedRoleId>AROACLKWSDQRAOEXAMPLE:gitlab-1-574-302</AssumedRoleId>
    </AssumedRoleUser>
    <Credentials>
      <AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId>
      <SecretAccessKey>wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY</SecretAccessKey>
      <SessionToken>${"A".repeat(400)}</SessionToken>
      <Expiration>2099-01-01T00:00:00Z</Expiration>
    </Credentials>
    <Provider>arn:aws:iam::123456789012:oidc-provider/gitlab.com</Provider>
  </AssumeRoleWithWebIdentityResult>
  <ResponseMetadata><RequestId>ad4156e9-bce1-11e2-82e6-6b6efEXAMPLE</RequestId></ResponseMetadata>
</AssumeRoleWithWebIdentityResponse>`;

// GitHub actions ask who they have become.
const IDENTITY = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult>
    <Arn>arn:aws:sts::123456789012:assumed-role/deploy/bench</Arn>
    <UserId>AROACLKWSDQRAOEXAMPLE:bench</UserId>
    <Account>123456789012</Account>
  </GetCallerIdentityResult>
  <ResponseMetadata><RequestId>ad4156e9-bce1-11e2-82e6-6b6efEXAMPLE</RequestId></ResponseMetadata>
</GetCallerIdentityResponse>`;

const server = createServer((request, response) => {
  let asksWho = false;
  request.on("data", (/** @type {Buffer} */ part) => {
    asksWho ||= part.includes("Action=GetCallerIdentity");
  });
  request.on("end", () => response.writeHead(200, { "content-type": "text/xml" }).end(asksWho ? IDENTITY : ANSWER));
});

server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address !== null && typeof address === "object") process.stdout.write(`${address.port}\n`);
});
