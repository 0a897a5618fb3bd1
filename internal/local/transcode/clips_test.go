package transcode

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

var clipDir string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "transcode-clips-")
	if err != nil {
		panic(err)
	}
	clipDir = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

const (
	pattern = "-f lavfi -i testsrc2=s=320x180:r=25:d=4 "
	tone    = "-f lavfi -i sine=f=440:r=48000:d=4 "
	halves  = "-f lavfi -i color=red:s=80x120:r=25:d=2 -f lavfi -i color=blue:s=80x120:r=25:d=2 -filter_complex hstack "
	x264    = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p "

	// bright is a picture without dark parts: there HLG is nearly SDR. Its
	// white is 203 cd/m² in HDR, as ITU-R BT.2408 has it.
	bright = "-f lavfi -i testsrc2=s=320x180:r=25:d=0.4 -vf " +
		"lutyuv=y=140+val*95/255:u=128+(val-128)/4:v=128+(val-128)/4,setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv"
	linear = ",zscale=tin=bt709:pin=bt709:min=bt709:rin=tv:t=linear:npl=203,format=gbrpf32le,zscale=p=bt2020"
	pq     = bright + linear + ",zscale=t=smpte2084:m=bt2020nc:r=tv:npl=203 " + x265 + "smpte2084"
	hlg    = bright + linear + ",zscale=t=arib-std-b67:m=bt2020nc:r=tv:npl=203 " + x265 + "arib-std-b67"
	x265   = "-c:v libx265 -preset ultrafast -crf 10 -pix_fmt yuv420p10le -x265-params log-level=error:colorprim=bt2020:colormatrix=bt2020nc:transfer="
)

