import { processIo } from "./io.ts";
import { main } from "./main.ts";

// All output is written by then, so nothing is worth waiting for: closing sockets takes milliseconds.
void main(process.argv.slice(2), processIo()).then((status) => process.exit(status));
