// One adapter a player, all of the same shape: open() resolves when the
// stream's tracks are known, levels() lists the rungs from the smallest to
// the tallest, show(i) pins one of them, fatal receives what the player
// itself calls fatal.
'use strict';

const bySize = (a, b) => a.width * a.height - b.width * b.height;

/** hls.js, with its own Media Source handling. */
function hlsPlayer(video, url, fatal) {
  const hls = new Hls({ maxBufferLength: 10, startFragPrefetch: false });
  const rung = (level, index) => ({ index, width: level.width, height: level.height, codecs: level.attrs.CODECS });
  const levels = () => hls.levels.map(rung).filter((level) => level.width > 0).sort(bySize);
  hls.on(Hls.Events.ERROR, (_, error) => {
    if (error.fatal) fatal(`${error.type} ${error.details} ${error.error ? error.error.message : ''}`);
  });
  return {
    levels,
    open: () => new Promise((resolve) => {
      hls.on(Hls.Events.MANIFEST_PARSED, () => resolve());
      hls.loadSource(url);
      hls.attachMedia(video);
    }),
    show: (i) => { hls.currentLevel = levels()[i].index; },
    sounds: () => hls.audioTracks.map((track) => track.lang || ''),
  };
}

/** Shaka Player, for HLS and DASH alike. */
function shakaPlayer(video, url, fatal) {
  shaka.polyfill.installAll();
  const player = new shaka.Player();
  const levels = () => player.getVideoTracks().sort(bySize);
  const failed = (error) => fatal(`shaka ${error.code} ${error.message || ''} ${JSON.stringify(error.data || '').slice(0, 300)}`);
  player.addEventListener('error', (event) => {
    if (event.detail.severity === shaka.util.Error.Severity.CRITICAL) failed(event.detail);
  });
  return {
    levels: () => levels().map((track) => ({ width: track.width, height: track.height, codecs: track.codecs })),
    open: async () => {
      player.configure({ abr: { enabled: false }, streaming: { bufferingGoal: 10, retryParameters: { maxAttempts: 2 } } });
      await player.attach(video);
      await player.load(url).catch((error) => { failed(error); throw error; });
    },
    show: (i) => player.selectVideoTrack(levels()[i], true),
    sounds: () => player.getAudioTracks().map((track) => track.language),
  };
}

/** dash.js. */
function dashPlayer(video, url, fatal) {
  const player = dashjs.MediaPlayer().create();
  const levels = () => player.getRepresentationsByType('video').slice().sort(bySize);
  player.on(dashjs.MediaPlayer.events.ERROR, (event) => fatal(`dash.js ${event.error.code} ${event.error.message}`));
  player.updateSettings({ streaming: {
    abr: { autoSwitchBitrate: { video: false } },
    buffer: { bufferTimeDefault: 10, bufferTimeAtTopQuality: 10 },
    // Playback is sped up here; catching up with a live edge is not wanted.
    liveCatchup: { enabled: false },
  } });
  return {
    levels: () => levels().map((r) => ({ width: r.width, height: r.height, codecs: r.codecs })),
    open: () => new Promise((resolve) => {
      player.on(dashjs.MediaPlayer.events.STREAM_INITIALIZED, () => resolve());
      player.initialize(video, url, false);
    }),
    show: (i) => player.setRepresentationForTypeById('video', levels()[i].id, true),
    sounds: () => player.getTracksFor('audio').map((track) => track.lang || ''),
  };
}

/** The browser itself, for a plain MP4. */
function nativePlayer(video, url, fatal) {
  // Without CORS the canvas that looks at the frames would be tainted, and
  // the page of another origin could do nothing with the picture.
  video.crossOrigin = 'anonymous';
  video.addEventListener('error', () => fatal(`media error ${video.error.code} ${video.error.message}`));
  return {
    levels: () => (video.videoWidth ? [{ width: video.videoWidth, height: video.videoHeight }] : []),
    open: () => new Promise((resolve) => {
      video.addEventListener('loadedmetadata', () => resolve());
      video.src = url;
    }),
    show: () => {},
    sounds: () => [],
  };
}

window.players = { hls: hlsPlayer, shaka: shakaPlayer, dash: dashPlayer, native: nativePlayer };