// recipes are ffmpeg's arguments for each clip; the clip's name is added.
// ffmpeg's own rotate=270 is a quarter turn clockwise, as phones have it.
// %D is the folder of the clips: a recipe that reads another clip names it
// there.
var recipes = map[string]string{
	"silent.mp4":     pattern + x264,
	"ntsc.mp4":       "-f lavfi -i testsrc2=s=320x180:r=30000/1001:d=4 " + tone + x264 + "-c:a aac",
	"beep.mov":       pattern + "-f lavfi -i aevalsrc=if(between(t\\,2\\,2.2)\\,0.8*sin(2*PI*1000*t)\\,0):s=48000:d=4 " + x264 + "-c:a pcm_s16le",
	"upright.mp4":    "-i %D/halves.mp4 -c copy -metadata:s:v rotate=270",
	"halves.mp4":     halves + x264,
	"full.mp4":       strings.ReplaceAll(halves+x264, "yuv420p", "yuv444p"),
	"fullup.mp4":     "-i %D/full.mp4 -c copy -metadata:s:v rotate=270",
	"sound.m4a":      tone + "-c:a aac",
	"cover.mp3":      tone + "-f lavfi -i color=red:s=300x300 -frames:v 1 -c:v mjpeg -c:a libmp3lame -disposition:v attached_pic",
	"two.mkv":        pattern + tone + "-f lavfi -i sine=f=880:d=4 -map 0 -map 1 -map 2 " + x264 + "-c:a aac -metadata:s:a:0 language=eng -metadata:s:a:1 language=fra",
	"monos.mov":      pattern + "-f lavfi -i sine=f=440:r=48000:d=4 -f lavfi -i aevalsrc=0:s=48000:d=4 -map 0 -map 1 -map 2 " + x264 + "-c:a pcm_s16le -ac 1",
	"surround.mkv":   pattern + "-f lavfi -i anoisesrc=d=4:a=0.1:r=48000 -af pan=5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0 " + x264 + "-c:a ac3",
	"anamorphic.mp4": "-f lavfi -i testsrc2=s=180x144:r=25:d=2 -vf setsar=64/45 " + x264,
	"anamorphic.ts":  "-f lavfi -i testsrc2=s=180x144:r=25:d=2 -vf setsar=64/45 " + x264,
	"anamorphic.mpg": "-f lavfi -i testsrc2=s=720x576:r=25:d=1 -vf setdar=16/9 -c:v mpeg2video -b:v 2M -f vob",
	"odd.mkv":        "-f lavfi -i testsrc2=s=161x91:r=25:d=2 -c:v libx264 -preset ultrafast -pix_fmt yuv444p",
	"prores.mov":     "-f lavfi -i testsrc2=s=320x180:r=25:d=1 -c:v prores_ks -pix_fmt yuv422p10le",
	"hdr.mov": "-f lavfi -i testsrc2=s=320x180:r=25:d=1 -c:v libx265 -preset ultrafast -pix_fmt yuv420p10le -tag:v hvc1 " +
		"-x265-params log-level=error:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc",
	"sdr.mp4": bright + " " + x264,
	"pq.mp4":  pq, "pq.mkv": pq, "hlg.mov": hlg, "hlg.ts": hlg,
	"shortsound.mp4":  pattern + "-f lavfi -i sine=d=2 " + x264 + "-c:a aac",
	"longsound.mp4":   "-f lavfi -i testsrc2=s=320x180:r=25:d=2 " + tone + x264 + "-c:a aac",
	"latesound.mp4":   pattern + "-itsoffset 1.5 -f lavfi -i sine=d=2.5 " + x264 + "-c:a aac",
	"aframelate.mkv":  "-itsoffset 0.04 -f lavfi -i testsrc2=s=320x180:r=25:d=2 " + tone + x264 + "-c:a aac",
	"latepicture.mp4": "-itsoffset 1.5 -f lavfi -i testsrc2=s=320x180:r=25:d=2.5 " + tone + x264 + "-c:a aac",
	"frame.mp4":       "-f lavfi -i testsrc2=s=320x180:r=25:d=0.04 " + x264,
	"half.mp4":        "-f lavfi -i testsrc2=s=320x180:r=25:d=0.5 -f lavfi -i sine=d=0.5 " + x264 + "-c:a aac",
	"uneven.mp4":      pattern + "-vf select=not(mod(n\\,3))+gt(mod(n\\,7)\\,4) -vsync vfr " + x264,
	"wide.ts":         pattern + x264,
	"square.ts":       "-f lavfi -i testsrc2=s=180x180:r=25:d=2 " + x264,
	"dts.mkv":         pattern + tone + x264 + "-c:a dca -strict -2",
	"live.webm":       "-f lavfi -i testsrc2=s=320x180:r=25:d=2 -c:v libvpx -deadline realtime",
	"interlaced.ts":   pattern + "-vf interlace -c:v mpeg2video -flags +ilme+ildct -b:v 2M",
	"faststart.mp4":   "-i %M/car-768x432-aac.mp4 -c copy -movflags +faststart",
	"long.mp4":        "-f lavfi -i testsrc2=s=640x360:r=25:d=60 " + x264,
	"still.jpg":       "-i %M/car-768x432-aac.mp4 -frames:v 1 -f mjpeg",
	"still.png":       "-i %M/car-768x432-aac.mp4 -frames:v 1 -c:v png -f image2",
}

var clipLocks sync.Map

// clip makes a clip the first time it is asked for. A name with no recipe is
// one of the repository's own.
func clip(t *testing.T, name string) string {
	t.Helper()
	recipe, known := recipes[name]
	if !known {
		return filepath.Join(mediaDir(t), name)
	}
	lock, _ := clipLocks.LoadOrStore(name, &sync.Mutex{})
	lock.(*sync.Mutex).Lock()
	defer lock.(*sync.Mutex).Unlock()
	path := filepath.Join(clipDir, name)
	if _, err := os.Stat(path); err == nil {
		return path
	}
	switch name {
	case "upright.mp4":
		clip(t, "halves.mp4")
	case "fullup.mp4":
		clip(t, "full.mp4")
	}
	args := []string{"-v", "error", "-nostdin", "-y"}
	for _, a := range strings.Fields(recipe) {
		args = append(args, strings.NewReplacer("%D", clipDir, "%M", mediaDir(t)).Replace(a))
	}
	if out, err := exec.Command("ffmpeg", append(args, path)...).CombinedOutput(); err != nil {
		t.Fatalf("make %s: %v\n%s", name, err, out)
	}
	return path
}

// mediaDir is the repository's folder of real clips.
func mediaDir(t *testing.T) string {
	dir, err := filepath.Abs("../../../media")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// written puts bytes into a file of that name.
func written(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func contents(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
