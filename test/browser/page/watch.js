// Plays one stream from its start to its end and reports what was seen.
'use strict';

/** Frames looks at the picture itself, small, a few times a second. */
class Frames {
  constructor(video) {
    this.video = video;
    this.canvas = new OffscreenCanvas(32, 18).getContext('2d', { willReadFrequently: true });
    this.seen = { samples: 0, changes: 0, brightest: 0 };
  }

  look() {
    if (!this.video.videoWidth || this.video.readyState < 2) return;
    this.canvas.drawImage(this.video, 0, 0, 32, 18);
    const pixels = this.canvas.getImageData(0, 0, 32, 18).data;
    let light = 0;
    let change = 0;
    for (let i = 0; i < pixels.length; i += 4) {
      const luma = 0.2126 * pixels[i] + 0.7152 * pixels[i + 1] + 0.0722 * pixels[i + 2];
      const before = this.last ? 0.2126 * this.last[i] + 0.7152 * this.last[i + 1] + 0.0722 * this.last[i + 2] : luma;
      light += luma;
      change += Math.abs(luma - before);
    }
    const dots = pixels.length / 4;
    this.seen.samples += 1;
    this.seen.brightest = Math.max(this.seen.brightest, Math.round(light / dots));
    if (change / dots > 0.2) this.seen.changes += 1;
    this.last = pixels;
  }
}

/** rateFor is the speed that brings a clip to its end in a few seconds. */
const rateFor = (seconds) => Math.min(4, Math.max(1, seconds / 3));

/** ending resolves when the video has ended, failed or stood still. */
function ending(video, report, stallMilliseconds, each) {
  return new Promise((resolve) => {
    let moved = performance.now();
    let last = -1;
    const done = (why) => { clearInterval(timer); resolve(why); };
    const timer = setInterval(() => {
      each();
      if (report.errors.length) return done('error');
      if (video.currentTime !== last) { last = video.currentTime; moved = performance.now(); }
      if (performance.now() - moved > stallMilliseconds) return done('stalled');
      return undefined;
    }, 60);
    video.addEventListener('ended', () => done('ended'), { once: true });
  });
}

/** start opens the stream, or gives up after openMilliseconds. */
function start(player, openMilliseconds, failed) {
  const late = new Promise((_, reject) => {
    setTimeout(() => reject(new Error('nothing to play within the time to open')), openMilliseconds);
  });
  return Promise.race([player.open(), late, failed]);
}

/** visit shows one rung after the other while the video plays. */
function visit(video, player, count) {
  let shown = count - 1;
  return () => {
    const wanted = Math.max(0, count - 1 - Math.floor((video.currentTime / video.duration) * count));
    if (wanted < shown) { shown = wanted; player.show(wanted); }
  };
}

/** play is what the harness calls, once a page. */
window.play = async function play({ player: name, url, visitAll, stallMilliseconds = 8000, openMilliseconds = 30000 }) {
  const video = document.getElementById('video');
  const report = { errors: [], levels: [], sounds: [], sizes: [], end: '' };
  let reject;
  const failed = new Promise((_, no) => { reject = no; });
  failed.catch(() => {});
  const fatal = (message) => { report.errors.push(message); reject(new Error(message)); };
  const size = () => `${video.videoWidth}x${video.videoHeight}`;
  video.addEventListener('resize', () => { if (video.videoWidth && !report.sizes.includes(size())) report.sizes.push(size()); });
  const frames = new Frames(video);
  try {
    const player = window.players[name](video, url, fatal);
    await start(player, openMilliseconds, failed);
    report.levels = player.levels();
    report.sounds = player.sounds();
    const top = report.levels.length - 1;
    if (top > 0) player.show(top);
    const step = visitAll && top > 0 ? visit(video, player, top + 1) : () => {};
    video.addEventListener('playing', () => { video.playbackRate = rateFor(video.duration); });
    const finished = ending(video, report, stallMilliseconds, () => { frames.look(); step(); });
    await video.play();
    report.end = await finished;
    frames.look();
  } catch (error) {
    report.end = 'error';
    if (!report.errors.length) report.errors.push(String(error.message || error));
  }
  const quality = video.getVideoPlaybackQuality();
  return Object.assign(report, {
    // Not video.ended: a player may seek by a hair once the event has fired.
    ended: report.end === 'ended',
    currentTime: video.currentTime,
    duration: Number.isFinite(video.duration) ? video.duration : 0,
    width: video.videoWidth,
    height: video.videoHeight,
    frames: { ...frames.seen, decoded: quality.totalVideoFrames, dropped: quality.droppedVideoFrames },
    soundBytes: video.webkitAudioDecodedByteCount || 0,
  });
};
