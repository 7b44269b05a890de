import type { Finding } from "../core/lint/finding.ts";

/** What was judged, or could not be: an account of an audit. A report has a part for each. */
export interface ReportSource {
  /** As its findings name it: `account 123456789012`. */
  readonly from: string;
  /** Why it was not judged; null where it was. */
  readonly failure: string | null;
}

/** The findings of each source; without sources all are one part, and where there is one, all are its own. */
export function bySource(
  findings: readonly Finding[],
  sources: readonly ReportSource[],
): readonly { readonly source: ReportSource | null; readonly findings: readonly Finding[] }[] {
  const [only = null] = sources;
  if (sources.length < 2) return [{ source: only, findings }];
  return sources.map((source) => ({ source, findings: findings.filter(({ from }) => from === source.from) }));
}
