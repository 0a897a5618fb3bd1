// What is expected of a stream, held against what the player saw.

/** tolerance of lengths in seconds: a frame at 12.5 per second, and rounding. */
const tolerance = 0.12;

function reachedItsEnd(seen) {
  const at = `${seen.currentTime.toFixed(3)} of ${seen.duration.toFixed(3)} s`;
  if (!seen.ended) return [`did not reach its end: ${seen.end} at ${at}`];
  if (Math.abs(seen.duration - seen.currentTime) > tolerance) return [`says it ended at ${at}`];
  return [];
}

function showedAPicture(seen) {
  const { samples, changes, brightest } = seen.frames;
  const found = [];
  if (brightest < 16) found.push(`the picture stayed black (brightest ${brightest} of 255 in ${samples} looks)`);
  // A still picture moves a little where a key frame refreshes it.
  if (changes < 3) found.push(`the picture hardly changed: ${changes} times in ${samples} looks`);
  return found;
}

function size(seen) {
  return `${seen.width}x${seen.height}`;
}

function agrees(seen, expect) {
  const found = [];
  const same = (what, got, want) => {
    if (want !== undefined && got !== want) found.push(`${what}: ${got}, expected ${want}`);
  };
  same('levels', seen.levels.length, expect.levels);
  same('sound tracks', seen.sounds.length, expect.sounds);
  same('size', size(seen), expect.size);
  for (const wanted of expect.sizes || []) {
    if (!seen.sizes.includes(wanted)) found.push(`never showed ${wanted}, only ${seen.sizes.join(', ')}`);
  }
  if (expect.seconds !== undefined && Math.abs(seen.duration - expect.seconds) > tolerance) {
    found.push(`length: ${seen.duration.toFixed(3)} s, expected ${expect.seconds} s`);
  }
  const frames = Math.floor(0.9 * seen.duration * (expect.frameRate || 0));
  if (seen.frames.decoded < frames) found.push(`frames: ${seen.frames.decoded}, expected at least ${frames}`);
  if (expect.sound && !seen.soundBytes) found.push('no sound was decoded');
  return found;
}

/** judge returns the problems of one report, none when all is well. */
export function judge(seen, expect) {
  return [
    ...seen.errors.map((message) => `fatal: ${message.trim()}`),
    ...seen.failedRequests.map((request) => `request failed: ${request}`),
    ...reachedItsEnd(seen),
    ...(expect.soundOnly || expect.still ? [] : showedAPicture(seen)),
    ...agrees(seen, expect),
  ];
}
