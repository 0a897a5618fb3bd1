// Plays streams in headless Chromium and says what it saw.
//
//   echo '[{"player":"hls","url":"http://…/a.m3u8","expect":{"levels":3}}]' | node test/browser/play.mjs
//
// Standard input: an array of {player: hls|shaka|dash|native, url, name?,
// visitAll?, stallMilliseconds?, openMilliseconds?, expect?: {levels, sounds, size, sizes, seconds,
// frameRate, sound, soundOnly, still}}. Standard output: one JSON object a line, in the
// order of the input, with `ok` and `problems`. The exit code is 1 when any
// stream has a problem. CHROMIUM names another browser binary, PLAYERS how
// many play at once.
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRequire } from 'node:module';
import { judge } from './judge.mjs';
import { servePage } from './server.mjs';

const { chromium } = createRequire(import.meta.url)('playwright-core');

// The last four keep Chromium from looking for the Internet at every start;
// the throttling ones keep pages that are not in front at full speed.
const flags = [
  '--disable-gpu', '--no-first-run', '--autoplay-policy=no-user-gesture-required',
  '--disable-background-timer-throttling', '--disable-renderer-backgrounding', '--disable-backgrounding-occluded-windows',
  '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

async function readJobs() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
}

/** browserPath is Chromium as Debian, Ubuntu or Google install it. */
function browserPath() {
  const usual = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  const found = process.env.CHROMIUM || usual.find((path) => existsSync(path));
  if (!found) throw new Error(`no browser: none of ${usual.join(', ')} is there; install chromium or set CHROMIUM`);
  return found;
}

/** watchRequests collects every request that got no good answer. */
function watchRequests(page) {
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

async function playOne(browser, origin, job) {
  const started = Date.now();
  const page = await browser.newPage();
  const failedRequests = watchRequests(page);
  try {
    await page.goto(`${origin}/`);
    const seen = await page.evaluate((options) => window.play(options), job);
    seen.failedRequests = failedRequests;
    const problems = judge(seen, job.expect || {});
    return { name: job.name, player: job.player, url: job.url, ok: !problems.length, problems, took: Date.now() - started, ...seen };
  } catch (error) {
    return { name: job.name, player: job.player, url: job.url, ok: false, problems: [String(error)], took: Date.now() - started };
  } finally {
    await page.close();
  }
}

/** playAll plays `atOnce` streams at a time and keeps the order of the jobs. */
async function playAll(browser, origin, jobs, atOnce) {
  const results = new Array(jobs.length);
  let next = 0;
  const worker = async () => {
    while (next < jobs.length) {
      const i = next++;
      results[i] = await playOne(browser, origin, jobs[i]);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

async function main() {
  const jobs = await readJobs();
  const profile = await mkdtemp(join(tmpdir(), 'vod-chromium-'));
  const page = await servePage();
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: browserPath(), chromiumSandbox: false, args: flags,
  });
  try {
    const results = await playAll(browser, page.origin, jobs, Number(process.env.PLAYERS || 5));
    for (const result of results) process.stdout.write(`${JSON.stringify(result)}\n`);
    process.exitCode = results.every((result) => result.ok) ? 0 : 1;
  } finally {
    await browser.close();
    page.close();
    await rm(profile, { recursive: true, force: true });
  }
}

main().catch((error) => {
  process.stderr.write(`play: ${error.stack}\n`);
  process.exitCode = 2;
});
