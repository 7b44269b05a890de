import { start } from "./main.ts";

void start();
