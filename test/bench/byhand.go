package main

import "strings"

// handWritten is one ffmpeg command for what a default job of the car clip
// makes: three rungs and sound as CMAF, an MP4 that shares the top rung's
// encode, thumbnails every five seconds, and twelve frames to choose the
// poster from. One decode, one encode of each, nothing uploaded, no
// playlist of playlists, no DASH manifest.
func handWritten(source string) []string {
	args := words("-hide_banner -nostdin -v error -y -i")
	args = append(args, source, "-filter_complex", strings.Join([]string{
		"[0:v:0]fps=25/2,format=yuv420p,split=5[a][b][c][d][e]",
		"[a]scale=768:432:flags=bicubic,setsar=1[v0]", "[b]scale=640:360:flags=bicubic,setsar=1[v1]",
		"[c]scale=480:270:flags=bicubic,setsar=1[v2]",
		"[d]fps=1/5:round=up,scale=768:432,format=yuvj420p[thumbs]",
		"[e]fps=12/60:round=up,scale=768:432,format=yuvj420p[posters]",
		"[0:a:0]aresample=48000,aformat=sample_fmts=fltp:channel_layouts=stereo[a0]",
	}, ";"))
	args = append(args, words("-map [v0] -map [v1] -map [v2] -c:v libx264 -preset veryfast -profile:v high "+
		"-crf:v:0 21 -maxrate:v:0 2300k -bufsize:v:0 4600k -crf:v:1 23 -maxrate:v:1 1500k -bufsize:v:1 3000k -crf:v:2 23 -maxrate:v:2 400k -bufsize:v:2 800k "+
		"-g 38 -force_key_frames expr:gte(t,n_forced*3) -x264-params open-gop=0:scenecut=0:b-pyramid=none "+
		"-map [a0] -c:a aac -b:a 128k -flags +cgop+global_header -map_metadata -1 -f tee")...)
	args = append(args, strings.Join([]string{
		fragments("v:0", "432p", ""), fragments("v:1", "360p", ""), fragments("v:2", "270p", ""),
		fragments("a:0", "audio", `:bsfs/a=noise=drop=eq(n\\\\,0)`),
		`[select=\'v:0,a:0\':f=mp4:movflags=+faststart]car.mp4`,
	}, "|"))
	args = append(args, words("-map [thumbs] -c:v mjpeg -q:v 4 -start_number 0 -f image2 thumb.%07d.jpg")...)
	return append(args, words("-map [posters] -c:v mjpeg -q:v 4 -start_number 0 -f image2 poster.%07d.jpg")...)
}

// fragments is one rendition's part of the tee muxer.
func fragments(stream, name, more string) string {
	return `[select=\'` + stream + `\'` + ":f=hls:hls_segment_type=fmp4:hls_time=6:hls_playlist_type=vod:hls_list_size=0:start_number=1" +
		":hls_flags=independent_segments:avoid_negative_ts=disabled:hls_segment_options=use_editlist=0\\\\\\:movflags=+negative_cts_offsets" +
		":hls_fmp4_init_filename=" + name + "init.mp4:hls_segment_filename=" + name + "_%09d.mp4" + more + "]" + name + ".m3u8"
}

// words splits a command at its spaces.
func words(command string) []string { return strings.Fields(command) }
