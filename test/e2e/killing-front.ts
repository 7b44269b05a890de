import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A server before a local cloud, which lets calls through and tells of each once the cloud has done it. */
export interface Front {
  readonly endpoint: string;
  /** Names of the calls that IAM and STS have done, in order. */
  readonly calls: string[];
  /** Called when a call is done and before its answer is sent on; true keeps the answer back for ever. */
  onCall: (count: number, action: string) => boolean;
  close(): Promise<void>;
}

export async function startFront(target: string): Promise<Front> {
  const server = createServer((incoming, outgoing) => void forward(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const front: Front = {
    endpoint: `http://127.0.0.1:${port}`,
    calls: [],
    onCall: () => false,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };

  async function forward(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of incoming) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    const action = new URLSearchParams(body.toString()).get("Action") ?? "";
    const { method, headers } = incoming;
    const sent = request(new URL(incoming.url ?? "/", target), { method, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () => {
        front.calls.push(action);
        if (front.onCall(front.calls.length, action)) return;
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers).end(Buffer.concat(chunks));
      });
    });
    sent.on("error", () => outgoing.destroy());
    sent.end(body);
  }

  return front;
}
