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
import { inChromium, readInput, watchRequests } from './chromium.mjs';
import { judge } from './judge.mjs';
import { servePage } from './server.mjs';

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
  const jobs = await readInput();
  const page = await servePage();
  try {
    const results = await inChromium((browser) => playAll(browser, page.origin, jobs, Number(process.env.PLAYERS || 5)));
    for (const result of results) process.stdout.write(`${JSON.stringify(result)}\n`);
    process.exitCode = results.every((result) => result.ok) ? 0 : 1;
  } finally {
    page.close();
  }
}

main().catch((error) => {
  process.stderr.write(`play: ${error.stack}\n`);
  process.exitCode = 2;
});
