package step_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"testing"
)

// captured is a JPEG as an encoder's frame capture writes it, made by ffmpeg.
func captured(t *testing.T, source string) []byte {
	t.Helper()
	var out, said bytes.Buffer
	cmd := exec.Command("ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", source, "-frames:v", "1", "-pix_fmt", "yuvj420p", "-q:v", "4",
		"-c:v", "mjpeg", "-f", "image2pipe", "-")
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		t.Fatalf("ffmpeg: %v: %s", err, said.String())
	}
	return out.Bytes()
}

func TestARealFrameIsAPosterUnlessItIsBlack(t *testing.T) {
	white := captured(t, "color=white:size=640x360")
	for what, c := range map[string]struct {
		source string
		poster bool
	}{
		"black":                        {"color=black:size=640x360", false},
		"black with grain":             {"color=0x080808:size=640x360,noise=alls=14:all_seed=1", false},
		"a first glimpse":              {"testsrc2=size=640x360,colorlevels=romax=0.06:gomax=0.06:bomax=0.06", false},
		"a dark scene":                 {"mandelbrot=size=640x360,colorlevels=romax=0.2:gomax=0.2:bomax=0.2", true},
		"white letters on black":       {"color=black:size=640x360,drawgrid=w=60:h=40:t=4:c=white", true},
		"a small title on black":       {"color=black:size=640x360,drawbox=x=280:y=170:w=80:h=20:c=white:t=fill", true},
		"one dark blue":                {"color=0x000050:size=640x360", false}, // hardly any luma: 9 of 255
		"one grey":                     {"color=gray:size=640x360", true},
		"snow":                         {"color=gray:size=640x360,noise=alls=90:all_seed=1", true},
		"a test card":                  {"testsrc2=size=640x360", true},
		"a wide picture between bars":  {"testsrc2=size=640x200,pad=640:360:0:80", true},
		"a bright line at the bottom":  {"color=black:size=640x360,drawbox=x=0:y=330:w=640:h=30:c=white:t=fill", true},
		"a bright line at the top":     {"color=black:size=640x360,drawbox=x=0:y=0:w=640:h=30:c=white:t=fill", true},
		"a size that is no multiple":   {"testsrc2=size=635x357", true},
		"black of a size that is none": {"color=black:size=635x357", false},
	} {
		t.Run(what, func(t *testing.T) {
			w := encoded(t)
			name := func(i int) string { return fmt.Sprintf("%s/thumbnails/a_poster.%07d.jpg", guid, i) }
			w.destination.Put(name(1), captured(t, c.source))
			w.destination.Put(name(2), white)
			if err := publish(w); err != nil {
				t.Fatal(err)
			}
			chosen := 2
			if c.poster {
				chosen = 1
			}
			want(t, "poster", w.table.Record(guid).ThumbNails[0], "s3://destination/"+name(chosen))
		})
	}
}

// Job templates may have other encoders' frames. Pillow has made these, which
// ffmpeg cannot.
func TestAProgressiveJPEGIsLookedAtToo(t *testing.T) {
	w := encoded(t)
	for i, file := range []string{"progressive-black.jpg", "progressive.jpg"} {
		data, err := os.ReadFile("testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		w.destination.Put(fmt.Sprintf("%s/thumbnails/a_poster.%07d.jpg", guid, 1+i), data)
	}
	if err := publish(w); err != nil {
		t.Fatal(err)
	}
	want(t, "poster", w.table.Record(guid).ThumbNails[0], out("thumbnails/a_poster.0000002.jpg"))
}
