// CSDL XML from stdin as CSDL JSON, by the converter of OASIS; what it complains of goes to stderr.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const require = createRequire(process.argv[2] + "/");
const messages = [];
const json = require("odata-csdl").xml2json(readFileSync(0), { messages });
for (const message of messages) console.error(message.message);
console.log(JSON.stringify(json));
