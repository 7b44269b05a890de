import type { Job } from "../model/job.ts";
import { FORK, forkOf } from "../model/job.ts";
import type { Cell, Matrix } from "../model/neighbours.ts";
import { Sign } from "./parts.tsx";
import { useShell } from "./shell.ts";

/** Jobs against roles, each cell a decision. */
export function MatrixPane({
  matrix,
  choose,
}: {
  readonly matrix: Matrix;
  readonly choose: (change: Partial<Job>) => void;
}) {
  const { words } = useShell();
  if (matrix.roles.length === 0) return null;
  return (
    <section class="who" aria-labelledby="who-title">
      <h2 id="who-title">{words.who}</h2>
      <p class="lead">{words.whoLead}</p>
      <div class="scroll">
        <table class="rows stack matrix">
          <thead>
            <tr>
              <th scope="col">{words.job}</th>
              <td />
              {matrix.roles.map(({ arn, name }) => (
                <th key={arn} scope="col" lang="en">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {matrix.rows.map(({ kind, job, cells }) => (
              <tr key={kind} class={kind === "chosen" ? "chosen" : ""}>
                <th scope="row">
                  <button type="button" class="link" onClick={() => choose(job)} disabled={kind === "chosen"}>
                    {words.kinds[kind]}
                  </button>
                </th>
                <td>
                  <code class="faint" lang="en">
                    {describe(job)}
                  </code>
                </td>
                {cells.map((cell, at) => (
                  <td key={matrix.roles[at]?.arn}>
                    <CellBody cell={cell} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function CellBody({ cell }: { readonly cell: Cell }) {
  const { words } = useShell();
  const state = cell === "allowed" ? "pass" : cell === "refused" ? "fail" : "skipped";
  return (
    <span class={`cell cell-${state}`}>
      <Sign state={state} />
      {words.cells[cell]}
    </span>
  );
}

function describe({ project, ref, name, environment, event }: Job): string {
  const parts = [
    event === FORK ? forkOf(project) : project,
    `${ref === "tag" ? "tag " : ""}${name}`,
    environment,
    event === FORK ? "" : event,
  ];
  return parts.filter((part) => part !== "").join(" · ");
}
