import { answerAws } from "./aws.ts";
import { answerControl, CONTROL } from "./control.ts";
import type { LocalRequest, LocalResponse } from "./http.ts";
import type { World } from "./world.ts";

/** Leads a request to the cloud's own calls or to AWS. */
export function route(request: LocalRequest, world: World): LocalResponse | Promise<LocalResponse> {
  return request.path.startsWith(CONTROL) ? answerControl(request, world) : answerAws(request, world);
}
