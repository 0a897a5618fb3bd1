package jpegluma_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"os/exec"
	"testing"

	"github.com/vodstack/vodstack/internal/jpegluma"
)

// measure is the mean and the deviation of a whole picture, by its blocks.
func measure(data []byte) (mean, deviation float64, err error) {
	var n, sum, squares float64
	err = jpegluma.Scan(data, func(b jpegluma.Block, _ int) bool {
		n, sum, squares = n+1, sum+b.Mean, squares+b.Mean*b.Mean+b.Variance
		return true
	})
	if n == 0 {
		return 0, 0, err
	}
	mean = sum / n
	return mean, math.Sqrt(max(squares/n-mean*mean, 0)), err
}

// decoded is the same by the pixels that the standard library makes of it.
func decoded(t *testing.T, data []byte) (mean, deviation float64) {
	t.Helper()
	picture, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	var n, sum, squares float64
	bounds := picture.Bounds()
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			luma := float64(color.GrayModel.Convert(picture.At(x, y)).(color.Gray).Y)
			n, sum, squares = n+1, sum+luma, squares+luma*luma
		}
	}
	mean = sum / n
	return mean, math.Sqrt(max(squares/n-mean*mean, 0))
}

// frame takes one frame of a made-up video with ffmpeg.
func frame(t *testing.T, source, format string, more ...string) []byte {
	t.Helper()
	args := append([]string{"-nostdin", "-v", "error", "-f", "lavfi", "-i", source, "-frames:v", "1", "-pix_fmt", format}, more...)
	var out, said bytes.Buffer
	cmd := exec.Command("ffmpeg", append(args, "-c:v", "mjpeg", "-strict", "-1", "-f", "image2pipe", "-")...)
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		t.Fatalf("ffmpeg: %v: %s", err, said.String())
	}
	return out.Bytes()
}

func agree(t *testing.T, data []byte) {
	t.Helper()
	mean, deviation, err := measure(data)
	if err != nil {
		t.Fatal(err)
	}
	wantMean, wantDeviation := decoded(t, data)
	if math.Abs(mean-wantMean) > 1.5 || math.Abs(deviation-wantDeviation) > 2 {
		t.Errorf("mean %.1f and deviation %.1f, by the pixels %.1f and %.1f", mean, deviation, wantMean, wantDeviation)
	}
}

func TestBlocksTellWhatThePixelsTell(t *testing.T) {
	cases := map[string]struct{ source, format string }{
		"a test card":               {"testsrc2=size=1280x720", "yuvj420p"},
		"a test card in 4:2:2":      {"testsrc2=size=640x360", "yuvj422p"},
		"a test card in 4:4:4":      {"testsrc2=size=640x360", "yuvj444p"},
		"an odd size":               {"testsrc2=size=641x363", "yuvj420p"},
		"a small one":               {"testsrc2=size=160x90", "yuvj420p"},
		"black":                     {"color=black:size=640x360", "yuvj420p"},
		"white":                     {"color=white:size=640x360", "yuvj420p"},
		"one colour":                {"color=0x3060a0:size=640x360", "yuvj420p"},
		"a gradient":                {"gradients=size=640x360:c0=black:c1=white:seed=1", "yuvj420p"},
		"a fractal":                 {"mandelbrot=size=640x360", "yuvj420p"},
		"noise on grey":             {"color=gray:size=640x360,noise=alls=40:all_seed=1", "yuvj420p"},
		"a little noise on black":   {"color=0x080808:size=640x360,noise=alls=12:all_seed=1", "yuvj420p"},
		"white letters on black":    {"color=black:size=640x360,drawgrid=w=40:h=20:t=2:c=white", "yuvj420p"},
		"a picture between bars":    {"testsrc2=size=640x272,pad=640:480:0:104", "yuvj420p"},
		"a dark one":                {"mandelbrot=size=640x360,colorlevels=romax=0.2:gomax=0.2:bomax=0.2", "yuvj420p"},
		"a title that just appears": {"color=black:size=640x360,drawbox=x=200:y=150:w=240:h=60:c=0x303030:t=fill", "yuvj420p"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { agree(t, frame(t, c.source, c.format)) })
	}
}

