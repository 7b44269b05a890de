import type { Credentials } from "../../../src/core/credentials.ts";
import { Secret } from "../../../src/core/secret.ts";
import type { AssumeCall } from "../../../src/wire/sts.ts";

export const SECRET_KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
export const SESSION_TOKEN = "IQoJb3JpZ2luX2Vj/EXAMPLE+token==";

/** A session that ends 2026-11-23T12:00:00Z. */
export const CREDENTIALS: Credentials = {
  accessKeyId: "ASIAIOSFODNN7EXAMPLE",
  secretAccessKey: new Secret(SECRET_KEY),
  sessionToken: new Secret(SESSION_TOKEN),
  expiration: new Date("2026-11-23T12:00:00Z"),
  role: "arn:aws:sts::123456789012:assumed-role/shop-deploy/gitlab-20-574-302",
};

export const CALL: AssumeCall = {
  endpoint: new URL("https://sts.eu-central-1.amazonaws.com/"),
  roleArn: "arn:aws:iam::123456789012:role/shop-deploy",
  sessionName: "gitlab-20-574-302",
  token: new Secret("eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmVk"),
};
