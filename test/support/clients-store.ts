import { createHash } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** What stands behind `--upstream` for clients of S3 and ECR: objects that are kept, and a registry's password. */
export interface Store {
  readonly endpoint: string;
  /** Keys of all objects, as `bucket/key`. */
  readonly keys: () => readonly string[];
}

interface Answer {
  readonly status: number;
  readonly body?: Buffer | string;
  readonly headers?: Readonly<Record<string, string>>;
}

type Objects = Map<string, Buffer>;

const XML = { "content-type": "application/xml" };
const NOT_FOUND: Answer = { status: 404, body: "<Error><Code>NoSuchKey</Code></Error>", headers: XML };

/**
 * Starts a store that holds everything in memory and is gone after the test. It asks nobody who they are: the local
 * cloud in front has done so.
 */
export async function openStore(buckets: readonly string[]): Promise<Store> {
  const objects: Objects = new Map();
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const { status, body = "", headers } = answer(request, Buffer.concat(parts), objects, buckets);
      response.writeHead(status, { "content-length": Buffer.byteLength(body), ...headers });
      response.end(request.method === "HEAD" ? undefined : body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    keys: () => [...objects.keys()].toSorted(),
  };
}

function answer(request: IncomingMessage, body: Buffer, objects: Objects, buckets: readonly string[]): Answer {
  if (request.headers["x-amz-target"] !== undefined) return registryPassword();
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://store");
  // The bucket is the host's first label, or the path's first segment.
  const [, host] = /^(.+)\.s3\./.exec(request.headers.host ?? "") ?? [];
  const path = (host === undefined ? "" : `${host}/`) + pathname.slice(1);
  const [bucket = "", ...rest] = path.split("/").map(decodeURIComponent);
  if (bucket === "")
    return xml(
      `<ListAllMyBucketsResult><Buckets>${buckets.map(bucketXml).join("")}</Buckets></ListAllMyBucketsResult>`,
    );
  if (!buckets.includes(bucket)) return { ...NOT_FOUND, body: "<Error><Code>NoSuchBucket</Code></Error>" };
  const key = rest.join("/");
  if (key !== "") return object(request, `${bucket}/${key}`, body, objects);
  if (searchParams.has("location")) return xml("<LocationConstraint>eu-central-1</LocationConstraint>");
  return request.method === "GET" ? list(bucket, searchParams, objects) : { status: 200 };
}

function object(request: IncomingMessage, name: string, body: Buffer, objects: Objects): Answer {
  const kept = objects.get(name);
  if (request.headers["x-amz-copy-source"] !== undefined) return { status: 501 };
  if (request.method === "PUT") {
    const content = isStreamed(request) ? unchunk(body) : body;
    objects.set(name, content);
    return { status: 200, headers: { etag: etag(content) } };
  }
  if (request.method === "DELETE") return { status: objects.delete(name) ? 204 : 404 };
  if (!kept) return NOT_FOUND;
  const headers = { etag: etag(kept), "last-modified": new Date(0).toUTCString(), "accept-ranges": "bytes" };
  const [, from = "0", to = ""] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
  if (request.headers.range === undefined) return { status: 200, body: kept, headers };
  const part = kept.subarray(Number(from), to === "" ? undefined : Number(to) + 1);
  const range = `bytes ${from}-${Number(from) + part.length - 1}/${kept.length}`;
  return { status: 206, body: part, headers: { ...headers, "content-range": range } };
}

function list(bucket: string, asked: URLSearchParams, objects: Objects): Answer {
  const [prefix, delimiter] = [asked.get("prefix") ?? "", asked.get("delimiter") ?? ""];
  const folders = new Set<string>();
  let contents = "";
  for (const [name, content] of [...objects].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const key = name.slice(bucket.length + 1);
    if (!name.startsWith(`${bucket}/${prefix}`)) continue;
    const end = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
    if (end >= 0) folders.add(key.slice(0, end + 1));
    else
      contents += `<Contents><Key>${key}</Key><LastModified>1970-01-01T00:00:00.000Z</LastModified><ETag>${etag(content)}</ETag><Size>${content.length}</Size></Contents>`;
  }
  const prefixes = [...folders].map((folder) => `<CommonPrefixes><Prefix>${folder}</Prefix></CommonPrefixes>`);
  return xml(
    `<ListBucketResult><Name>${bucket}</Name><Prefix>${prefix}</Prefix><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>${contents}${prefixes.join("")}</ListBucketResult>`,
  );
}

function isStreamed(request: IncomingMessage): boolean {
  return String(request.headers["x-amz-content-sha256"]).startsWith("STREAMING-");
}

/** Takes the content out of `aws-chunked`: each chunk is its length in hex, its signature, and that many bytes. */
function unchunk(body: Buffer): Buffer {
  const chunks: Buffer[] = [];
  for (let at = 0; at < body.length;) {
    const end = body.indexOf("\r\n", at);
    const size = Number.parseInt(body.toString("latin1", at, end), 16);
    if (!(size > 0)) break;
    chunks.push(body.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
  return Buffer.concat(chunks);
}

function registryPassword(): Answer {
  const authorizationToken = Buffer.from("AWS:of-the-registry").toString("base64");
  const proxyEndpoint = "https://123456789012.dkr.ecr.eu-central-1.amazonaws.com";
  const data = { authorizationToken, expiresAt: Date.now() / 1000 + 3600, proxyEndpoint };
  const headers = { "content-type": "application/x-amz-json-1.1" };
  return { status: 200, body: JSON.stringify({ authorizationData: [data] }), headers };
}

function bucketXml(name: string): string {
  return `<Bucket><Name>${name}</Name><CreationDate>2026-01-01T00:00:00.000Z</CreationDate></Bucket>`;
}

function etag(content: Buffer): string {
  return `"${createHash("md5").update(content).digest("hex")}"`;
}

function xml(body: string): Answer {
  return { status: 200, body, headers: XML };
}
