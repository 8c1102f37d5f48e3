// undici's pool, one request at a time on each connection; Node's own https agent where the package is not there.
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { parseArgs } from 'node:util';

const text = (fallback) => ({ type: 'string', default: fallback });
const { values: given } = parseArgs({
  options: {
    server: text(''), ca: text(''), path: text(''), token: text('none'),
    connections: text('1'), requests: text('1000'), length: text('2157'),
  },
});
const connections = Number(given.connections);
const requests = Number(given.requests);
const length = Number(given.length);
const ca = readFileSync(given.ca);
const headers = { authorization: `Bearer ${given.token}` };
const undici = await import('undici').catch(() => null);

function withPool() {
  const pool = new undici.Pool(`https://${given.server}`, { connections, pipelining: 1, connect: { ca } });
  return async () => {
    const { statusCode, body } = await pool.request({ path: given.path, method: 'GET', headers });
    return [statusCode, (await body.arrayBuffer()).byteLength];
  };
}

function withAgent() {
  const [host, port] = given.server.split(':');
  const agent = new https.Agent({ keepAlive: true, maxSockets: connections, maxFreeSockets: connections, ca });
  return () => new Promise((resolve, reject) => {
    https.get({ host, port, path: given.path, headers, agent }, (answer) => {
      let size = 0;
      answer.on('data', (piece) => { size += piece.length; });
      answer.on('end', () => resolve([answer.statusCode, size]));
    }).on('error', reject);
  });
}

async function run(ask, count) {
  let left = count;
  const latencies = [];
  async function lane() {
    while (left > 0) {
      left -= 1;
      const asked = process.hrtime.bigint();
      const [status, size] = await ask();
      if (status !== 200 || size !== length) throw new Error(`status ${status}, ${size} bytes`);
      latencies.push(Number(process.hrtime.bigint() - asked) / 1e3);
    }
  }
  await Promise.all(Array.from({ length: connections }, lane));
  return latencies.sort((a, b) => a - b);
}

const ask = undici ? withPool() : withAgent();
const compiled = 3000; // as many requests as the compiler of Node needs to see
await run(ask, Math.max(5 * connections, compiled));
const before = process.cpuUsage();
const began = process.hrtime.bigint();
const latencies = await run(ask, requests);
const took = Number(process.hrtime.bigint() - began) / 1e9;
const used = process.cpuUsage(before);
const at = (quantile) => Number(latencies[Math.floor(quantile * (requests - 1))].toFixed(1));
console.log(JSON.stringify({
  client: undici ? 'undici' : 'node_https',
  connections,
  requests,
  user_us: used.user / requests,
  sys_us: used.system / requests,
  requests_per_second: Math.round(requests / took),
  p50_us: at(0.5),
  p99_us: at(0.99),
}));
process.exit(0);