func TestEveryQualityAndRestartMarkersAreRead(t *testing.T) {
	for _, quality := range []string{"1", "2", "8", "31"} {
		agree(t, frame(t, "testsrc2=size=640x360", "yuvj420p", "-q:v", quality))
	}
	data := frame(t, "testsrc2=size=640x360", "yuvj420p", "-threads", "4", "-thread_type", "slice", "-slices", "4")
	if !bytes.Contains(data, []byte{0xff, 0xdd}) {
		t.Error("this ffmpeg writes no restart markers; the test shows nothing of them")
	}
	agree(t, data)
}

func TestGreyAndTheStandardLibrarysOwnAreRead(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	grey, colours := image.NewGray(image.Rect(0, 0, 101, 77)), image.NewRGBA(image.Rect(0, 0, 101, 77))
	for i := range grey.Pix {
		grey.Pix[i] = byte(random.IntN(256))
	}
	for i := range colours.Pix {
		colours.Pix[i] = byte(100 + random.IntN(100))
	}
	for _, picture := range []image.Image{grey, colours} {
		for _, quality := range []int{10, 80, 100} {
			var buf bytes.Buffer
			if err := jpeg.Encode(&buf, picture, &jpeg.Options{Quality: quality}); err != nil {
				t.Fatal(err)
			}
			mean, _, err := measure(buf.Bytes())
			if want, _ := decoded(t, buf.Bytes()); err != nil || math.Abs(mean-want) > 2 { // noise this strong is clipped
				t.Errorf("quality %d: mean %.1f, by the pixels %.1f, %v", quality, mean, want, err)
			}
		}
	}
}

func TestAScanEndsWhenEnoughIsSeen(t *testing.T) {
	data, seen := frame(t, "testsrc2=size=640x360", "yuvj420p"), 0
	err := jpegluma.Scan(data[:len(data)/2], func(_ jpegluma.Block, total int) bool {
		if total != 80*45 {
			t.Errorf("the picture has %d blocks", total)
		}
		seen++
		return seen < 100
	})
	if err != nil || seen != 100 {
		t.Errorf("%d blocks, %v", seen, err)
	}
}

func TestOtherKindsAreToldFromBrokenOnes(t *testing.T) {
	good := frame(t, "testsrc2=size=64x48", "yuvj420p")
	at := bytes.Index(good, []byte{0xff, 0xc0})
	for name, c := range map[string]struct {
		spoil       func([]byte) []byte
		unsupported bool
	}{
		"progressive":       {func(d []byte) []byte { d[at+1] = 0xc2; return d }, true},
		"arithmetic":        {func(d []byte) []byte { d[at+1] = 0xc9; return d }, true},
		"12 bits":           {func(d []byte) []byte { d[at+4] = 12; return d }, true},
		"cut off":           {func(d []byte) []byte { return d[:len(d)*3/4] }, false},
		"no JPEG":           {func([]byte) []byte { return []byte("no jpeg") }, false},
		"nothing":           {func([]byte) []byte { return nil }, false},
		"larger than it is": {func(d []byte) []byte { copy(d[at+5:], []byte{0xff, 0xff, 0xff, 0xff}); return d }, false},
	} {
		_, _, err := measure(c.spoil(bytes.Clone(good)))
		if err == nil || errors.Is(err, jpegluma.ErrUnsupported) != c.unsupported {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What lies in the bucket may be anybody's where a template's outputs do.
func FuzzNoInputIsTooMuch(f *testing.F) {
	var buf bytes.Buffer
	picture := image.NewGray(image.Rect(0, 0, 24, 16))
	if err := jpeg.Encode(&buf, picture, nil); err != nil {
		f.Fatal(err)
	}
	f.Add(buf.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		_ = jpegluma.Scan(data, func(b jpegluma.Block, total int) bool {
			if b.Mean < 0 || b.Mean > 255 || b.Variance < 0 || total < 1 {
				t.Fatalf("a block of mean %f and variance %f of %d", b.Mean, b.Variance, total)
			}
			return true
		})
	})
}

func BenchmarkScan(b *testing.B) {
	data := frame(&testing.T{}, "testsrc2=size=1280x720", "yuvj420p", "-q:v", "4")
	b.Run("blocks", func(b *testing.B) {
		for b.Loop() {
			_, _, _ = measure(data)
		}
	})
	b.Run("pixels", func(b *testing.B) {
		for b.Loop() {
			_, _ = jpeg.Decode(bytes.NewReader(data))
		}
	})
}
