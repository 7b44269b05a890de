import { X509Certificate } from "node:crypto";
import { execFile } from "node:child_process";
import { type Finding, findingsOf } from "./finding.ts";

const { bad, good } = findingsOf("issuer");

const TIMEOUT = 5000;

/**
 * The certificates of a server as it sends them, the leaf first. Node.js shows the chain that it has put in order
 * itself, so openssl is asked, without a shell and with nothing of the job's environment.
 *
 * @param openssl where it is
 * @returns null when it does not answer
 */
export function readSentChain(openssl: string, host: string, port: number): Promise<readonly X509Certificate[] | null> {
  const isName = !/^[\d.]+$|:/.test(host);
  const args = ["s_client", "-connect", `${host.includes(":") ? `[${host}]` : host}:${port}`, "-showcerts"];
  return new Promise((resolve) => {
    const child = execFile(
      openssl,
      isName ? [...args, "-servername", host] : args,
      { env: { PATH: "" }, timeout: TIMEOUT, encoding: "utf8", maxBuffer: 1024 * 1024 },
      (_, stdout) => {
        const sent = stdout.match(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g);
        resolve(sent && sent.map((text) => new X509Certificate(text)));
      },
    );
    child.stdin?.end();
  });
}

/** Whether each certificate is signed by the one that follows it, as IAM wants them. Source: GitLab docs, ci/cloud_services/aws. */
export function checkSentChain(host: string, chain: readonly X509Certificate[]): readonly Finding[] {
  const fix = "send leaf, intermediate, root in this order, each once, and nothing else";
  const names = chain.map(nameOf);
  const twice = names.find(
    (_, at) => chain.findIndex((one) => one.fingerprint256 === chain[at]?.fingerprint256) !== at,
  );
  if (twice !== undefined) return [bad(`${host} sends the certificate ${twice} twice`, { failure: "F51", fix })];
  const at = chain.findIndex((one, place) => {
    const next = chain[place + 1];
    return next !== undefined && !one.checkIssued(next);
  });
  if (at < 0) return [good(`${host} sends its certificates in order (${names.join(", ")})`)];
  const says = `${host} sends its certificates out of order: ${names[at] ?? ""} is not signed by ${names[at + 1] ?? ""}, which follows it`;
  return [bad(says, { failure: "F51", fix })];
}

function nameOf({ subject }: X509Certificate): string {
  return /^CN=(.*)$/m.exec(subject)?.[1] ?? subject.replaceAll("\n", ", ");
}
