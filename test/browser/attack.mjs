// Attacks ports of this machine from pages of other origins, as a hostile page
// in another tab would.
//
//   echo '[{"doors":[{"name":"S3","url":"http://127.0.0.1:4567/"}]}]' | node test/browser/attack.mjs
//
// Standard input: an array of {rebound?, doors: [{name, url, headers?, body?}]},
// which are carried out one after the other. The page comes from
// http://evil.test, on a server of its own; every name below .test is this
// machine. After DNS rebinding, the door itself has the page's host and port:
// the attack then runs in whatever the door answers. Standard output: one JSON
// object a line with the answers that the browser got, and what the page could
// read of them.
import { createServer } from 'node:http';
import { inChromium, readInput } from './chromium.mjs';

/** attack runs in the page. It resolves to what the page has read. */
async function attack({ url, headers, body }) {
  const read = [];
  const send = async (name, address, options) => {
    try {
      const answer = await fetch(address, options);
      if (answer.type !== 'opaque') read.push(`${name}: ${answer.status} ${(await answer.text()).slice(0, 80)}`);
    } catch { /* refused, as it should be */ }
  };
  const element = (name, address) => new Promise((resolve) => {
    const e = Object.assign(document.createElement(name), name === 'iframe' ? { src: 'about:blank' } : {});
    e.onload = () => { if (name !== 'iframe') read.push(`${name}: loaded`); resolve(); };
    e.onerror = resolve;
    e.src = address;
    document.body.append(e);
    setTimeout(resolve, 1500);
  });
  const form = (enctype) => new Promise((resolve) => {
    const frame = Object.assign(document.createElement('iframe'), { name: `f${Math.random()}` });
    document.body.append(frame);
    const f = Object.assign(document.createElement('form'), { action: url, method: 'POST', enctype, target: frame.name });
    f.append(Object.assign(document.createElement('textarea'), { name: '{"a":"', value: `"}${body || ''}` }));
    document.body.append(f);
    frame.onload = resolve;
    f.submit();
    setTimeout(resolve, 1500);
  });
  const socket = () => new Promise((resolve) => {
    const s = new WebSocket(url.replace('http', 'ws'));
    s.onopen = () => { read.push('WebSocket: open'); resolve(); };
    s.onerror = resolve;
  });
  const sandboxed = () => new Promise((resolve) => { // its origin is "null"
    const frame = Object.assign(document.createElement('iframe'), {
      sandbox: 'allow-scripts',
      srcdoc: `<script>fetch(${JSON.stringify(url)}, { method: 'POST', mode: 'no-cors', body: 'x' }).finally(() => parent.postMessage(1, '*'))</script>`,
    });
    addEventListener('message', resolve, { once: true });
    document.body.append(frame);
    setTimeout(resolve, 1500);
  });
  await send('GET', url);
  await send('blind POST', url, { method: 'POST', mode: 'no-cors', headers: { 'Content-Type': 'text/plain' }, body: body || '{}' });
  await send('blind GET', url, { mode: 'no-cors' });
  await send('POST', url, { method: 'POST', headers, body: body || '{}' });
  await send('PUT', url, { method: 'PUT', headers, body: body || '{}' });
  await send('DELETE', url, { method: 'DELETE', credentials: 'include' });
  navigator.sendBeacon(url, body || '{}');
  await form('text/plain');
  await form('application/x-www-form-urlencoded');
  for (const name of ['img', 'script', 'iframe', 'video']) await element(name, url);
  await sandboxed();
  await socket();
  return read;
}

async function visit(browser, home, job) {
  const page = await browser.newPage();
  const answers = [];
  let door;
  page.on('response', (response) => {
    if (response.url().startsWith(home) || !response.url().startsWith('http')) return;
    const request = response.request();
    answers.push({
      door, method: request.method(), kind: request.resourceType(), status: response.status(),
      contentType: response.headers()['content-type'] || '', host: new URL(response.url()).host,
    });
  });
  const read = {};
  for (const d of job.doors) {
    door = d.name;
    await page.goto(job.rebound ? d.url : home);
    read[door] = await page.evaluate(attack, d);
    await page.waitForTimeout(100); // for answers that nothing in the page waits for
  }
  await page.close();
  return { answers, read };
}

const visits = await readInput();
const server = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><body>free videos'));
await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
const home = `http://evil.test:${server.address().port}/`;
await inChromium(async (browser) => {
  for (const job of visits) console.log(JSON.stringify(await visit(browser, home, job)));
}, ['--host-resolver-rules=MAP *.test 127.0.0.1']);
server.close();
