// The page's own server: another origin than the streams', as it is with a
// real application.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const page = (name) => fileURLToPath(new URL(`page/${name}`, import.meta.url));

/** files maps a request's path to a file and its type; nothing else is served. */
const files = {
  '/': () => [page('index.html'), 'text/html'],
  '/players.js': () => [page('players.js'), 'text/javascript'],
  '/watch.js': () => [page('watch.js'), 'text/javascript'],
  '/lib/hls.js': () => [require.resolve('hls.js/dist/hls.min.js'), 'text/javascript'],
  '/lib/shaka.js': () => [require.resolve('shaka-player/dist/shaka-player.compiled.js'), 'text/javascript'],
  '/lib/dash.js': () => [require.resolve('dashjs'), 'text/javascript'],
};

async function answer(request, response) {
  const file = files[new URL(request.url, 'http://page').pathname];
  if (!file) {
    response.writeHead(404).end();
    return;
  }
  const [path, type] = file();
  response.writeHead(200, { 'content-type': type }).end(await readFile(path));
}

/** servePage answers on a free loopback port and resolves to {origin, close}. */
export function servePage() {
  const server = createServer((request, response) => {
    answer(request, response).catch((error) => response.writeHead(500).end(String(error)));
  });
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => resolve({
      origin: `http://127.0.0.1:${server.address().port}`,
      close: () => server.close(),
    }));
  });
}
