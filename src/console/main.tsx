import { render } from "preact";

import { App } from "./ui/app.tsx";
import { takeKey } from "./ui/api.ts";

const root = document.getElementById("root");
if (root) render(<App firstKey={takeKey()} />, root);
