// Uses the page to try a stack with, as a person would: opens it, gives it a
// title and a file, and looks on.
//
//   echo '[{"page":"http://…/?api=…","file":"clip.mp4"}]' | node test/browser/page.mjs
//
// Standard input: an array of {page, file, title?, drop?, screenshot?,
// reloadAtPercent?, uploadBytesPerSecond?, patienceMilliseconds?}, which are
// carried out all at once, each in a tab of its own. Standard output: one JSON
// object a line with what was seen of each, in order.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { inChromium, readInput, watchRequests } from './chromium.mjs';

/** record notes every state of the page, in the page itself. */
function record() {
  window.seen = [];
  const look = () => {
    const now = { state: document.body.dataset.state, percent: document.getElementById('bar').value };
    const last = window.seen.at(-1);
    if (!last || last.state !== now.state || last.percent !== now.percent) window.seen.push(now);
  };
  new MutationObserver(look).observe(document.body, { attributes: true, childList: true, characterData: true, subtree: true });
}

/** watchToTheEnd plays what the page shows; it runs in the page. */
async function watchToTheEnd(stallMilliseconds) {
  const video = document.getElementById('video');
  video.muted = true;
  video.addEventListener('playing', () => { video.playbackRate = Math.min(4, Math.max(1, video.duration / 3)); });
  const ended = new Promise((resolve) => { video.addEventListener('ended', () => resolve(true), { once: true }); });
  const late = new Promise((resolve) => {
    const stalled = () => resolve(false);
    let timer = setTimeout(stalled, stallMilliseconds);
    video.addEventListener('timeupdate', () => { clearTimeout(timer); timer = setTimeout(stalled, stallMilliseconds); });
  });
  await video.play().catch(() => {});
  const reached = await Promise.race([ended, late]);
  return { ended: reached, currentTime: video.currentTime, duration: video.duration, width: video.videoWidth, height: video.videoHeight, poster: video.poster };
}

async function choose(page, job) {
  if (job.title) await page.fill('#title', job.title);
  if (!job.drop) {
    await page.setInputFiles('#file', job.file);
    return;
  }
  const bytes = (await readFile(job.file)).toString('base64');
  const transfer = await page.evaluateHandle(([name, content]) => {
    const data = new DataTransfer();
    data.items.add(new File([Uint8Array.from(atob(content), (c) => c.charCodeAt(0))], name));
    return data;
  }, [basename(job.file), bytes]);
  await page.dispatchEvent('#drop', 'drop', { dataTransfer: transfer });
}

const over = () => ['done', 'failed'].includes(document.body.dataset.state);

/** slowDown makes the browser upload no faster than a home's line does. */
async function slowDown(page, uploadThroughput) {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput });
}

async function visit(browser, job) {
  const page = await browser.newPage();
  const failedRequests = watchRequests(page);
  const ran = []; // what should never: dialogs, and errors of scripts
  page.on('dialog', (dialog) => { ran.push(`dialog: ${dialog.message()}`); dialog.accept(); });
  page.on('pageerror', (error) => ran.push(`script: ${error.message}`));
  const patience = { timeout: job.patienceMilliseconds || 120000 };
  try {
    if (job.uploadBytesPerSecond) await slowDown(page, job.uploadBytesPerSecond);
    await page.addInitScript(`document.addEventListener('DOMContentLoaded', ${record})`);
    await page.goto(job.page);
    await choose(page, job);
    if (job.reloadAtPercent) {
      await page.waitForFunction((percent) => document.getElementById('bar').value >= percent, job.reloadAtPercent, patience);
      await page.reload();
      ran.length = 0; // the page's own question whether to leave
      await choose(page, job);
    }
    await page.waitForFunction(over, undefined, patience);
    const seen = await page.evaluate(() => ({
      state: document.body.dataset.state, steps: window.seen, name: document.getElementById('name').textContent,
      error: document.getElementById('error').textContent, links: [...document.querySelectorAll('#links a')].map((a) => a.href),
    }));
    const played = seen.state === 'done' ? await page.evaluate(watchToTheEnd, 30000) : undefined;
    if (job.screenshot) await page.screenshot({ path: job.screenshot, fullPage: true });
    return { ...seen, played, ran, failedRequests };
  } finally {
    await page.close();
  }
}

async function main() {
  const jobs = await readInput();
  await inChromium(async (browser) => {
    const seen = await Promise.all(jobs.map((job) => visit(browser, job)));
    for (const one of seen) process.stdout.write(`${JSON.stringify(one)}\n`);
  });
}

main().catch((error) => {
  process.stderr.write(`page: ${error.stack}\n`);
  process.exitCode = 2;
});
