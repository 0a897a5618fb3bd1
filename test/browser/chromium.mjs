// Headless Chromium, as the harnesses here use it.
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const { chromium } = createRequire(import.meta.url)('playwright-core');

// The last four keep Chromium from looking for the Internet at every start;
// the throttling ones keep pages that are not in front at full speed.
const flags = [
  '--disable-gpu', '--no-first-run', '--autoplay-policy=no-user-gesture-required',
  '--disable-background-timer-throttling', '--disable-renderer-backgrounding', '--disable-backgrounding-occluded-windows',
  '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

/** browserPath is Chromium as Debian, Ubuntu or Google install it. */
function browserPath() {
  const usual = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  const found = process.env.CHROMIUM || usual.find((path) => existsSync(path));
  if (!found) throw new Error(`no browser: none of ${usual.join(', ')} is there; install chromium or set CHROMIUM`);
  return found;
}

/** inChromium calls work with a browser of its own, which has more flags on request, and leaves nothing of it. */
export async function inChromium(work, more = []) {
  const profile = await mkdtemp(join(tmpdir(), 'vod-chromium-'));
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: browserPath(), chromiumSandbox: false, args: [...flags, ...more],
  });
  try {
    return await work(browser);
  } finally {
    await browser.close();
    await rm(profile, { recursive: true, force: true });
  }
}

/** readInput reads standard input, which is one JSON value. */
export async function readInput() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
}

/** watchRequests collects every request that got no good answer. */
export function watchRequests(page) {
  const failed = [];
  page.on('response', (response) => {
    if (response.status() >= 400) failed.push(`${response.status()} ${response.url()}`);
  });
  page.on('requestfailed', (request) => {
    // A player cancels what it no longer wants when it switches rungs.
    const why = request.failure().errorText;
    if (why !== 'net::ERR_ABORTED') failed.push(`${why} ${request.url()}`);
  });
  return failed;
}
