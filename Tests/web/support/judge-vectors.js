/** Judges vectors from standard input in Node, as `soak vectors` prints them; names each that fails. */

import { text } from 'node:stream/consumers';

import { judgeAll } from './vectors.js';

const { judged, failures } = judgeAll(await text(process.stdin));
for (const failure of failures) console.error(failure);
console.log(`client: ${judged} vectors judged, ${failures.length} failed`);
// A program that printed nothing has shown nothing.
if (failures.length > 0 || judged === 0) process.exitCode = 1;
