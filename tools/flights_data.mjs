// flights_data.mjs PARQUET [FROM TO]: the flights of the days from FROM up to before TO, as CSV on the
// standard output, in the order of the file, which is that of their leaving. DuckDB reads the Parquet
// file piece by piece and makes the lines; they are written as fast as they are taken, so memory does
// not grow with the rows.
//
// The times have no zone. They are written as if they were in UTC, which the contract says too.
import { once } from 'node:events';
import { createRequire } from 'node:module';
import path from 'node:path';

const PROGRESS = 500_000;
const HEADER = 'date,delay,distance,origin,destination\n';
const LINES = `
SELECT concat_ws(',', strftime(date, '%Y-%m-%dT%H:%M:%SZ'), delay, distance, origin, destination)
  FROM read_parquet(?)
 WHERE date >= CAST(? AS TIMESTAMP) AND date < CAST(? AS TIMESTAMP)`;

const [parquet, from = '0001-01-01', to = '9999-01-01'] = process.argv.slice(2);
if (!parquet) {
  console.error('usage: flights_data.mjs PARQUET [FROM TO]');
  process.exit(2);
}
// the packages stand beside the data, not beside this file
const { DuckDBInstance } = createRequire(path.resolve(parquet))('@duckdb/node-api');

async function write(text) {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

const database = await DuckDBInstance.create(':memory:', { memory_limit: '1GB', threads: '2' });
const connection = await database.connect();
const result = await connection.stream(LINES, [parquet, from, to]);
let rows = 0;
await write(HEADER);
for (;;) {
  const chunk = await result.fetchChunk();
  if (!chunk || chunk.rowCount === 0) break;
  await write(chunk.getColumnValues(0).join('\n') + '\n');
  const before = rows;
  rows += chunk.rowCount;
  if (Math.floor(rows / PROGRESS) > Math.floor(before / PROGRESS))
    console.error(`flights: ${Math.floor(rows / PROGRESS) * PROGRESS} rows are on their way`);
}
console.error(`flights: ${rows} rows, from ${from} to ${to}`);
