import { Readable } from "node:stream";

import type { Exchange, ExchangeLog } from "./exchanges.ts";
import { headerOf, json, type LocalRequest, type LocalResponse } from "./http.ts";

type Feed = (log: ExchangeLog, request: LocalRequest) => LocalResponse;

/** The forms that exchanges are given in, by the media type that is asked for. */
const FEEDS: Readonly<Record<string, Feed>> = {
  "application/json": (log) => json(200, log.list()),
  "application/x-ndjson": (log) => ({
    status: 200,
    headers: { "content-type": "application/x-ndjson" },
    body: log
      .list()
      .map((exchange) => `${JSON.stringify(exchange)}\n`)
      .join(""),
  }),
  "text/event-stream": (log, request) => ({
    status: 200,
    headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
    body: follow(log, headerOf(request, "last-event-id")),
  }),
};

/** Answers `GET /_rolecall/exchanges`: as JSON unless lines or a stream of events are asked for. */
export function answerExchanges(log: ExchangeLog, request: LocalRequest): LocalResponse {
  const wanted = (headerOf(request, "accept") ?? "").split(",").map((part) => part.split(";")[0]?.trim() ?? "");
  const type = wanted.find((one) => Object.hasOwn(FEEDS, one)) ?? "application/json";
  const feed = FEEDS[type];
  return feed ? feed(log, request) : json(200, log.list());
}

// Whoever does not read is not waited for: the events would pile up.
const MOST_WAITING = 1024 * 1024;

/** Those that are kept (after the last that the client has seen), then each as it comes. */
function follow(log: ExchangeLog, lastSeen: string | undefined): Readable {
  const kept = log.list();
  const seen = kept.findIndex(({ requestId }) => requestId === lastSeen);
  const stream = new Readable({ read: () => undefined, destroy: (error, done) => (stop(), done(error)) });
  const stop = log.subscribe((exchange) => {
    stream.push(renderEvent(exchange));
    if (stream.readableLength > MOST_WAITING) stream.destroy();
  });
  // The comment opens the stream also when there is nothing to tell yet.
  stream.push(
    `: exchanges of rolecall's local cloud\n\n${kept
      .slice(seen + 1)
      .map(renderEvent)
      .join("")}`,
  );
  return stream;
}

function renderEvent(exchange: Exchange): string {
  return `id: ${exchange.requestId}\nevent: exchange\ndata: ${JSON.stringify(exchange)}\n\n`;
}
